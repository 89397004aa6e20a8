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

extension ForwardTests {
  @Test(
    "Over a link that loses, repeats, delays and cuts, what was found in films comes once: totals and moments are the node's",
    arguments: [1, 2, 3] as [UInt64])
  func analyses(seed: UInt64) throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: seed, trouble: 50), chunk: 200) { _ in }
    var films: [Asset] = []
    for number in 0..<8 {
      let brand = number % 3 == 0 ? nil : "brand \(number % 2)"
      let film = try fixture.film("f\(number)", brand: brand, campaign: number == 4 ? "spring" : nil)
      films.append(film)
      try fixture.analyse(film, ["cup": 0.987654321 - 0.05 * Float(number), "hand": 0.3333333])
      try fixture.read(outbox)
      _ = try? forwarder.step()
      if number % 2 == 0 { try fixture.analyse(film, series: "hands", pipeline: 2, ["hand": 0.1234567]) }
    }
    // Another version of the pipeline counts in the place of the first; the same one again replaces what it found.
    try fixture.analyse(films[1], pipeline: 3, ["cup": 0.2222222, "dog": 0.4444444])
    try fixture.analyse(films[2], ["cup": 0.7777777])
    try settle(fixture, forwarder)
    try fixture.expectSameFindings()
    for film in films {
      let asset = try fixture.centre.asset(film.id.text, scope: .all).asset
      #expect(asset.node == "dock" && asset.name == film.name && asset.tags == film.tags && asset.object == film.object)
      #expect(asset.byteCount == 0 && asset.state == .analysed && asset.thumbnail == film.thumbnail)
      let own = try fixture.node.asset(film.id.text, scope: .all).asset
      #expect(asset.analysisCount == own.analysisCount)
      let fault = #expect(throws: Fault.self) { try fixture.centre.content(of: asset) }
      #expect(fault?.kind == .notFound && fault?.message.contains("at the node 'dock'") == true)
    }
    try agree(fixture, outbox, desk)
    #expect(fixture.complaints.update { $0 }.isEmpty)
  }

  @Test("A film that is at the centre too is another asset, whichever of both was there first")
  func sameFilm() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    func addHere(_ film: Asset) throws -> AddedAsset {
      let draft = AssetDraft(group: AssetGroup(client: "acme"), name: film.name)
      let path = try fixture.node.file(of: film)
      return try fixture.centre.add(file: path, draft, scope: .all, examiner: AnyExaminer())
    }
    let (first, second) = (try fixture.film("first"), try fixture.film("second"))
    let before = try addHere(first)
    for film in [first, second] { try fixture.analyse(film, ["cup": 0.5]) }
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    let after = try addHere(second)
    for added in [before, after] {
      #expect(added.isNew && added.asset.node == nil && added.asset.id != first.id && added.asset.id != second.id)
      #expect(try fixture.centre.analyses(of: added.asset).isEmpty)
      #expect(try fixture.centre.content(of: added.asset).byteCount == added.asset.byteCount)
    }
    #expect(try fixture.centre.asset(first.id.text, scope: .all).asset.node == "dock")
  }

  @Test("What was found in a clip comes before the clip, whose bytes come to it")
  func analysedClip() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let event = try fixture.begin()
    let clip = try fixture.clip(of: event, bytes: [UInt8](repeating: 7, count: 4000))
    try fixture.analyse(clip, ["cup": 0.5])
    try fixture.read(outbox)
    let forwarder = Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in }
    for _ in 0..<20 where try fixture.centre.table.get(LibraryKeys.asset(clip.id)) == nil { _ = try forwarder.step() }
    let early = try fixture.centre.asset(clip.id.text, scope: .all).asset
    #expect(early.node == "dock" && early.recording?.stream == "dock/dock")
    #expect(try fixture.centre.clip(of: event.id, client: "acme") == nil, "no film is promised that is not there")
    try settle(fixture, forwarder)
    let late = try #require(try fixture.centre.clip(of: event.id, client: "acme"))
    #expect(late.id == clip.id && late.node == nil && late.byteCount == 4000 && late.analysisCount == 1)
    #expect(try fixture.centre.content(of: late).byteCount == 4000)
    #expect(try fixture.centre.analyses(of: late).count == 1)
    try agree(fixture, outbox, desk)
  }

  @Test("What was removed before it was sent is gone, and holds nothing up")
  func goneAnalysis() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let (first, second) = (try fixture.film("first"), try fixture.film("second"))
    for film in [first, second] { try fixture.analyse(film, ["cup": 0.5]) }
    try fixture.read(outbox)
    try fixture.node.delete(first.id.text, scope: .all)
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    #expect(try desk.lines(of: outbox)[.analyses]?.gone == 1)
    try fixture.expectSameFindings()
    try agree(fixture, outbox, desk)
  }

  @Test("What was found in films takes half of a store, so that what happens has room, and comes once there is more")
  func fullOfFindings() throws {
    let fixture = try LedgerFixture()
    fixture.rules.store = 160_000
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    for number in 0..<70 {
      try fixture.analyse(try fixture.film("f\(number)"), ["cup": 0.987654321 - 0.005 * Float(number)])
      try fixture.read(outbox)
    }
    let events = try (0..<10).map { _ in try fixture.begin() }
    try fixture.read(outbox)
    let report = try #require(try outbox.report())
    let leftOut = { (kind: LedgerLine.Kind) in report.lines.filter { $0.line.kind == kind }.map(\.leftOut) }
    #expect(leftOut(.event) == [0] && (leftOut(.analysis).first ?? 0) > 0, "\(report)")
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    #expect(Set(try fixture.arrived().keys) == Set(events.map(\.id)))
    try fixture.expectSameFindings()
    try agree(fixture, outbox, desk)
  }

  @Test("What happens while all films are looked through does not wait for that")
  func walking() throws {
    let fixture = try LedgerFixture()
    let outbox = try fixture.outbox()
    try fixture.read(outbox)
    for number in 0..<60 { try fixture.analyse(try fixture.film("f\(number)"), ["cup": 0.5]) }
    try outbox.restart("the test wants it", from: try #require(try outbox.position()))
    while try outbox.position()?.walk?.stage != .analyses { try outbox.read(before: 0) }
    let event = try fixture.begin()
    try outbox.read(before: 0)
    #expect(try outbox.position()?.walk != nil, "there is more to look through")
    let batch = try #require(try outbox.next([.event]))
    #expect(batch.entries.contains { String(decoding: $0.entry.body ?? [], as: UTF8.self).contains(event.id.text) })
  }

  @Test("What cannot be read at the node is told of, and what is behind it comes, also where the chain begins anew")
  func unreadableFindings() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    let films = try (0..<3).map { try fixture.film("f\($0)") }
    for film in films { try fixture.analyse(film, ["cup": 0.5]) }
    let broken = try fixture.analyse(films[1], series: "hands", pipeline: 2, ["hand": 0.5])
    let body = "{\"client\":\"local\",\"added\":\"\(CompositeKey.time(milliseconds: films[0].added))\"}"
    let writes = [
      Write.put(LibraryKeys.asset(films[0].id), Array(body.utf8)),
      .put(LibraryKeys.analysis(films[1].id, pipeline: broken.pipeline), Array("{}".utf8)),
    ]
    _ = try fixture.node.table.write(writes)
    let other = try Ground(.embedded)
    for isAnew in [false, true] {
      if isAnew {
        fixture.centre = try other.library()
        try fixture.centre.admit("acme")
        try outbox.restart("the test wants it", from: try #require(try outbox.position()))
      }
      fixture.complaints.update { $0 = [] }
      let place = isAnew ? try fixture.desk() : desk
      try settle(fixture, Forwarder(outbox, WildLink(place, seed: 1, trouble: 0), chunk: 1000) { _ in })
      #expect(fixture.complaints.update { $0.count } >= 2)
      #expect(try fixture.centre.table.get(LibraryKeys.asset(films[0].id)) == nil)
      for film in films.dropFirst() {
        let asset = try fixture.centre.asset(film.id.text, scope: .all).asset
        #expect(try fixture.centre.analyses(of: asset).map(\.series) == ["shelf"])
      }
    }
  }

  @Test("A node that is to keep what it found in films forwards none of it")
  func keptAnalyses() throws {
    let fixture = try LedgerFixture()
    fixture.rules.forwardsAnalyses = false
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    try fixture.analyse(try fixture.film("first"), ["cup": 0.5])
    let event = try fixture.begin()
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    try outbox.restart("the test wants it", from: try #require(try outbox.position()))
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    #expect(try fixture.arrived()[event.id] != nil && desk.lines(of: outbox)[.analyses] == nil)
  }

  @Test("A centre that lost all gets what the node found, in whichever order, with what counts of it")
  func lostAnalyses() throws {
    let fixture = try LedgerFixture()
    let (outbox, desk) = (try fixture.outbox(), try fixture.desk())
    try fixture.read(outbox)
    for number in 0..<45 {
      let film = try fixture.film("f\(number)")
      // The one that counts has the last digest of all, or the first.
      let (older, newer) = number % 2 == 0 ? (1, 3) : (3, 1)
      try fixture.analyse(film, pipeline: older, ["cup": 0.1111111])
      try fixture.analyse(film, pipeline: newer, ["cup": 0.7777777])
    }
    try settle(fixture, Forwarder(outbox, WildLink(desk, seed: 1, trouble: 0), chunk: 1000) { _ in })
    try fixture.expectSameFindings()
    let other = try Ground(.embedded)
    fixture.centre = try other.library()
    try fixture.centre.admit("acme")
    let back = try LedgerDesk(fixture.centre, examiner: AnyExaminer()) { Issue.record($0) }
    try outbox.restart("the test wants it", from: try #require(try outbox.position()))
    try settle(fixture, Forwarder(outbox, WildLink(back, seed: 1, trouble: 0), chunk: 1000) { _ in })
    try fixture.expectSameFindings()
    // Once more, where all of it is there: nothing is written anew.
    let position = try fixture.centre.lastPosition()
    try outbox.restart("the test wants it", from: try #require(try outbox.position()))
    try settle(fixture, Forwarder(outbox, WildLink(back, seed: 1, trouble: 0), chunk: 1000) { _ in })
    #expect(try fixture.centre.table.changes(after: position, limit: 9).changes.isEmpty)
    while try !outbox.clear() {}
    try agree(fixture, outbox, back)
  }
}
