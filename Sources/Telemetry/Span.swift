public import Base

/// A piece of work that was done: of whose trace it is, when it was, and what is to be said of it.
public struct Span: Sendable {
  /// What it is to others, by OTLP's numbers.
  public enum Kind: Int, Sendable {
    case `internal` = 1
    case server
    case client
    case producer
    case consumer
  }

  /// The same for all work of its kind, so that there are few: what differs stands in the attributes.
  public var name: String
  public var kind: Kind
  /// Its trace, with its own number as ``Trace/parent`` of what was done within it.
  public var place: Trace
  /// The number of the span within which it was done; `nil` where the trace begins with it.
  public var parent: UInt64?
  /// Monotonic nanoseconds, as `Clock.now` has them.
  public var start: UInt64
  public var end: UInt64
  public var attributes: [Attribute]
  /// Other work that it has to do with, such as requests of the same batch.
  public var links: [Trace] = []
  /// Why it failed.
  public var error: String?
  /// Of the caller's header `tracestate`; empty without one.
  public var state = ""

  public init(
    _ name: String, _ kind: Kind = .internal, at place: Trace, parent: UInt64?, from start: UInt64, to end: UInt64,
    _ attributes: [Attribute] = []
  ) {
    (self.name, self.kind, self.place, self.parent) = (name, kind, place, parent)
    (self.start, self.end, self.attributes) = (start, max(start, end), attributes)
  }
}

/// A line for a log, and whose trace it belongs to.
public struct LogRecord: Sendable {
  /// How grave it is, by OTLP's numbers.
  public enum Severity: Int, Sendable {
    case information = 9
    case warning = 13
    case error = 17

    var text: String {
      switch self {
      case .information: "INFO"
      case .warning: "WARN"
      case .error: "ERROR"
      }
    }
  }

  public var severity: Severity
  public var text: String
  public var attributes: [Attribute]
  /// The trace, with the number of the span that it belongs to.
  public var place: Trace?
  /// Monotonic nanoseconds.
  public var moment: UInt64

  /// Bytes of a text, about: a longer one is cut.
  public static let mostBytes = 4096

  public init(_ severity: Severity, _ text: String, _ attributes: [Attribute] = [], at place: Trace? = nil) {
    (self.severity, self.attributes, self.place, moment) = (severity, attributes, place, Clock.now)
    self.text = text.cut(to: Self.mostBytes)
  }
}

/// A name and what is said under it.
public struct Attribute: Sendable, Hashable {
  public enum Value: Sendable, Hashable {
    case text(String)
    case number(Int)
    case flag(Bool)
  }

  /// Bytes of a text, about: a longer one is cut.
  public static let mostBytes = 1024

  public let name: String
  public let value: Value

  public init(_ name: String, _ text: String) { (self.name, value) = (name, .text(text.cut(to: Self.mostBytes))) }
  public init(_ name: String, _ number: Int) { (self.name, value) = (name, .number(number)) }
  public init(_ name: String, _ flag: Bool) { (self.name, value) = (name, .flag(flag)) }
}

extension String {
  /// Whole characters of at most so many bytes.
  func cut(to count: Int) -> String {
    guard utf8.count > count else { return self }
    var end = utf8.index(utf8.startIndex, offsetBy: count)
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
