internal import Base
internal import Catalog

/// What happened in streams and waits to be written down: of each event its newest state and picture; streams in turn.
///
/// A value; moments are monotonic nanoseconds. Bounded by number and by bytes, and what finds no room is counted as lost. A stream of which something could not be
/// written rests, longer each time, and holds up no other.
struct EventQueue {
  struct Waiting {
    /// Client and stream.
    let place: String
    let event: StreamEvent
    let tally: EventTally
    var picture: [UInt8]?

    /// It is not written down any more; one that is open is told again.
    func lose(_ reason: String) {
      if event.state == .over { tally.add({ $0.lost += 1 }, "an event was lost: \(reason)") }
      if picture != nil { tally.add({ $0.lostPictures += 1 }, "the picture of an event was lost: \(reason)") }
    }
  }

  private struct Line {
    /// In the order of coming.
    var order: [ULID] = []
    /// Attempts in a row that failed, why, and until when there is none.
    var failures = 0
    var fault: Fault?
    var until: UInt64 = 0
  }

  /// Events that wait, and bytes of their pictures, at most.
  static let (most, mostBytes) = (10_000, 64 << 20)
  /// Seconds between two attempts at a stream's events, at most.
  private static let longest: UInt64 = 30

  private let most: Int
  private let mostBytes: Int
  private var lines: [String: Line] = [:]
  /// Whose turn comes first.
  private var turns: [String] = []
  private var events: [ULID: Waiting] = [:]
  private var pictures: [ULID: [UInt8]] = [:]
  private(set) var byteCount = 0

  init(most: Int = Self.most, mostBytes: Int = Self.mostBytes) { (self.most, self.mostBytes) = (most, mostBytes) }

  var count: Int { events.count }

  /// Something of a stream waits, or is being written.
  func has(_ place: String) -> Bool { lines[place] != nil }

  /// When there is something to write; `nil` where nothing waits.
  var due: UInt64? { lines.values.filter { !$0.order.isEmpty }.map(\.until).min() }

  /// What is known of an event by now; its picture, where there is one, waits with it.
  mutating func add(_ event: StreamEvent, of place: String, _ tally: EventTally) {
    add(Waiting(place: place, event: event, tally: tally))
  }

  private mutating func add(_ waiting: Waiting) {
    if events[waiting.event.id] == nil {
      if events.count >= most { loseOldest() }
      if lines[waiting.place] == nil { turns.append(waiting.place) }
      lines[waiting.place, default: Line()].order.append(waiting.event.id)
    }
    events[waiting.event.id] = waiting
  }

  /// The newest picture of an event's best moment, in place of the one before; false where there is no room for it.
  mutating func add(picture: [UInt8], of id: ULID) -> Bool {
    guard byteCount - (pictures[id]?.count ?? 0) + picture.count <= mostBytes else { return false }
    _ = takePicture(of: id)
    pictures[id] = picture
    byteCount += picture.count
    return true
  }

  private mutating func takePicture(of id: ULID) -> [UInt8]? {
    let picture = pictures.removeValue(forKey: id)
    byteCount -= picture?.count ?? 0
    return picture
  }

  /// The stream that has most waiting loses the oldest of it.
  private mutating func loseOldest() {
    guard let place = lines.max(by: { $0.value.order.count < $1.value.order.count })?.key,
      let id = lines[place]?.order.removeFirst()
    else { return }
    var lost = events.removeValue(forKey: id)
    lost?.picture = takePicture(of: id)
    lost?.lose("\(most) events wait to be written")
  }

  /// What is to be written now; ``settle(_:)`` or ``putBack(_:_:at:)`` says what became of it.
  mutating func next(at now: UInt64) -> Waiting? {
    let turn = turns.firstIndex { place in
      lines[place].map { !$0.order.isEmpty && $0.until <= now } ?? false
    }
    guard let turn else { return nil }
    let place = turns.remove(at: turn)
    turns.append(place)
    guard let id = lines[place]?.order.removeFirst(), var found = events.removeValue(forKey: id) else { return nil }
    found.picture = takePicture(of: id)
    return found
  }

  /// Something of a stream was written, or is lost; the stream rests no more.
  mutating func settle(_ place: String) {
    guard let line = lines[place] else { return }
    lines[place] = line.order.isEmpty ? nil : Line(order: line.order)
    if line.order.isEmpty { turns.removeAll { $0 == place } }
  }

  /// What could not be written waits behind the others of its stream, unless there is something newer of it; whether the fault is news.
  mutating func putBack(_ failed: Waiting, _ fault: Fault, at now: UInt64) -> Bool {
    let id = failed.event.id
    if events[id] == nil { add(Waiting(place: failed.place, event: failed.event, tally: failed.tally)) }
    if let picture = failed.picture, pictures[id] == nil, !add(picture: picture, of: id) {
      failed.tally.add({ $0.lostPictures += 1 }, "the picture of an event was lost: too many wait to be written")
    }
    let isNews = lines[failed.place]?.fault != fault
    let failures = (lines[failed.place]?.failures ?? 0) + 1
    lines[failed.place]?.failures = failures
    lines[failed.place]?.fault = fault
    lines[failed.place]?.until = now + min(Self.longest, 1 << UInt64(min(failures - 1, 10))) * 1_000_000_000
    return isNews
  }
}
