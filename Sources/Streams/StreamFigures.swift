public import Base
public import Pipelines

/// Where a stream stands.
public enum StreamState: String, Sendable, Hashable, CaseIterable {
  case connecting
  /// Pictures come.
  case live
  /// None came for a while, though nobody hung up.
  case stalled
  /// It is tried again soon.
  case waiting
  /// It is tried again now and then, because somebody has to do something about it first.
  case failed
  /// A film was played to its end.
  case ended
}

/// What was seen of a stream since it was added: every picture that came is in exactly one of these counts.
public struct StreamFigures: Sendable, Hashable {
  /// Why a picture was not looked at, or what was found is not told.
  public enum Drop: String, Sendable, Hashable, CaseIterable {
    /// It could not be decoded.
    case undecoded
    /// Something of it, or of the pictures that it is made from, never came: it shows what is not there.
    case damaged
    /// A newer one came before its turn.
    case replaced
    /// The pipeline looks at fewer, or the machine is too small for all; it may not have been decoded.
    case sampled
    /// Nothing moved.
    case still
    /// It was, or became, older than the stream's budget.
    case late
    /// A network failed, or took no more.
    case failed
    /// A unit on another host had it, and gave no answer in time.
    case lost
    /// Its source was gone, or the stream ended, before it was looked at.
    case cut
  }

  public enum Thrift: String, Sendable, Hashable, CaseIterable {
    case none
    /// Pictures that no other one is made from.
    case unreferenced
    /// All but key frames.
    case keys
    /// What is not needed for the pictures that are looked at.
    case unwanted
  }

  /// Where an address stands that is only shown.
  public struct View: Sendable, Hashable {
    public var state: StreamState
    public var reason: String?
  }

  /// A time without pictures.
  public struct Gap: Sendable, Hashable {
    /// Seconds since 1970.
    public var from: Double
    /// `nil` while it lasts.
    public var to: Double?
    public var reason: String
  }

  public var state = StreamState.connecting
  /// Why it is not live.
  public var reason: String?
  /// When the state began, in seconds since 1970.
  public var since = 0.0
  public var codec = ""
  public var size = Size(width: 0, height: 0)
  /// Pictures that came.
  public var received = 0
  /// Those of them with which decoding may begin.
  public var keys = 0
  public var decoded = 0
  /// When it was last seen that pictures came while it was live, in monotonic nanoseconds; `nil` for never.
  public var latest: UInt64?
  /// Pictures whose predictions were told in time.
  public var delivered = 0
  /// Pictures that the networks answered, told or not, and seconds from their turn to their answer, of all of them together.
  public var looked = 0
  public var lookTime = 0.0
  /// Seconds of a processor that receiving and decoding took.
  public var processorTime = 0.0
  /// Which pictures are looked at.
  public var sampling = Sampling.all
  /// How the address does that is shown, where that is another one.
  public var view: View?
  /// What the decoder passes over to save work.
  public var thrift = Thrift.none
  public var drops: [Drop: Int] = [:]
  /// Pictures with parts missing, and packets that never came; they are decoded all the same.
  public var incomplete = 0
  public var lostPackets = 0
  /// How often the source's times jumped, and how often it was connected to.
  public var jumps = 0
  public var connections = 0
  /// Milliseconds by which the source's own clock is ahead of this machine's, where it tells the time.
  public var clockOffset: Int?
  /// Age of what was told: from the taking of the picture to its predictions.
  public var ages = AgeHistogram()
  /// What zones, lines and rules counted since the source was connected to; `nil` where there are none.
  public var scene: SceneCounts?
  /// What of its events was not kept.
  public var events = EventLosses()
  /// The latest, at most ``mostGaps``.
  public var gaps: [Gap] = []

  public static let mostGaps = 100

  public init() {}

  mutating func drop(_ reason: Drop, _ count: Int = 1) { drops[reason, default: 0] += count }

  /// Pictures that are on their way now.
  public var inFlight: Int { max(0, received - delivered - drops.values.reduce(0, +)) }

  /// Whether pictures that can be decoded came within the last so many seconds before `now`, in monotonic nanoseconds; not of a film that is at its end.
  public func hasPictures(within seconds: Double, now: UInt64) -> Bool {
    guard state != .ended, let latest else { return false }
    return Double(now) - Double(latest) < seconds * 1e9
  }

  mutating func enter(_ state: StreamState, _ reason: String?, now: Double) {
    guard state != self.state || reason != self.reason else { return }
    if state == .ended {
      gaps.removeAll { $0.to == nil }
    } else if state != .live, self.state == .live || gaps.isEmpty {
      gaps.append(Gap(from: now, to: nil, reason: reason ?? state.rawValue))
      if gaps.count > Self.mostGaps { gaps.removeFirst() }
    } else if state == .live, let last = gaps.indices.last, gaps[last].to == nil {
      gaps[last].to = now
    } else if let reason, let last = gaps.indices.last, gaps[last].to == nil {
      gaps[last].reason = reason
    }
    (self.state, self.reason, since) = (state, reason, now)
  }
}

/// How old results were, counted by milliseconds: exact to one up to a second, to three digits above.
public struct AgeHistogram: Sendable, Hashable {
  public private(set) var count = 0
  /// Milliseconds of all together.
  public private(set) var sum = 0.0
  private var buckets: [Int: Int] = [:]

  public init() {}

  public mutating func add(milliseconds: Double) {
    count += 1
    sum += milliseconds
    buckets[Self.bucket(milliseconds), default: 0] += 1
  }

  public mutating func add(_ other: AgeHistogram) {
    count += other.count
    sum += other.sum
    buckets.merge(other.buckets, uniquingKeysWith: +)
  }

  /// The age that this share of results did not exceed, in milliseconds; `nil` where there are none.
  public func quantile(_ share: Double) -> Int? {
    var left = max(1, Int((Double(count) * share).rounded(.up)))
    for (bucket, number) in buckets.sorted(by: { $0.key < $1.key }) {
      left -= number
      if left <= 0 { return bucket }
    }
    return nil
  }

  /// The ages since another look at the same histogram.
  public func since(_ earlier: AgeHistogram) -> AgeHistogram {
    var rest = self
    rest.count -= earlier.count
    rest.sum -= earlier.sum
    for (bucket, number) in earlier.buckets { rest.buckets[bucket, default: 0] -= number }
    return rest
  }

  /// How many were at most as old as each bound, in milliseconds, and older than the one before; in the end those beyond the last.
  public func counts(upTo bounds: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: bounds.count + 1)
    for (bucket, number) in buckets { counts[bounds.firstIndex { bucket <= $0 } ?? bounds.count] += number }
    return counts
  }

  private static func bucket(_ milliseconds: Double) -> Int {
    let whole = Int(min(max(milliseconds, 0), 1e7).rounded(.up))
    var step = 1
    while whole / step >= 1000 { step *= 10 }
    return (whole + step - 1) / step * step
  }
}
