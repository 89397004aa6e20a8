import Access
import Base
import Catalog
import Foundation
import Items
import Library
import LibraryKit
import TestKit
import Testing

@testable import Gateway

struct SnapshotTests {
  @Test("The picture of an event is the one that was kept; one that the disk changed, or cut, is an error")
  func damaged() throws {
    let server = try SignedServer()
    defer { server.end() }
    let key = ("Authorization", "Bearer \(try server.makeKey("acme", [.read]).text)")
    try server.library.admit("acme")
    var random = SystemRandomNumberGenerator()
    let now = server.library.now
    let event = StreamEvent(
      id: ULID(milliseconds: now, using: &random), client: "acme", stream: "gate", rule: "there", from: now,
      pipeline: "sha256:0")
    let picture = [UInt8](repeating: 7, count: 900)
    try server.library.keep(event, picture: picture)
    let path = "/v1/events/\(event.id)/snapshot"
    let whole = try server.ask("GET", path, [key])
    #expect(whole.status == 200 && Array(whole.body) == picture)
    let digest = try #require(try server.library.event(event.id.text, client: "acme", scope: .all).snapshot)
    for bytes in [[1] + picture.dropFirst(), Array(picture.prefix(400)), []] {
      try server.ground.damage(digest, bytes, in: server.library)
      let answer = try server.ask("GET", path, [key])
      #expect(answer.status == 500 && answer.text.contains("was damaged on this server's disk"), "\(answer.text)")
    }
  }
}
