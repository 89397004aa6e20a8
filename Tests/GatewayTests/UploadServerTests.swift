import Access
import Base
import Catalog
import Crypto
import Library
import Objects
import TestKit
import Testing
import Uploads
import Web

@testable import Gateway

/// Uploads as a client of tus 1.0 meets them, at a real server.
struct UploadServerTests {
  private let server: SignedServer
  private let key: (String, String)
  private let film = Array("a film of some bytes".utf8)
  private static let bytes = ("Content-Type", "application/offset+octet-stream")

  init() throws {
    server = try SignedServer()
    key = ("Authorization", "Bearer \(try server.makeKey("acme", [.read, .write, .upload]).text)")
  }

  private func ask(
    _ method: String, _ path: String, _ headers: [(String, String)] = [], body: String? = "", version: String? = "1.0.0"
  ) throws -> PlainAnswer {
    let all = [key] + headers + (version.map { [("Tus-Resumable", $0)] } ?? [])
    return try server.ask(method, path, all, body: body)
  }

  private func begin(_ length: Int, _ headers: [(String, String)] = [], body: String = "") throws -> PlainAnswer {
    try ask("POST", "/v1/uploads", [("Upload-Length", "\(length)")] + headers, body: body)
  }

  private func send(_ place: String, _ offset: Int, _ text: String, _ more: [(String, String)] = []) throws
    -> PlainAnswer
  {
    try ask("PATCH", place, [Self.bytes, ("Upload-Offset", "\(offset)")] + more, body: text)
  }

  /// Files of bytes and of uploads.
  private func left() throws -> [String] {
    let folder = server.library.path + "/objects"
    var found = try FileSystem.list(folder + "/uploads") + FileSystem.list(folder + "/staging")
    for shard in try FileSystem.list(folder + "/objects") { found += try FileSystem.list("\(folder)/objects/\(shard)") }
    return found.sorted()
  }

  @Test("Every answer of an upload's address names the protocol's version, also those before the protocol is asked")
  func version() throws {
    defer { server.end() }
    let place = try #require(begin(5).headers["location"])
    for answer in [
      try ask("HEAD", place, body: nil), try ask("HEAD", "/v1/uploads/none", body: nil), try ask("GET", "/v1/uploads"),
      try ask("GET", place), try ask("PUT", place), try server.ask("POST", "/v1/uploads", body: ""), try begin(-1),
      try ask("OPTIONS", "/v1/uploads", body: nil, version: nil), try ask("OPTIONS", place, body: nil, version: "0.2"),
      try ask("DELETE", "/v1/uploads/a%2Fb"), try send(place, 9, "x"),
    ] { #expect(answer.headers["tus-resumable"] == "1.0.0", "\(answer.status) \(answer.text)") }
    for version in [nil, "0.2.2"] {
      let answer = try ask("HEAD", place, body: nil, version: version)
      #expect(answer.status == 412 && answer.headers["tus-version"] == "1.0.0")
    }
    let look = try ask("HEAD", place, body: nil)
    #expect(look.status == 200 && look.headers["cache-control"] == "no-store" && look.headers["upload-offset"] == "0")
    // No page of another site is let in.
    #expect(
      try ask("OPTIONS", place, [("Origin", "https://a.example")], body: nil).headers["access-control-allow-origin"]
        == nil)
  }

  @Test("The first bytes may come with the creation, with a checksum; where it is wrong, nothing stays")
  func creationWithUpload() throws {
    defer { server.end() }
    let text = String(decoding: film, as: UTF8.self)
    let before = try left()
    let right = Base64.encode(try #require(Hex.bytes(SHA256.hex(of: film))))
    let wrong = Base64.encode([UInt8](repeating: 1, count: 32))
    let refused = try begin(film.count, [Self.bytes, ("Upload-Checksum", "sha256 \(wrong)")], body: text)
    #expect(refused.status == 460 && refused.headers["location"] == nil)
    #expect(try begin(3, [Self.bytes], body: text).status == 413)
    #expect(try left() == before)
    let made = try begin(film.count, [Self.bytes, ("Upload-Checksum", "sha256 \(right)")], body: text)
    #expect(made.status == 201 && made.headers["upload-offset"] == "\(film.count)", "\(made.text)")
    let asset = try #require(made.headers["asset-id"])
    #expect(try ask("GET", "/v1/assets/\(asset)/content", body: nil).body == film)
    let part = try begin(film.count, [Self.bytes], body: "a fi")
    #expect(part.status == 201 && part.headers["upload-offset"] == "4")
    #expect(try send(#require(part.headers["location"]), 4, String(text.dropFirst(4))).headers["asset-id"] != nil)
  }

  @Test("A creation whose connection breaks leaves nothing: its client was never told an address")
  func brokenCreation() throws {
    defer { server.end() }
    let client = try PlainClient(server.server.port)
    let head =
      "POST /v1/uploads HTTP/1.1\r\nHost: x\r\n\(key.0): \(key.1)\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 50\r\n"
    client.send(head + "Content-Type: application/offset+octet-stream\r\nContent-Length: 50\r\n\r\nabc")
    try waitUntil("the upload begins") { try !left().isEmpty }
    client.reset()
    try waitUntil("nothing is left") { try left().isEmpty }
  }

  @Test(
    "What is no film is refused with a sentence, empty too, and nothing of it stays; an upload of a wrong digest as well"
  )
  func refused() throws {
    defer { server.end() }
    let text = "no film: text"
    let place = try #require(begin(text.utf8.count).headers["location"])
    let answer = try send(place, 0, text)
    #expect(answer.status == 400 && answer.text.contains("no picture and no video"))
    #expect(try ask("HEAD", place, body: nil).status == 404)
    #expect(try ask("PUT", "/v1/files/a.mp4", body: text).status == 400)
    let wanted = Base64.encode(Array(String(repeating: "0", count: 64).utf8))
    let other = try #require(begin(3, [("Upload-Metadata", "sha256 \(wanted)")]).headers["location"])
    #expect(try send(other, 0, "abc").status == 460 && ask("HEAD", other, body: nil).status == 404)
    #expect(
      try begin(1, [("Upload-Metadata", "client /w==")]).status == 400, "a client that is no text is not left away")
    #expect(try left().isEmpty)
  }

