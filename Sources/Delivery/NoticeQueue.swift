internal import Catalog

/// The notices that wait for one target: of each stream in their order, and streams in turn.
///
/// A value; moments are milliseconds since 1970. A notice that was refused holds up those of its own stream; a target that cannot be reached is tried
/// with one notice at a time until it takes one.
struct NoticeQueue {
  enum Step: Hashable {
    case tell(WaitingNotice)
    /// It has waited too long.
    case expire(WaitingNotice)
    /// Updates of an event of which something newer waits.
    case leaveOut([WaitingNotice])
  }

  private struct Line {
    var waiting: ArraySlice<WaitingNotice> = []
    /// Its first is being worked on.
    var isBusy = false
    /// Attempts in a row that failed, and before when there is no other.
    var failures = 0
    var until = 0
  }

  /// Milliseconds that one may wait.
  private let patience: Int
  /// Nothing is told, whatever waits.
  var isPaused: Bool
  private var lines: [String: Line] = [:]
  /// Whose turn comes first.
  private var turns: [String] = []
  private var working = 0
  /// Times in a row that the target could not be reached, and before when it is not tried again.
  private(set) var failures = 0
  private(set) var until = 0
  /// All up to this number were added.
  private(set) var last = 0
  private(set) var count = 0

  init(patience: Int, isPaused: Bool = false) { (self.patience, self.isPaused) = (patience, isPaused) }

  var streamCount: Int { lines.count }

  /// When the one was noted that waits longest.
  var oldest: Int? { lines.values.compactMap { $0.waiting.first?.queued }.min() }

  /// Numbers grow from call to call.
  mutating func add(_ notice: WaitingNotice) {
    guard notice.number > last else { return }
    last = notice.number
    count += 1
    if lines[notice.stream] == nil {
      turns.append(notice.stream)
      lines[notice.stream] = Line(failures: notice.tried, until: notice.due)
    }
    lines[notice.stream]?.waiting.append(notice)
  }

  /// What is to be done now; what became of it is told by one of the calls below.
  mutating func next(at now: Int) -> Step? {
    let rests = isPaused || until > now || failures > 0 && working > 0
    for (place, stream) in turns.enumerated() {
      guard let line = lines[stream], !line.isBusy, let first = line.waiting.first else { continue }
      let isOver = first.queued + patience <= now
      guard isOver || !rests && line.until <= now else { continue }
      turns.append(turns.remove(at: place))
      lines[stream]?.isBusy = true
      working += 1
      if isOver { return .expire(first) }
      let passed = overtaken(line.waiting)
      return passed.isEmpty ? .tell(first) : .leaveOut(passed)
    }
    return nil
  }

  /// Those at the beginning of a line that tell what something behind them tells anew.
  private func overtaken(_ waiting: ArraySlice<WaitingNotice>) -> [WaitingNotice] {
    var found: [WaitingNotice] = []
    for (place, notice) in zip(waiting.indices, waiting).prefix(Self.mostLeftOut) {
      guard notice.phase == .update, waiting[(place + 1)...].contains(where: { $0.of == notice.of }) else { break }
      found.append(notice)
    }
    return found
  }

  static let mostLeftOut = 90

  /// The first `count` of a stream wait no more; with `isTaken` the target took something.
  mutating func settle(_ stream: String, count number: Int = 1, isTaken: Bool = false) {
    guard var line = lines[stream], line.isBusy else { return }
    working -= 1
    if isTaken { (failures, until) = (0, 0) }
    line.waiting = line.waiting.dropFirst(number)
    count -= number
    guard let next = line.waiting.first else {
      lines[stream] = nil
      turns.removeAll { $0 == stream }
      return
    }
    (line.isBusy, line.failures, line.until) = (false, next.tried, next.due)
    lines[stream] = line
  }

  /// Failures in a row with the first of a stream, this one too.
  func failures(of stream: String) -> Int { (lines[stream]?.failures ?? 0) + 1 }

  /// The first of a stream was refused: the stream rests.
  mutating func rest(_ stream: String, until moment: Int) {
    guard lines[stream]?.isBusy == true else { return }
    working -= 1
    // The target is there.
    (failures, self.until) = (0, 0)
    lines[stream]?.failures += 1
    lines[stream]?.until = moment
    lines[stream]?.isBusy = false
  }

  /// The target could not be reached: it rests, with all of its streams.
  mutating func restAll(after stream: String, until moment: Int) {
    guard lines[stream]?.isBusy == true else { return }
    working -= 1
    failures += 1
    until = max(until, moment)
    lines[stream]?.isBusy = false
  }

  /// Nothing was found out: it is tried as before.
  mutating func putBack(_ stream: String, until moment: Int) {
    guard lines[stream]?.isBusy == true else { return }
    working -= 1
    lines[stream]?.until = moment
    lines[stream]?.isBusy = false
  }
}
