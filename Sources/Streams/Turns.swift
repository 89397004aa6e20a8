/// Whose frame is looked at next: weighted fair queueing over streams that have something new.
///
/// Clients get as much time of the networks each, however many streams they have and whatever these weigh; among its own a client's streams get turns by
/// their weights. A stream that has its turn takes the newest frame there is then, so nobody's frame grows old in line. So many turns are given at a time
/// as keep the networks busy. A value: decisions alone.
struct Turns {
  private struct Member {
    let client: String
    var weight: Double
    /// How much it was given, in turns by its weight.
    var served = 0.0
    var isAsking = false
    /// When its turn began, in nanoseconds, and what its client was charged for it so far.
    var turn: (began: UInt64, charge: Double)?
  }

  private struct Client {
    var streams = 0
    /// Nanoseconds of turns that it was given, those that are not over as long as usual.
    var served = 0.0
    var usual = 1.0
    /// What those of its streams that are served had at least, last time: newcomers begin there.
    var floor = 0.0
  }

  /// Turns at a time.
  var limit: Int
  private var members: [Int: Member] = [:]
  private var clients: [String: Client] = [:]
  private var given = 0
  /// The same of clients.
  private var floor = 0.0

  init(limit: Int) { self.limit = limit }

  mutating func join(_ id: Int, weight: Double, client: String = "") {
    clients[client, default: Client(served: floor)].streams += 1
    members[id] = Member(client: client, weight: weight, served: clients[client]!.floor)
  }

  /// Its turn, where it has one, goes to others.
  mutating func leave(_ id: Int, now: UInt64 = 0) -> [Int] {
    guard let member = members.removeValue(forKey: id) else { return [] }
    if member.turn != nil { given -= 1 }
    clients[member.client]!.streams -= 1
    if clients[member.client]!.streams == 0 { clients[member.client] = nil }
    return give(at: now)
  }

  /// Asks for a turn; who gets one now, which may be others.
  mutating func ask(_ id: Int, now: UInt64 = 0) -> [Int] {
    guard let member = members[id], member.turn == nil, !member.isAsking else { return [] }
    // One that had nothing to ask for does not catch up on the others later.
    if !members.values.contains(where: { $0.client == member.client && ($0.isAsking || $0.turn != nil) }) {
      clients[member.client]!.served = max(clients[member.client]!.served, floor)
    }
    members[id]!.isAsking = true
    members[id]!.served = max(member.served, clients[member.client]!.floor)
    return give(at: now)
  }

  /// A turn is over, and another one is asked for or not; one that came to nothing costs nothing.
  mutating func end(_ id: Int, isUsed: Bool, asksAgain: Bool = false, now: UInt64 = 0) -> [Int] {
    guard let member = members[id], let turn = member.turn else { return [] }
    members[id]!.turn = nil
    members[id]!.isAsking = asksAgain
    if !isUsed { members[id]!.served -= 1 / member.weight }
    settle(member.client, turn.charge, isUsed ? Double(now > turn.began ? now - turn.began : 1) : 0)
    given -= 1
    return give(at: now)
  }

  func hasTurn(_ id: Int) -> Bool { members[id]?.turn != nil }

  /// What was charged for a turn becomes what it took.
  private mutating func settle(_ name: String, _ charge: Double, _ took: Double) {
    clients[name]!.served += took - charge
    if took > 0 { clients[name]!.usual += (took - clients[name]!.usual) / 8 }
  }

  /// Gives what turns there are; who gets one now.
  mutating func give(at now: UInt64) -> [Int] {
    var chosen: [Int] = []
    while given < limit {
      let asking = members.filter { $0.value.isAsking }
      let next = asking.min {
        (clients[$0.value.client]!.served, $0.value.served, $0.key) < (
          clients[$1.value.client]!.served, $1.value.served, $1.key
        )
      }
      guard let next else { break }
      let name = next.value.client
      floor = max(floor, clients[name]!.served)
      clients[name]!.floor = max(clients[name]!.floor, next.value.served)
      clients[name]!.served += clients[name]!.usual
      members[next.key]!.isAsking = false
      members[next.key]!.turn = (now, clients[name]!.usual)
      members[next.key]!.served += 1 / next.value.weight
      given += 1
      chosen.append(next.key)
    }
    return chosen
  }
}
