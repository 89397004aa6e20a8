import Bus
import Items
import Store
import Testing

@testable import bus_worker

/// What workers that are killed are given, whatever bus they have, and what must have come of it.
enum Rounds {
  static func tasks(_ round: Int) -> [BusTask] {
    (0..<30).map { number in
      let what = number == 0 ? "poison" : number < 6 ? "flaky" : number < 14 ? "first" : "plain"
      return task(
        "\(what) \(round)-\(number)", queue: Shift.queues[number % 2], group: "job \(number % 2)",
        most: what == "poison" ? 3 : 100)
    }
  }

  /// Each task is published once, or set aside after three attempts; gives how many were published, and how many of them not at the first
  /// attempt, though they do not fail by themselves.
  static func expectEnd(
    of rounds: Int, _ bus: any Bus, _ table: SQLiteTable
  ) throws -> (published: Int, interrupted: Int) {
    let added = (0..<rounds).flatMap { tasks($0) }
    let poison = added.filter { $0.key.hasPrefix("poison") }
    let followed = added.filter { $0.key.hasPrefix("first") }.map { "next of \($0.key)" }
    let wanted = Set(added.map(\.key)).subtracting(poison.map(\.key)).union(followed)
    let interrupted = try expectPublishedOnce(wanted, table)
    let counts = try (0..<2).map { try bus.counts(group: "job \($0)") }
    #expect(counts.reduce(0) { $0 + $1.done } == wanted.count && counts.reduce(0) { $0 + $1.setAside } == poison.count)
    let aside = try bus.setAside(in: "job 0", after: nil, limit: 1000).tasks
    #expect(Set(aside.map(\.task)) == Set(poison) && aside.allSatisfy { $0.failures.count == 3 })
    #expect(try bus.backlog() == 0)
    for round in 0..<rounds { #expect(try bus.add(tasks(round)).allSatisfy { !$0 }, "it was added before") }
    return (wanted.count, interrupted)
  }

  private static func expectPublishedOnce(_ wanted: Set<String>, _ table: SQLiteTable) throws -> Int {
    var (position, published, interrupted): (ChangePosition, [String], Int) = (.beginning, [], 0)
    while true {
      let page = try table.changes(after: position, limit: 1000)
      published += page.changes.map(\.key.sort)
      interrupted += page.changes.count { change in
        !change.key.sort.hasPrefix("flaky") && change.after?.body != Array("{\"attempt\":1}".utf8)
      }
      position = page.position
      guard page.hasMore else { break }
    }
    #expect(Set(published) == wanted && published.count == wanted.count)
    return interrupted
  }
}
