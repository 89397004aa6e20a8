import Base
import Catalog
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Edge

struct ForwardTests {
  /// Puts in what happened and sends until nothing waits, however often that fails; the number of rounds.
  func settle(_ fixture: LedgerFixture, _ forwarder: Forwarder, most: Int = 3000) throws {
    for _ in 0..<most {
      try fixture.read(forwarder.outbox)
      do throws(Fault) { if try !forwarder.step() { return } } catch {
        guard error.kind == .unavailable else { throw error }
      }
    }
    Issue.record("it is not settled after \(most) steps")
  }

  func agree(_ fixture: LedgerFixture, _ outbox: Outbox, _ desk: LedgerDesk) throws {
    let report = try #require(try outbox.report())
    let comparison = LedgerComparison(report, try desk.lines(of: outbox))
    #expect(comparison.verdict == .agree, "\(comparison)")
  }

  @Test(
    "Over a link that loses, repeats, delays and cuts, all comes once, as it was", arguments: [1, 2, 3, 4] as [UInt64])
  func wild(seed: UInt64) throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: seed, trouble: 60), chunk: 700) { _ in }
    var expected: [ULID: StreamEvent] = [:]
    var clips: [ULID: String] = [:]
    for number in 0..<30 {
      let picture = [UInt8](repeating: UInt8(number), count: 900 + number)
      let event = try fixture.begin("s\(number % 3)", picture: picture)
      try fixture.read(outbox)
      _ = try? forwarder.step()
      try fixture.end(event)
      if number % 4 == 0 {
        let clip = try fixture.clip(of: event, bytes: (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* (number + 3)) })
        clips[clip.id] = clip.object
      }
      expected[event.id] = try fixture.node.event(event.id.text, client: "local", scope: .all)
    }
    try settle(fixture, forwarder)
    let arrived = try fixture.arrived()
    #expect(Set(arrived.keys) == Set(expected.keys))
    for (id, own) in expected {
      var event = try #require(arrived[id])
      #expect((900..<930).contains(try #require(event.snapshotByteCount)), "its picture counts here")
      event.snapshotByteCount = nil
      #expect(event == own.moved(to: "acme", stream: "dock/\(own.stream)", by: 0), "what comes is what was")
    }
    for (id, object) in clips {
      let asset = try fixture.centre.asset(id.text, scope: .all).asset
      #expect(asset.object == object && asset.recording?.stream.hasPrefix("dock/s") == true)
      #expect(try fixture.centre.objects.verify(try #require(ObjectName(object))) == .sound)
    }
    try agree(fixture, outbox, desk)
    #expect(fixture.complaints.update { $0 }.isEmpty)
  }

  @Test("Killed at every write of the node or of the centre, all comes once", arguments: BreakingTable.Moment.allCases)
  func killed(moment: BreakingTable.Moment) throws {
    for isNode in [true, false] {
      var point = 0
      while true {
        let fixture = try LedgerFixture()
        try fixture.read(try fixture.outbox())
        let first = try fixture.begin(picture: [1, 2, 3])
        try fixture.end(first)
        let second = try fixture.begin("yard")
        _ = try fixture.clip(of: second, bytes: [UInt8](repeating: 9, count: 3000))
        let film = try fixture.analyse(try fixture.film("a", brand: "b"), ["cup": 0.7654321]).asset
        let ground = isNode ? fixture.nodeGround : fixture.centreGround
        let breaking = BreakingTable(try ground.table(), at: point, moment)
        let (outbox, desk) = (
          try fixture.outbox(over: isNode ? breaking : nil), try fixture.desk(over: isNode ? nil : breaking)
        )
        let dying = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
        var isDead = false
        do { try settle(fixture, dying) } catch {
          #expect((error as? Fault) == BreakingTable.death || (error as? Fault)?.kind == .bug, "\(error)")
          isDead = true
        }
        // What begins then finds what was written.
        let (table, other) = (try fixture.nodeGround.table(), try fixture.centreGround.table())
        let (again, back) = (try fixture.outbox(over: table), try fixture.desk(over: other))
        try settle(fixture, Forwarder(again, WildLink(back, seed: 1, trouble: 0), chunk: 1000) { _ in })
        let arrived = try fixture.arrived()
        #expect(Set(arrived.keys) == [first.id, second.id], "\(moment), write \(point), node \(isNode)")
        #expect(arrived[first.id]?.state == .over && arrived[first.id]?.snapshot != nil)
        #expect(try fixture.centre.clip(of: second.id, client: "acme") != nil)
        #expect(try fixture.centre.asset(film.text, scope: .all).asset.analysisCount == 1)
        try fixture.expectSameTotals("\(moment), write \(point), node \(isNode)")
        try agree(fixture, again, back)
        guard isDead, breaking.isBroken else { break }
        point += 1
      }
      #expect(point > 3, "there were writes to die at")
    }
  }

  @Test("Events go before pictures and films, and a film does not hold up an event that comes meanwhile")
  func priority() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let first = try fixture.begin(picture: [UInt8](repeating: 1, count: 500))
    _ = try fixture.clip(of: first, bytes: [UInt8](repeating: 2, count: 50_000))
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    #expect(try forwarder.step())
    #expect(try fixture.arrived()[first.id]?.snapshot == nil, "the event is there before its picture")
    for _ in 0..<10 { #expect(try forwarder.step()) }
    #expect(try fixture.arrived()[first.id]?.snapshot != nil)
    #expect(try fixture.centre.clip(of: first.id, client: "acme") == nil)
    let second = try fixture.begin()
    try fixture.read(outbox)
    #expect(try forwarder.step())
    #expect(try fixture.arrived()[second.id] != nil)
    try settle(fixture, forwarder)
    #expect(try fixture.centre.clip(of: first.id, client: "acme") != nil)
  }

  @Test("Where there is no room, events are left out and counted in their place, and come once there is room again")
  func full() throws {
    let fixture = try LedgerFixture()
    fixture.rules.store = 6000
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    var ids: [ULID] = []
    for _ in 0..<20 {
      ids.append(try fixture.begin().id)
      try fixture.read(outbox)
    }
    let waiting = try #require(try outbox.report()?.lines.first)
    #expect(waiting.sequence < 20 && waiting.waiting <= 6000, "\(waiting)")
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    try settle(fixture, forwarder)
    let late = try fixture.begin()
    try settle(fixture, forwarder)
    let position = try #require(try desk.lines(of: outbox)[LedgerLine(.event, "dock")])
    #expect(position.missing > 0)
    #expect(Set(try fixture.arrived().keys) == Set(ids + [late.id]), "of that time the library has all still")
    try agree(fixture, outbox, desk)
  }

  @Test("A clock that is wrong by hours, and is set meanwhile, moves no event at the centre")
  func clocks() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    fixture.ahead.update { $0 = 3 * 3_600_000 }
    let moment = Int(Clock.seconds * 1000)
    let event = try fixture.begin(picture: [1, 2])
    try settle(fixture, forwarder)
    // Somebody sets the clock, the other way round.
    fixture.ahead.update { $0 = -2 * 3_600_000 }
    var over = event
    over.state = .over
    try fixture.node.keep(over, picture: nil)
    _ = try fixture.clip(of: event, bytes: [1, 2, 3])
    try settle(fixture, forwarder)
    let found = try #require(try fixture.arrived()[event.id])
    #expect(abs(found.from - moment) < 5000 && found.state == .over && found.snapshot != nil)
    #expect(try fixture.centre.event(event.id.text, client: "acme", scope: .all) == found, "it is found by its id")
    let clip = try #require(try fixture.centre.clip(of: event.id, client: "acme"))
    #expect(abs((clip.recording?.from ?? 0) - moment) < 5000)
    #expect(try fixture.centre.removeEvents(before: Int(Clock.seconds * 1000) + 10_000) == 1)
    let place = LibraryKeys.eventPlace("acme", event.id)
    #expect(try fixture.centre.table.get(place) == nil, "nothing is left of it")
  }

  // Azure/iotedge 392, 530, 706: what waited was lost, or never went, where the device was started again while it was away.
  @Test("What waited over starts of the node while its centre was away comes, in its order, however long that was")
  func startedWhileAway() throws {
    let fixture = try LedgerFixture()
    let desk = try fixture.desk()
    try fixture.read(try fixture.outbox())
    var ids: [ULID] = []
    for _ in 0..<4 {
      let outbox = try fixture.outbox(over: try fixture.nodeGround.table())
      let event = try fixture.begin(picture: [7])
      try fixture.end(event)
      ids.append(event.id)
      try fixture.read(outbox)
      let away = Forwarder(outbox, WildLink(desk, seed: 2, trouble: 0, isAway: true), chunk: 1000) { _ in }
      #expect(throws: WildLink.cut) { try away.step() }
      // Of the library itself they go by their age; what waits has no age.
      _ = try fixture.node.removeEvents(before: fixture.node.now + 1000)
    }
    let outbox = try fixture.outbox(over: try fixture.nodeGround.table())
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    #expect(Set(try fixture.arrived().keys) == Set(ids))
  }

  @Test("What was asked for of the past comes once, as recordings of the stream, also where it is asked for twice")
  func fetched() throws {
    let fixture = try LedgerFixture()
    fixture.rules.forwardsClips = false
    fixture.ahead.update { $0 = 3_600_000 }
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let event = try fixture.begin()
    let clip = try fixture.clip(of: event, bytes: [UInt8](repeating: 3, count: 2500))
    let (now, dock) = (Int(Clock.seconds * 1000), try LedgerFixture.dock())
    let order = try desk.fetch("dock", of: dock, from: now - 60_000, to: now + 60_000)
    #expect(try desk.orders(for: dock, known: []).orders == [order])
    let done = try outbox.put(order)
    #expect(done.state == .taken && done.count == 1)
    #expect(try outbox.put(order) == done)
    #expect(try desk.orders(for: dock, known: outbox.doneOrders()).orders.isEmpty)
    #expect(try desk.fetches(of: dock).map(\.count) == [1])
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 3, trouble: 30), chunk: 700) { _ in })
    let asset = try fixture.centre.asset(clip.id.text, scope: .all).asset
    #expect(asset.object == clip.object && asset.recording?.stream == "dock/dock")
    #expect(abs((asset.recording?.from ?? 0) - now) < 10_000, "by the centre's clock")
    try outbox.forgetOrders(but: [])
    #expect(try outbox.doneOrders().isEmpty)
    for range in [(now, now), (now - 7 * 3_600_000, now)] {
      #expect(throws: Fault.self) { try desk.fetch("dock", of: dock, from: range.0, to: range.1) }
    }
  }

  @Test("An entry that cannot be read is counted and told, and those behind it come")
  func unreadable() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let key = ItemKey(LibraryKeys.streamPartition("local", "dock"), "EVENT#broken")
    _ = try fixture.node.table.write([.put(key, Array("{}".utf8))])
    let event = try fixture.begin()
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    #expect(try fixture.arrived()[event.id] != nil)
    #expect(fixture.complaints.update { $0.count } == 1)
  }
}

extension LedgerFixture {
  func read(_ outbox: Outbox) throws { try outbox.read(before: Clock.now + 10_000_000_000) }
}
