internal import Base
internal import Catalog

/// What a process remembers of the places that it watches; what counts stands in the library.
struct WatchMemory {
  /// Nanoseconds for which a file is left alone that cannot be read, and one that may not be.
  static let (shortRest, longRest): (UInt64, UInt64) = (60_000_000_000, 600_000_000_000)

  private struct Seen {
    var state: ShortDigest
    /// Monotonic nanoseconds.
    var since: UInt64
    var round: UInt32
    /// It was taken, or cannot be read: nothing is done with it before.
    var rest: UInt64 = 0
    var misses: UInt8 = 0
  }

  /// What is remembered of one place: at most 200 bytes for each of its files.
  struct Place {
    private var seen: [ShortDigest: Seen] = [:]
    /// Counts looks that came to the end.
    private var round: UInt32 = 0
    /// The file where a look rests that has not come to the end.
    var position: String?
    /// Since the round began, and at the end of the last one, everything was dealt with.
    private(set) var isWhole = true
    private var (next, nextForgetting): (UInt64, UInt64) = (0, 0)
    private static let forgetting: UInt64 = 3_600_000_000_000

    /// Files that have not changed for long enough and are not done, as far as is known here; `false` where others still change.
    mutating func settled(_ found: [FoundFile], _ settling: Double, at now: UInt64) -> ([FoundFile], isSettled: Bool) {
      var (files, isSettled) = ([FoundFile](), true)
      for file in found {
        let (key, state) = (ShortDigest(file.inner), ShortDigest(file.state))
        var one = seen[key] ?? Seen(state: state, since: now, round: round)
        if one.state != state { one = Seen(state: state, since: now, round: round) }
        one.round = round
        seen[key] = one
        guard one.rest <= now, file.byteCount > 0 else { continue }
        if Double(now - one.since) / 1e9 >= settling { files.append(file) } else { isSettled = false }
      }
      return (files, isSettled)
    }

    mutating func finish(_ file: FoundFile, until rest: UInt64) { seen[ShortDigest(file.inner)]?.rest = rest }

    /// How often the file was not what it was listed as.
    mutating func misses(_ file: FoundFile) -> Int {
      let key = ShortDigest(file.inner)
      guard var one = seen[key] else { return 0 }
      one.misses = min(one.misses + 1, 100)
      seen[key] = one
      return Int(one.misses)
    }

    /// Whether it was listed in this round.
    func isThere(_ inner: String) -> Bool { seen[ShortDigest(inner)]?.round == round }

    /// All was listed: what was not is gone.
    mutating func endRound(isWhole: Bool) {
      seen = seen.filter { [round] in $0.value.round == round }
      (round, position, self.isWhole) = (round &+ 1, nil, isWhole)
    }

    /// Lists cost something: the longer one takes, the longer is the rest, up to ten minutes.
    mutating func rest(_ seconds: Double, listing: Double, isIdle: Bool) {
      let rest = min(max(seconds, 2 * seconds * listing), max(seconds, 600))
      (next, isWhole) = (Clock.now + UInt64(rest * 1e9), isIdle)
    }

    /// How the last look ended, where the next is not yet to begin.
    func resting(at now: UInt64) -> Bool? { now < next && position == nil ? isWhole : nil }

    mutating func isTimeToForget(at now: UInt64) -> Bool {
      guard now >= nextForgetting else { return false }
      nextForgetting = now + Self.forgetting
      return true
    }
  }

  private var files: [ULID: Place] = [:]
  /// How each is read.
  var places: [ULID: any WatchedPlace] = [:]
  private var troubles: [ULID: String] = [:]
  private var told: Set<String> = []

  private static let mostTold = 10_000

  subscript(_ trigger: ULID) -> Place {
    get { files[trigger] ?? Place() }
    _modify { yield &files[trigger, default: Place()] }
  }

  /// Forgets triggers that are gone.
  mutating func keep(_ triggers: Set<ULID>) {
    files = files.filter { triggers.contains($0.key) }
    places = places.filter { triggers.contains($0.key) }
    troubles = troubles.filter { triggers.contains($0.key) }
  }

  mutating func isNew(_ reason: String) -> Bool {
    if told.count >= Self.mostTold { told = [] }
    return told.insert(reason).inserted
  }

  /// Whether this was not what failed at the last look; numbers, such as seconds, make no news.
  mutating func isNews(_ fault: Fault?, of trigger: ULID) -> Bool {
    let reason = fault.map { $0.message.filter { !$0.isNumber } }
    defer { troubles[trigger] = reason }
    return reason != nil && reason != troubles[trigger]
  }
}
