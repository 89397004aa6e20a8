internal import Base

/// Who decodes next, as a value: fair between sources, in the order of coming within one.
///
/// One source alone leaves some places and half of the queue to the next one. The place that comes free goes to the source that holds
/// the fewest.
struct DeskState<Job> {
  struct Entry {
    let ticket: Int
    let source: String
    let deadline: UInt64
    let job: Job
  }

  /// How many may decode at the same time, and how many may wait.
  let places: Int
  let waitingLimit: Int
  private var active: [String: Int] = [:]
  private var activeCount = 0
  private(set) var waiting: [Entry] = []
  private var lastTicket = 0

  init(places: Int, waitingLimit: Int) { (self.places, self.waitingLimit) = (places, waitingLimit) }

  /// Of the places, at most so many are one source's.
  private var share: Int { max(1, places - max(1, places / 4)) }

  private func mayBegin(_ source: String) -> Bool { activeCount < places && active[source, default: 0] < share }

  private mutating func begin(_ source: String) {
    active[source, default: 0] += 1
    activeCount += 1
  }

  /// Comes in; `begins` where it need not wait.
  ///
  /// - Throws: `exhausted` where too many wait.
  mutating func enter(_ source: String, deadline: UInt64, _ job: Job) throws(Fault) -> (ticket: Int, begins: Bool) {
    lastTicket += 1
    if mayBegin(source) {
      begin(source)
      return (lastTicket, true)
    }
    let own = waiting.count { $0.source == source }
    // A source of which nothing waits yet is let in where others have filled the queue.
    guard own < max(1, waitingLimit / 2), waiting.count < (own == 0 ? 2 : 1) * waitingLimit else {
      throw Fault(.exhausted, "too many pictures wait to be decoded: ask again later, or less often")
    }
    waiting.append(Entry(ticket: lastTicket, source: source, deadline: deadline, job: job))
    return (lastTicket, false)
  }

  /// A place comes free; gives the one that takes it.
  mutating func leave(_ source: String) -> Job? {
    activeCount -= 1
    active[source, default: 1] -= 1
    if active[source] == 0 { active[source] = nil }
    var next: Int?
    for (index, entry) in waiting.enumerated() where mayBegin(entry.source) {
      if let best = next, active[entry.source, default: 0] >= active[waiting[best].source, default: 0] { continue }
      next = index
    }
    guard let next else { return nil }
    let entry = waiting.remove(at: next)
    begin(entry.source)
    return entry.job
  }

  /// Takes out those that wait for nothing.
  mutating func dismiss(where isUnwanted: (Entry) -> Bool) -> [Job] {
    let dismissed = waiting.filter(isUnwanted)
    if !dismissed.isEmpty { waiting.removeAll(where: isUnwanted) }
    return dismissed.map(\.job)
  }
}
