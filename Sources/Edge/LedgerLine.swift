internal import Base
internal import Catalog
internal import Items

/// One row of what a node forwards, in which nothing overtakes anything: events of a stream, its pictures, its clips; analyses.
///
/// Rows do not wait for each other, so that an event does not wait for a film.
public struct LedgerLine: Sendable, Hashable {
  /// What goes first stands first.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case event
    /// Of the best moments of events.
    case picture
    /// Of films, whatever found it: all of a node in one line.
    case analysis
    /// Recordings that were asked for.
    case asked
    /// Of events.
    case clip

    /// Of each entry the bytes of objects go before it.
    var hasBytes: Bool { self != .event }

    /// Each entry goes by itself, as what it is about is large; the others go together.
    var isAlone: Bool { self != .event && self != .picture }
  }

  public let kind: Kind
  /// As the node calls it.
  public let stream: String

  public init(_ kind: Kind, _ stream: String) { (self.kind, self.stream) = (kind, stream) }

  /// That of analyses, which are of no stream.
  public static let analyses = LedgerLine(.analysis, "jobs")

  /// `event#dock`.
  public var text: String { CompositeKey.joined(kind.rawValue, stream) }

  /// `nil` for any other text than one that ``text`` gives.
  public init?(_ text: String) {
    let parts = CompositeKey.parts(of: text)
    guard parts.count == 2, let kind = Kind(rawValue: parts[0]) else { return nil }
    self.init(kind, parts[1])
    guard self.text.hasSameBytes(as: text) else { return nil }
  }

  public static func == (a: LedgerLine, b: LedgerLine) -> Bool {
    a.kind == b.kind && a.stream.hasSameBytes(as: b.stream)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    for byte in stream.utf8 { hasher.combine(byte) }
  }

  /// Of a stream as a node may call its own, or of the server itself; none of another node's.
  var isOfNode: Bool { PlainName.isValid(stream) || stream == StreamEvent.serverStream }

  /// In the order in which they go.
  static func goesFirst(_ a: LedgerLine, _ b: LedgerLine) -> Bool {
    let (first, second) = (Kind.allCases.firstIndex(of: a.kind)!, Kind.allCases.firstIndex(of: b.kind)!)
    return first == second ? a.stream.isBefore(b.stream) : first < second
  }
}
