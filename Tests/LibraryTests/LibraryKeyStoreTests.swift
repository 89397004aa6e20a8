import Access
import Base
import Catalog
import Items
import LibraryKit
import Store
import TestKit
import Testing

@testable import Library

struct LibraryKeyStoreTests {
  private func make(
    _ client: String, in store: LibraryKeyStore, user: String? = nil, expires: Int? = nil, at date: Int = 7
  ) throws -> NewKey {
    let rate = Rate(5, per: .minute, burst: 2)
    let request = KeyRequest(client: client, user: user, scopes: Scopes([.read]), rate: rate, expires: expires)
    var random = SystemRandomNumberGenerator()
    return try store.change(stillWanted: { true }) { $0.create(request, at: date, using: &random) }
  }

  @Test(
    "A key is read back as it was made, its client is known, and no way to clients or assets finds the key itself",
    arguments: Parts.there)
  func roundTrip(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let store = LibraryKeyStore(fixture.library)
    #expect(try store.read().keys.isEmpty && store.revision() == "none")
    #expect(try fixture.library.clients(scope: .all).isEmpty)
    let first = try make("acme", in: store, user: "Ada \"Löve\" Lovelace", expires: 99, at: 8)
    let second = try make("bolt", in: store, at: 7)
    #expect(try store.read().keys == [second.key, first.key], "in the order they were made")
    #expect(try fixture.library.clients(scope: .all).map(\.name) == ["acme", "bolt"])
    let filter = AssetFilter(client: "acme")
    #expect(try fixture.library.list(filter, scope: .all, limit: 10).elements.isEmpty)
    for item in try fixture.library.table.items(Query(LibraryKeys.accessKeys)).elements {
      #expect(!String(decoding: item.body, as: UTF8.self).contains(first.text.suffix(32)))
    }
  }

  @Test("The revision is another one after every change, and the same after none", arguments: Parts.there)
  func revision(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let store = LibraryKeyStore(fixture.library)
    let new = try make("acme", in: store)
    let revision = try store.revision()
    try store.change(stillWanted: { true }) { _ in }
    #expect(try store.revision() == revision)
    _ = try store.change(stillWanted: { true }) { (list) throws(Fault) in try list.revoke(new.key.id) }
    #expect(try store.revision() != revision && store.read().keys.isEmpty)
  }

  @Test(
    "Changes that come at once through several openings of the library are all there in the end", arguments: Parts.there
  )
  func together(parts: Parts) async throws {
    let fixture = try LibraryFixture(parts)
    let store = LibraryKeyStore(fixture.library)
    let ground = fixture.ground
    await withTaskGroup { group in
      for number in 0..<6 {
        group.addTask {
          guard let other = try? ground.library() else { return }
          for round in 0..<5 {
            var random = SystemRandomNumberGenerator()
            let request = KeyRequest(client: "c\(number)-\(round)", scopes: .all)
            _ = try? LibraryKeyStore(other).change(stillWanted: { true }) { $0.create(request, at: 0, using: &random) }
          }
        }
      }
    }
    let made = (0..<6).flatMap { number in (0..<5).map { "c\(number)-\($0)" } }
    #expect(Set(try store.read().keys.map(\.client)) == Set(made))
    let clients = try fixture.library.clients(scope: .all).map(\.name)
    #expect(clients == made.sorted())
  }

  @Test(
    "A change that is refused leaves all as it was; one of too many keys, and one of a client that is purged, is told",
    arguments: Parts.there)
  func refused(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let store = LibraryKeyStore(fixture.library)
    let new = try make("acme", in: store)
    let revision = try store.revision()
    #expect(throws: Fault.self) {
      try store.change(stillWanted: { true }) { (list) throws(Fault) in
        list = KeyList()
        throw Fault(.notFound, "no")
      }
    }
    let fault = #expect(throws: Fault.self) {
      try store.change(stillWanted: { true }) { list in
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100 { _ = list.create(KeyRequest(client: "acme", scopes: .all), at: 0, using: &random) }
      }
    }
    #expect(fault?.kind == .tooLarge)
    #expect(try store.read().keys == [new.key] && store.revision() == revision)
    var client = Client(name: "gone", created: 0)
    client.state = .purging
    _ = try fixture.library.table.write([.put(LibraryKeys.client("gone"), client.json)])
    #expect(try #require(throws: Fault.self) { try make("gone", in: store) }.kind == .unavailable)
  }

  @Test("A client that is purged loses its keys, and no other does", arguments: Parts.there)
  func purge(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let store = LibraryKeyStore(fixture.library)
    let other = try make("bolt", in: store)
    for _ in 0..<3 { _ = try make("acme", in: store) }
    let report = try fixture.library.purge("acme")
    #expect(report.keys == 3 && report.left.isEmpty, "\(report)")
    #expect(try store.read().keys == [other.key])
  }

  @Test("A library that holds keys is not open to everybody on the machine")
  func mode() throws {
    // Rights of a file; those of a database are its server's.
    let fixture = try LibraryFixture(.embedded)
    let store = LibraryKeyStore(fixture.library)
    let database = "\(fixture.library.path)/library.db"
    _ = shell(["chmod", "644", database])
    _ = try make("acme", in: store)
    #expect(shell(["stat", "-c", "%a", database]).output == "640\n")
  }

  @Test("Sessions that were signed out are kept until they would be over, and then forgotten", arguments: Parts.there)
  func sessions(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let sessions = LibrarySessionStore(fixture.library)
    #expect(try sessions.revision() == "none" && sessions.ended(at: 0).isEmpty)
    let ended = (0..<4).map { EndedSession(key: "abcdefgh", nonce: "n\($0)", expires: 100 + $0) }
    for session in ended { try sessions.end(session, at: 0) }
    let revision = try sessions.revision()
    #expect(try Set(sessions.ended(at: 0)) == Set(ended))
    #expect(try Set(sessions.ended(at: 102)) == Set(ended.suffix(2)))
    let last = EndedSession(key: "bcdefghi", nonce: "z", expires: 500)
    try sessions.end(last, at: 102)
    #expect(try sessions.revision() != revision)
    #expect(try Set(sessions.ended(at: 0)) == Set(ended.suffix(2) + [last]))
  }
}
