public import Base
internal import Items
internal import JSON

/// What of a live stream an asset holds.
public struct Recording: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Of an event, with what was before and behind it.
    case clip
    /// A segment of all that came.
    case continuous
  }

  public var stream: String
  public var kind: Kind
  /// When the first picture is shown, and the end of the last one, in milliseconds since 1970.
  public var from: Int
  public var to: Int
  /// Of a clip.
  public var event: ULID?
  /// Times in it for which there is no picture, likewise; the film stands still there.
  public var gaps: [Gap] = []

  public struct Gap: Sendable, Hashable {
    public var from: Int
    public var to: Int

    public init(from: Int, to: Int) { (self.from, self.to) = (from, to) }
  }

  public init(stream: String, kind: Kind, from: Int, to: Int, event: ULID? = nil) {
    (self.stream, self.kind, self.from, self.to, self.event) = (stream, kind, from, to, event)
  }

  /// Faults are `badInput`: a time that ends before it begins.
  public func check() throws(Fault) {
    guard from <= to, gaps.allSatisfy({ $0.from <= $0.to }) else {
      throw Fault(.badInput, "a recording of '\(stream.prefix(100))', or a gap in it, ends before it begins")
    }
  }

  /// The same of a stream that is called otherwise, by a clock that is so many milliseconds ahead.
  public func moved(to stream: String, by skew: Int) -> Recording {
    var moved = self
    (moved.stream, moved.from, moved.to) = (stream, max(0, from + skew), max(0, to + skew))
    moved.gaps = gaps.map { Gap(from: max(0, $0.from + skew), to: max(0, $0.to + skew)) }
    return moved
  }
}

extension Recording {
  /// The members that an asset's JSON has of it.
  func write(into json: inout JSONWriter) {
    json.field("stream", stream)
    json.field("recording", kind.rawValue)
    json.field("from", CompositeKey.time(milliseconds: from))
    json.field("to", CompositeKey.time(milliseconds: to))
    json.field("event", ifKnown: event?.text)
    guard !gaps.isEmpty else { return }
    json.array("gaps") { json in
      for gap in gaps {
        json.object { json in
          json.field("from", CompositeKey.time(milliseconds: gap.from))
          json.field("to", CompositeKey.time(milliseconds: gap.to))
        }
      }
    }
  }

  private enum GapKey: String, CaseIterable { case from, to }

  init?(_ fields: JSONFields<Asset.Key>) throws(Fault) {
    guard let kind = fields[.recording] else { return nil }
    self.init(
      stream: try fields.required(.stream).string(), kind: try kind.choice(),
      from: try fields.required(.from).moment(), to: try fields.required(.to).moment())
    if let value = fields[.event] {
      guard let id = ULID(try value.string()) else { throw value.fault("this is no event's id") }
      event = id
    }
    guard let list = fields[.gaps] else { return }
    for value in try list.elements() {
      let sides = try value.fields(GapKey.self)
      gaps.append(Gap(from: try sides.required(.from).moment(), to: try sides.required(.to).moment()))
    }
  }
}

/// How an event's clip is cut.
public struct ClipPolicy: Sendable, Hashable {
  /// Seconds that are in it before the event, and behind it.
  public var before = 5.0
  public var after = 5.0
  /// Seconds that it is long at most.
  public var most = 60.0
  /// For how many seconds clips are kept, and how many bytes of them; `nil` for as the server has it.
  public var keep: Double?
  public var space: Int?

  public init() {}

  /// What may be asked for.
  public static let (rolls, lengths) = (0.0...30, 1.0...3600)
}

/// How all that comes of a stream is recorded.
public struct RecordPolicy: Sendable, Hashable {
  /// Seconds after which another segment begins, with a key frame.
  public var segment = 300.0
  /// For how many seconds segments are kept, and how many bytes of them; `nil` for as the server has it.
  public var keep: Double?
  public var space: Int?

  public init() {}

  /// What may be asked for.
  public static let (segments, ages, spaces) = (1.0...3600, 1.0...3.2e9, 1 << 20...1 << 60)
}

/// A clip that was to be kept of an event, and is not.
public struct DiscardedClip: Sendable, Hashable {
  public let client: String
  public let stream: String
  public let event: ULID
  public let reason: String

  public init(client: String, stream: String, event: ULID, reason: String) {
    (self.client, self.stream, self.event, self.reason) = (client, stream, event, reason)
  }
}

/// What of a stream was recorded, and what was not.
public struct RecordingFigures: Sendable, Hashable {
  /// All that comes is recorded; else clips alone.
  public var isContinuous = false
  /// Files that are being written, and those that are yet to be made assets.
  public var open = 0
  public var waiting = 0
  /// Clips and segments that became assets, and bytes that were written.
  public var clips = 0
  public var segments = 0
  public var byteCount = 0
  /// Pictures that were not written though they should have been, and files that came to nothing.
  public var lost = 0
  public var failed = 0
  /// Why something was lost last, and when, in seconds since 1970.
  public var reason: String?
  public var at: Double?
  /// Nothing is recorded now, for that reason.
  public var isStopped = false

  public init() {}
}
