import Access
import Base
import Crypto
import Fleet
import Foundation
import TestKit
import Testing
import Updates

@testable import Gateway

/// A bundle that was signed elsewhere comes in over HTTP.
@Suite struct FleetUpdateRouteTests {
  private func key(_ key: NewKey) -> [(String, String)] { [("Authorization", "Bearer \(key.text)")] }

  private func signer() throws -> Ed25519.PrivateKey {
    let head: [UInt8] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]
    let text = Base64.encode(head + [UInt8](repeating: 9, count: 32))
    return try Ed25519.PrivateKey(
      pem: Array("-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n".utf8), name: "the test's key")
  }

  /// A centre with a node of each of two clients.
  private func centre() throws -> (server: SignedServer, book: UpdateBook) {
    let server = try SignedServer(isCentre: true)
    let (fleet, pin) = (FleetBook(server.library), [UInt8](repeating: 1, count: 32))
    _ = try fleet.setDoorPin(pin)
    for (name, client, digit) in [("dock", "acme", "a"), ("gate", "bolt", "b")] {
      let request = TokenRequest(name: try NodeName(name), client: client)
      let word = try fleet.makeToken(request, pin: pin).word
      _ = try fleet.enrol(request.name, secret: word.secret, fingerprint: String(repeating: digit, count: 64))
    }
    let book = UpdateBook(server.library)
    try book.setKeys([try signer().publicKey.bytes])
    return (server, book)
  }

  private func draft(_ book: UpdateBook, for target: UpdateTarget) throws -> [UInt8] {
    let next = try book.next()
    let bundle = Bundle(
      centre: next.centre, version: next.version, issued: 0, target: target,
      pipelines: [Bundle.Pipeline("people", "a: \"é\"\n")])
    return try book.draft(
      bundle, for: target, try UpdatePlan(stages: [1], every: 0, rule: nil), by: "ann"
    ).message
  }

  private func body(_ message: [UInt8], _ signature: [UInt8]) throws -> String {
    let fields = ["bundle": String(decoding: message, as: UTF8.self), "signature": Base64.encode(signature)]
    return String(decoding: try JSONEncoder().encode(fields), as: UTF8.self)
  }

  @Test func `who administers all of its nodes begins an update with a signature, and nobody else does`() throws {
    let (server, book) = try centre()
    defer { server.end() }
    let path = "/v1/fleet/updates"
    let acme = key(try server.makeKey("acme", [.read, .admin]))
    let all = try draft(book, for: .fleet)
    let foreign = try server.ask("POST", path, acme, body: try body(all, signer().signature(of: all)))
    #expect(foreign.status == 403 && foreign.text.contains("of others too"), "\(foreign.text)")
    let message = try draft(book, for: .node("dock"))
    let right = try body(message, signer().signature(of: message))
    let writer = key(try server.makeKey("acme", [.read, .write]))
    #expect(try server.ask("POST", path, writer, body: right).status == 403)
    #expect(try server.ask("POST", path, body: right).status == 401)
    for (text, status) in [
      ("{}", 400), (#"{"bundle":"x","signature":"%"}"#, 400), (#"{"bundle":"x","signature":""}"#, 400),
      (try body(message, [1, 2, 3]), 403), (try body(message + [10], signer().signature(of: message + [10])), 400),
    ] { #expect(try server.ask("POST", path, acme, body: text).status == status, "\(text)") }
    #expect(try book.updates().isEmpty)
    let begun = try server.ask("POST", path, acme, body: right)
    #expect(begun.status == 201 && begun.text.contains(#""state":"running""#), "\(begun.text)")
    #expect(try book.updates().map(\.target) == [.node("dock")])
    #expect(try server.ask("POST", path, acme, body: right).status == 409)
    // Who watches the nodes sees how they are with it, and others see none of it.
    try server.fleet?.note()
    let watched = try server.ask("GET", "/metrics", acme).text
    for line in [#"{version="1",state="due"} 1"#, #"{version="1",state="has"} 0"#] {
      #expect(watched.contains("ridley_update_nodes\(line)\n"), "\(line)")
    }
    let bolt = key(try server.makeKey("bolt", [.read]))
    #expect(try !server.ask("GET", "/metrics", bolt).text.contains("ridley_update_nodes"))
  }

  @Test func `a server that is no centre begins none`() throws {
    let server = try SignedServer()
    defer { server.end() }
    let admin = key(try server.makeKey("acme", [.admin]))
    let answer = try server.ask("POST", "/v1/fleet/updates", admin, body: #"{"bundle":"x","signature":""}"#)
    #expect(answer.status == 404 && answer.text.contains("no centre"))
  }
}
