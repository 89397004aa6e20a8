import Base
import Catalog
import Items
import Library
import LibraryKit
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Search

struct ShareTests {
  private func fault(_ work: () throws -> Void) -> Fault? {
    do { try work() } catch { return error as? Fault }
    return nil
  }

  @Test(
    "A link shows of each moment what it allows and nothing else; where it goes on tells nothing",
    arguments: Parts.there)
  func fields(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 21)
    for _ in 0..<12 { _ = try fixture.addEvent("gate-1") }
    try fixture.desk.settle(within: 60)
    var draft = ShareDesk.Draft(query: "stream:gate-1")
    try draft.show(["label", "score"])
    let (share, token) = try ShareDesk(fixture.library).add(draft, client: "acme", scope: .all)
    let answer = try ShareDesk(fixture.library).search(token, limit: 5, after: nil, from: "192.0.2.1")
    let text = String(decoding: JSONWriter.object(answer.write), as: UTF8.self)
    #expect(answer.found.count == 5 && text.contains("\"label\":") && text.contains("\"score\":"))
    let found = answer.found.map { $0[0] }
    for secret in ["gate-1", "stream", "acme", "zone", "rule", "from", "track", "ways"] + found.map(\.id)
      + found.map({ CompositeKey.time(milliseconds: $0.from) })
    {
      #expect(!text.contains(secret), "\(secret): \(text)")
    }
    // Not in hexadecimal either, as tokens of pages are.
    let next = try #require(answer.next)
    #expect(ULID(next) != nil && next.count == 26)
    #expect(try fixture.show(token, limit: 5).count == 12)
    #expect(
      fault { _ = try ShareDesk(fixture.library).search(token, limit: 5, after: share.id.text, from: "") }?.kind
        == .badInput)
    #expect(try fixture.ground.places(with: token) == [], "the token is kept")
  }

  @Test(
    "A link that is revoked, that expired, whose client goes, and that never was are told of alike",
    arguments: Parts.there)
  func over(parts: Parts) throws {
    let now = Monitor(SearchFixture.start)
    let ground = try Ground(parts)
    let library = try ground.library(clock: { now.update { $0 } })
    try library.admit("acme")
    let desk = ShareDesk(library)
    var draft = ShareDesk.Draft(query: "car")
    draft.seconds = 60
    let short = try desk.add(draft, client: "acme", scope: .all)
    let long = try desk.add(ShareDesk.Draft(query: "car"), client: "acme", scope: .all)
    let listener = try desk.listen(long.token, from: "192.0.2.1")
    #expect(desk.holds(short.token) && desk.holds(long.token))
    now.update { $0 += 60_000 }
    #expect(!desk.holds(short.token) && desk.holds(long.token))
    #expect(fault { try desk.revoke(long.share.id.text, client: "acme", scope: .client("bolt")) }?.kind == .notFound)
    try desk.revoke(long.share.id.text, client: "acme", scope: .client("acme"))
    #expect(!desk.holds(long.token))
    // What was told to it counts no more.
    try desk.note(7, to: listener)
    let none = String(long.token.reversed())
    let faults = [short.token, long.token, none, "", "../x"].map { token in
      fault { _ = try desk.search(token, limit: 1, after: nil, from: "") }
    }
    #expect(Set(faults.map { $0?.message }).count == 1 && faults.allSatisfy { $0?.kind == .notFound })
    #expect(fault { _ = try desk.listen(short.token, from: "") } == faults[0])
    let states = try desk.shares(of: "acme", scope: .all).map { "\($0.id) \($0.state(at: library.now))" }
    #expect(Set(states) == ["\(long.share.id) revoked", "\(short.share.id) expired"])
    let third = try desk.add(ShareDesk.Draft(query: "car"), client: "acme", scope: .all)
    _ = try library.purge("acme")
    #expect(fault { _ = try desk.search(third.token, limit: 1, after: nil, from: "") } == faults[0])
  }

  @Test("Every use is written down: when, how much, from where; the last thousand, and how many these were")
  func uses() throws {
    let fixture = try SearchFixture(.embedded, seed: 22)
    let desk = ShareDesk(fixture.library)
    let (share, token) = try desk.add(ShareDesk.Draft(query: "stream:s"), client: "acme", scope: .all)
    var follower = try LinkFollower(token, fixture.library)
    for _ in 0..<3 { _ = try fixture.addEvent("s") }
    try fixture.desk.settle(within: 60)
    try follower.look()
    try desk.note(follower.told.count, to: follower.listener)
    _ = try desk.search(token, limit: 2, after: nil, from: "192.0.2.9")
    let (count, last) = try desk.uses(of: share.id.text, client: "acme", scope: .all)
    #expect(count == 2)
    #expect(Set(last.map { "\($0.kind) \($0.found) \($0.address)" }) == ["page 2 192.0.2.9", "events 3 192.0.2.2"])
    for _ in 0..<1003 { _ = try desk.search(token, limit: 1, after: nil, from: "192.0.2.9") }
    let all = try desk.uses(of: share.id.text, client: "acme", scope: .all)
    #expect(all.count == 1005 && all.last.count == 1000)
    #expect(fault { _ = try desk.uses(of: share.id.text, client: "acme", scope: .client("bolt")) }?.kind == .notFound)
  }

  @Test("What cannot be shared is refused; the oldest link that is over makes room, with its uses")
  func refused() throws {
    let fixture = try SearchFixture(.embedded, seed: 23)
    let desk = ShareDesk(fixture.library)
    for query in ["lable:car", "score:>.5", ""] {
      #expect(fault { _ = try desk.add(ShareDesk.Draft(query: query), client: "acme", scope: .all) }?.kind == .badInput)
    }
    var draft = ShareDesk.Draft(query: "car")
    #expect(fault { try draft.show(["lable"]) }?.message.contains("label") == true)
    draft.seconds = 367 * 86_400
    #expect(fault { _ = try desk.add(draft, client: "acme", scope: .all) }?.kind == .badInput)
    draft.seconds = 60
    #expect(fault { _ = try desk.add(draft, client: "acme", scope: .client("bolt")) }?.kind == .denied)
    var made: [(share: SearchShare, token: String)] = []
    for _ in 0..<SearchShare.mostOfClient { made.append(try desk.add(draft, client: "acme", scope: .all)) }
    #expect(fault { _ = try desk.add(draft, client: "acme", scope: .all) }?.kind == .exhausted)
    _ = try fixture.show(made[7].token)
    try desk.revoke(made[7].share.id.text, client: "acme", scope: .all)
    _ = try desk.add(draft, client: "acme", scope: .all)
    let known = try desk.shares(of: "acme", scope: .all)
    #expect(known.count == SearchShare.mostOfClient && !known.map(\.id).contains(made[7].share.id))
    #expect(try fixture.library.table.items(Query(LibraryKeys.shareUsesPartition("acme"))).elements.isEmpty)
  }

  @Test("A search that finds too much says nothing of what it met")
  func plain() throws {
    let fixture = try SearchFixture(.embedded, seed: 24)
    let desk = ShareDesk(fixture.library)
    let (share, token) = try desk.add(ShareDesk.Draft(query: "label:secret*"), client: "acme", scope: .all)
    let words = (0..<300).map { Write.put(LibraryKeys.word("acme", "LABEL", "secret-\($0)"), Array("{}".utf8)) }
    for start in stride(from: 0, to: 300, by: 100) {
      _ = try fixture.library.table.write(Array(words[start..<(start + 100)]))
    }
    let fault = fault { _ = try desk.search(token, limit: 1, after: nil, from: "") }
    #expect(fault?.kind == .unavailable && fault?.message.contains("ask whoever gave it to you") == true)
    #expect(try desk.uses(of: share.id.text, client: "acme", scope: .all).count == 0)
  }
}