  @Test("A whole upload takes no more, is still told of, and is ended with 204; its asset stays")
  func whole() throws {
    defer { server.end() }
    let place = try #require(begin(3).headers["location"])
    let asset = try #require(send(place, 0, "abc").headers["asset-id"])
    let again = try send(place, 3, "")
    #expect(again.status == 204 && again.headers["upload-offset"] == "3" && again.headers["asset-id"] == asset)
    #expect(try send(place, 3, "d").status == 413 && send(place, 0, "abc").status == 409)
    #expect(try ask("HEAD", place, body: nil).headers["asset-id"] == asset)
    #expect(try ask("POST", place, [("X-HTTP-Method-Override", "DELETE")]).status == 204)
    #expect(try ask("DELETE", place).status == 404 && ask("HEAD", place, body: nil).status == 404)
    #expect(try ask("GET", "/v1/assets/\(asset)", body: nil).status == 200)
  }

  @Test(
    "An upload whose last bytes came just before the server died becomes an asset when it is asked about, or by itself")
  func lastMoment() throws {
    defer { server.end() }
    func die(_ text: String) throws -> String {
      let place = try #require(begin(text.utf8.count).headers["location"])
      let id = String(place.dropFirst("/v1/uploads/".count))
      guard case .free(let part) = try server.library.uploads.open(id) else { throw Fault(.bug, "it is not free") }
      let bytes = Array(text.utf8)
      try part.append(bytes.span.bytes)
      return place
    }
    let asked = try die("asked")
    let look = try ask("HEAD", asked, body: nil)
    let asset = try #require(look.headers["asset-id"])
    #expect(look.headers["upload-offset"] == "5")
    #expect(try ask("GET", "/v1/assets/\(asset)/content", body: nil).text == "asked")
    let alone = try die("alone")
    try server.library.finishUploads(examiner: AnyFile())
    #expect(try ask("HEAD", alone, body: nil).headers["asset-id"] != nil)
    _ = try die("no film: dead")
    try server.library.finishUploads(examiner: AnyFile())
    #expect(try server.library.uploads.unfinished().isEmpty)
  }

  @Test("Uploads that begin at one moment never go over a client's limit together")
  func together() throws {
    defer { server.end() }
    try server.library.limit("acme", to: 100)
    let statuses = Monitor<[Int]>([])
    let (port, key) = (server.server.port, key)
    let threads = (0..<12).map { _ in
      NativeThread {
        let head = "POST /v1/uploads HTTP/1.1\r\nHost: vision.example.org\r\n\(key.0): \(key.1)\r\n"
        let client = try? PlainClient(port)
        client?.send(head + "Tus-Resumable: 1.0.0\r\nUpload-Length: 30\r\nContent-Length: 0\r\n\r\n")
        let status = (try? client?.answer())?.status ?? 0
        statuses.update { $0.append(status) }
      }
    }
    for thread in threads { thread.join() }
    let all = statuses.update { $0 }.sorted()
    #expect(all == [201, 201, 201] + [Int](repeating: 507, count: 9))
    let ten = String(repeating: "x", count: 10)
    #expect(try ask("PUT", "/v1/files/a.mp4", body: ten + "x").status == 507)
    #expect(try ask("PUT", "/v1/files/a.mp4", body: ten).status == 201)
  }

  @Test("An upload that is not gone on with is gone: 410 until it is taken away, then 404")
  func expired() throws {
    let place = try #require(begin(3).headers["location"])
    let id = String(place.dropFirst("/v1/uploads/".count))
    let record = try #require(try server.library.uploads.record(id))
    #expect(record.expires - record.created == 24 * 3600)
    #expect(try server.library.uploads.removeExpired(now: record.expires - 1) == 0)
    #expect(try server.library.uploads.removeExpired(now: record.expires) == 1)
    #expect(try ask("HEAD", place, body: nil).status == 404)
    #expect(try left().isEmpty)
    server.end()
  }
}
