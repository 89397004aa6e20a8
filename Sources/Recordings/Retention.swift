public import Base
public import Catalog

/// A recording that is kept.
public struct KeptRecording: Sendable, Hashable {
  public let id: ULID
  public let client: String
  public let recording: Recording
  public let byteCount: Int

  public init(id: ULID, client: String, recording: Recording, byteCount: Int) {
    (self.id, self.client, self.recording, self.byteCount) = (id, client, recording, byteCount)
  }
}

/// A time of a stream of which nothing is removed, in milliseconds since 1970.
public struct HeldTime: Sendable, Hashable {
  public let client: String
  public let stream: String
  public let range: ClosedRange<Int>

  public init(client: String, stream: String, range: ClosedRange<Int>) {
    (self.client, self.stream, self.range) = (client, stream, range)
  }
}

/// What of recordings is kept, for how long, and how much.
public struct RetentionRules: Sendable, Hashable {
  /// Seconds, of streams that do not say it.
  public var keep: [Recording.Kind: Double] = [.continuous: 7 * 86_400, .clip: 30 * 86_400]
  /// Bytes of all recordings together; `nil` for as much as the disk has.
  public var space: Int?
  /// Bytes of the disk that stay free.
  public var free = 1 << 30

  public init() {}

  /// As usual, with no more free than a sixteenth of the disk.
  public init(onDiskOf folder: String) throws(Fault) {
    free = min(free, max(1 << 20, try FileSystem.wholeByteCount(in: folder) / 16))
  }
}

/// Decides what is removed: what is too old, then the oldest where there is too much, and never what is held.
///
/// A value; moments are in milliseconds since 1970.
struct Retention {
  struct Stream: Hashable {
    let client: String
    let stream: String
    let kind: Recording.Kind
  }

  struct Limit {
    var keep: Double?
    var space: Int?
  }

  var rules = RetentionRules()
  /// Of streams that say it.
  var limits: [Stream: Limit] = [:]
  var held: [HeldTime] = []
  /// Streams that say nothing, because they are another server's or are not taken up yet, are judged as well.
  var judgesAll = true
  /// What is removed frees the disk that is short.
  var freesDisk = true
  /// Free bytes of the disk that somebody else waits for: made where what may be removed suffices, and never lacking.
  var asked = 0

  struct Plan: Equatable {
    /// The oldest first.
    var remove: [KeptRecording] = []
    /// Bytes that are too many still, though nothing more may be removed.
    var lacking = 0
  }

  /// `free` are the disk's free bytes, `open` those of recordings that are not among the kept ones yet; `wanted` ones are to be written next.
  func plan(_ kept: [KeptRecording], now: Int, free: Int, open: Int, wanted: Int) -> Plan {
    let kept = kept.sorted { ($0.recording.from, $0.id) < ($1.recording.from, $1.id) }
    var plan = Plan()
    var loose: [KeptRecording] = []
    var sums: [Stream: Int] = [:]
    var total = 0
    for one in kept {
      sums[Self.stream(of: one), default: 0] += one.byteCount
      total += one.byteCount
      if !isHeld(one) { loose.append(one) }
    }
    var removed = 0
    for one in loose {
      let stream = Self.stream(of: one)
      guard judgesAll || limits[stream] != nil else { continue }
      let keep = limits[stream]?.keep ?? rules.keep[one.recording.kind] ?? .infinity
      let isOld = Double(one.recording.to) < Double(now) - keep * 1000
      guard isOld || sums[stream]! > limits[stream]?.space ?? .max else { continue }
      sums[stream]! -= one.byteCount
      removed += one.byteCount
      plan.remove.append(one)
    }
    let gone = Set(plan.remove.map(\.id))
    /// Bytes that are too many in all, and on the disk, once so many were removed.
    func tooMuch() -> Int { rules.space.map { total + open + wanted - $0 - removed } ?? 0 }
    func short() -> Int { rules.free + wanted - free - (freesDisk ? removed : 0) }
    for one in loose where !gone.contains(one.id) && max(tooMuch(), freesDisk ? short() : 0) > 0 {
      removed += one.byteCount
      plan.remove.append(one)
    }
    plan.lacking = max(0, tooMuch(), short())
    let missing = asked - free - removed
    if freesDisk, missing > 0 {
      let gone = Set(plan.remove.map(\.id))
      plan.remove += Self.oldest(loose.filter { !gone.contains($0.id) }, of: missing)
    }
    return plan
  }

  /// As many of the first ones as have so many bytes together; none where all have less.
  private static func oldest(_ kept: [KeptRecording], of byteCount: Int) -> [KeptRecording] {
    var (sum, first) = (0, [KeptRecording]())
    for one in kept where sum < byteCount {
      sum += one.byteCount
      first.append(one)
    }
    return sum < byteCount ? [] : first
  }

  private func isHeld(_ one: KeptRecording) -> Bool {
    held.contains { time in
      time.stream == one.recording.stream && time.client == one.client && time.range.lowerBound < one.recording.to
        && time.range.upperBound > one.recording.from
    }
  }

  private static func stream(of one: KeptRecording) -> Stream {
    Stream(client: one.client, stream: one.recording.stream, kind: one.recording.kind)
  }
}
