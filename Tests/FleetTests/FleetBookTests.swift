import Base
import Catalog
import Items
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Fleet

@Suite struct FleetBookTests {
  private let ground: Ground
  private let time = Monitor(1_774_000_000_000)
  private let book: FleetBook
  private let dock: NodeName
  private let pin = [UInt8](repeating: 7, count: 32)

  init() throws {
    ground = try Ground(.embedded)
    let time = time
    book = FleetBook(try ground.library(clock: { time.update { $0 } }))
    dock = try NodeName("dock")
  }

  private func key(_ letter: String) -> String { String(repeating: letter, count: 64) }

  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  private func token(_ name: NodeName? = nil, seconds: Double = 3600) throws -> TokenWord {
    let request = TokenRequest(
      name: name ?? dock, client: "acme", groups: ["west"], tags: ["cam", "cam", "a"], seconds: seconds)
    return try book.makeToken(request, pin: pin).word
  }

  @Test func `a token lets one key in, once, with what was said when it was made`() throws {
    let word = try token()
    let before = try book.revision()
    let node = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    #expect(node.client == "acme" && node.groups == ["west"] && node.tags == ["a", "cam"])
    #expect(try book.nodes() == [node] && book.node(dock) == node)
    #expect(try book.revision() != before)
    let copied = fault { _ = try book.enrol(dock, secret: word.secret, fingerprint: key("b")) }
    #expect(copied?.kind == .denied && copied?.message.contains("used already") == true)
    #expect(try book.nodes() == [node])
  }

  @Test func `an answer that got lost is asked for again with the same key, also when the token is over`() throws {
    let word = try token(seconds: 60)
    let node = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    time.update { $0 += 3_600_000 }
    #expect(try book.enrol(dock, secret: word.secret, fingerprint: key("a")) == node)
  }

  @Test func `a token is worth nothing from its last second on, nor one that a newer took the place of`() throws {
    let first = try token(seconds: 60)
    time.update { $0 += 60_000 }
    let late = fault { _ = try book.enrol(dock, secret: first.secret, fingerprint: key("a")) }
    #expect(late?.kind == .denied && late?.message.contains("could be used until") == true)
    let (second, third) = (try token(), try token())
    let replaced = fault { _ = try book.enrol(dock, secret: second.secret, fingerprint: key("a")) }
    #expect(replaced?.kind == .denied && replaced?.message.contains("not known") == true)
    #expect(try book.enrol(dock, secret: third.secret, fingerprint: key("a")).fingerprint == key("a"))
  }

  @Test func `the secret is in nothing that is kept`() throws {
    let word = try token()
    let item = try #require(try book.library.table.get(LibraryKeys.fleetToken(dock.text)))
    let text = String(decoding: item.body, as: UTF8.self)
    #expect(!text.contains(Hex.text(word.secret)) && !text.contains(word.text.dropFirst(3)))
  }

  @Test func `a revoked key never comes back, and its name may be another key's`() throws {
    let word = try token()
    _ = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    #expect(fault { _ = try token() }?.kind == .conflict)
    let ring = try NodeRing(book)
    let revoked = try #require(try book.revoke(dock))
    #expect(revoked.state == .revoked && revoked.revoked == book.library.now)
    guard case .enrolled = ring.verdict(of: [UInt8](repeating: 0xaa, count: 32)) else {
      Issue.record("the ring looks by itself, and nobody asked it to")
      return
    }
    try ring.refresh()
    #expect(ring.verdict(of: [UInt8](repeating: 0xaa, count: 32)) == .revoked(dock) && ring.count == 0)
    #expect(try book.revoke(dock) == revoked)
    let again = try token()
    #expect(fault { _ = try book.enrol(dock, secret: again.secret, fingerprint: key("a")) }?.kind == .denied)
    let other = try book.enrol(dock, secret: again.secret, fingerprint: key("b"))
    #expect(other.state == .enrolled && other.revoked == nil)
    #expect(fault { _ = try book.enrol(dock, secret: again.secret, fingerprint: key("a")) }?.kind == .denied)
  }

  @Test func `one key is one node`() throws {
    let word = try token()
    _ = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    let gate = try NodeName("gate")
    let second = try token(gate)
    #expect(fault { _ = try book.enrol(gate, secret: second.secret, fingerprint: key("a")) }?.kind == .denied)
    #expect(try book.node(gate) == nil)
    #expect(fault { _ = try book.enrol(gate, secret: word.secret, fingerprint: key("b")) }?.kind == .denied)
  }

  @Test func `revoking a name takes its open token too, and one that is nothing is not found`() throws {
    let word = try token()
    #expect(try book.revoke(dock) == nil)
    #expect(fault { _ = try book.enrol(dock, secret: word.secret, fingerprint: key("a")) }?.kind == .denied)
    #expect(fault { _ = try book.revoke(dock) }?.kind == .notFound)
  }

