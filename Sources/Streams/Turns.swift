/// Whose frame is looked at next: weighted fair queueing over streams that have something new.
///
/// A stream that has its turn takes the newest frame there is then, so nobody's frame grows old in line. So many turns are given at a time as keep the
/// networks busy. A value: decisions alone.
struct Turns {
  private struct Member {
    var weight: Double
    /// How much it was given, in turns by its weight.
    var served = 0.0
    var isAsking = false
    var hasTurn = false
  }

  /// Turns at a time.
  var limit: Int
  private var members: [Int: Member] = [:]
  private var given = 0
  /// What those that are served had at least, last time: newcomers begin there.
  private var floor = 0.0

  init(limit: Int) { self.limit = limit }

  mutating func join(_ id: Int, weight: Double) {
    members[id] = Member(weight: weight, served: floor)
  }

  /// Its turn, where it has one, goes to others.
  mutating func leave(_ id: Int) -> [Int] {
    guard let member = members.removeValue(forKey: id) else { return [] }
    if member.hasTurn { given -= 1 }
    return give()
  }

  /// Asks for a turn; who gets one now, which may be others.
  mutating func ask(_ id: Int) -> [Int] {
    guard let member = members[id], !member.hasTurn, !member.isAsking else { return [] }
    members[id]!.isAsking = true
    // One that had nothing to ask for does not catch up on the others later.
    members[id]!.served = max(member.served, floor)
    return give()
  }

  /// A turn is over, and another one is asked for or not; one that came to nothing costs nothing.
  mutating func end(_ id: Int, isUsed: Bool, asksAgain: Bool = false) -> [Int] {
    guard let member = members[id], member.hasTurn else { return [] }
    members[id]!.hasTurn = false
    members[id]!.isAsking = asksAgain
    if !isUsed { members[id]!.served -= 1 / member.weight }
    given -= 1
    return give()
  }

  func hasTurn(_ id: Int) -> Bool { members[id]?.hasTurn ?? false }

  private mutating func give() -> [Int] {
    var chosen: [Int] = []
    while given < limit {
      let asking = members.filter { $0.value.isAsking }
      guard let next = asking.min(by: { ($0.value.served, $0.key) < ($1.value.served, $1.key) }) else { break }
      floor = max(floor, next.value.served)
      members[next.key]!.isAsking = false
      members[next.key]!.hasTurn = true
      members[next.key]!.served += 1 / next.value.weight
      given += 1
      chosen.append(next.key)
    }
    return chosen
  }
}