  @Test func `a name is one client's, while its token is open and when its node was revoked`() throws {
    let bolt = TokenRequest(name: dock, client: "bolt")
    let word = try token(seconds: 60)
    #expect(fault { _ = try book.makeToken(bolt, pin: pin) }?.kind == .conflict)
    let node = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    #expect(fault { _ = try book.makeToken(bolt, pin: pin) }?.kind == .conflict)
    let revoked = try book.revoke(dock)
    #expect(fault { _ = try book.makeToken(bolt, pin: pin) }?.kind == .conflict)
    #expect(try book.node(dock) == revoked && revoked?.client == node.client)
    // A token that was never used and is over keeps nobody from the name.
    let gate = try NodeName("gate")
    _ = try token(gate, seconds: 60)
    time.update { $0 += 60_000 }
    let other = try book.makeToken(TokenRequest(name: gate, client: "bolt"), pin: pin).word
    #expect(try book.enrol(gate, secret: other.secret, fingerprint: key("b")).client == "bolt")
  }

  @Test func `tags and groups are words, each once, and few`() throws {
    let word = try token()
    _ = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    let node = try book.label(dock, groups: nil, tags: ["b", "a", "b"])
    #expect(node.groups == ["west"] && node.tags == ["a", "b"])
    #expect(try book.label(dock, groups: [], tags: nil).groups.isEmpty)
    for bad in ["", "A", "a b", "ä", "../x", String(repeating: "a", count: 64)] {
      #expect(fault { _ = try book.label(dock, groups: nil, tags: [bad]) }?.kind == .badInput, "\(bad)")
    }
    #expect(fault { _ = try book.label(dock, groups: (0..<33).map { "g\($0)" }, tags: nil) }?.kind == .badInput)
    #expect(fault { _ = try book.label(try NodeName("gate"), groups: [], tags: nil) }?.kind == .notFound)
  }

  @Test func `the last report of a node is kept, and goes when another key takes its name`() throws {
    let word = try token()
    _ = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    #expect(try book.status(of: dock) == nil)
    try book.note(Array(#"{"health":{"version":"1"}}"#.utf8), of: dock)
    let status = try #require(try book.status(of: dock))
    #expect(status.seen == book.library.now && String(decoding: status.report, as: UTF8.self).contains("version"))
    #expect(try book.statuses() == ["dock": status])
    let long = Array("{\"a\":\"\(String(repeating: "x", count: FleetBook.reportByteCount))\"}".utf8)
    #expect(fault { try book.note(long, of: dock) }?.kind == .tooLarge)
    _ = try book.revoke(dock)
    _ = try book.enrol(dock, secret: try token().secret, fingerprint: key("b"))
    #expect(try book.status(of: dock) == nil)
  }

  @Test func `two who bring the same token at once: one comes in`() throws {
    let word = try token()
    let outcomes = Monitor([Bool]())
    let book = book
    let threads = (0..<8).map { number in
      NativeThread { [dock] in
        let key = String(repeating: "\(number)", count: 64)
        let isIn = (try? book.enrol(dock, secret: word.secret, fingerprint: key)) != nil
        outcomes.update { $0.append(isIn) }
      }
    }
    for thread in threads { thread.join() }
    #expect(outcomes.update { $0 }.count { $0 } == 1)
  }

  @Test func `nodes and tokens of a client that is purged are gone, and those of others stay`() throws {
    let (word, gate) = (try token(), try NodeName("gate"))
    _ = try book.enrol(dock, secret: word.secret, fingerprint: key("a"))
    try book.note(Array("{}".utf8), of: dock)
    _ = try book.askLog(of: dock, lines: 5)
    _ = try token(try NodeName("open"))
    let other = try book.makeToken(TokenRequest(name: gate, client: "bolt"), pin: pin).word
    let kept = try book.enrol(gate, secret: other.secret, fingerprint: key("b"))
    let ring = try NodeRing(book)
    #expect(try book.library.purge("acme").left.isEmpty)
    try ring.refresh()
    #expect(try book.log(of: dock) == nil)
    #expect(try book.nodes() == [kept] && book.statuses().isEmpty && book.client(of: NodeName("open")) == nil)
    #expect(ring.verdict(of: [UInt8](repeating: 0xaa, count: 32)) == .unknown && ring.count == 1)
    #expect(fault { _ = try book.enrol(dock, secret: word.secret, fingerprint: key("a")) }?.kind == .denied)
  }

  @Test func `the door's pin is written down, and a change is told`() throws {
    #expect(fault { _ = try book.doorPin() }?.kind == .notFound)
    #expect(try book.setDoorPin(pin) == nil && book.doorPin() == pin)
    #expect(try book.setDoorPin(pin) == nil)
    #expect(try book.setDoorPin([UInt8](repeating: 8, count: 32)) == pin)
  }
}
