import Access
import Base
import Catalog
import Foundation
import Library
import LibraryKit
import TestKit
import Testing

@testable import Gateway

/// Addresses with which clients fetch past the server what is theirs, and nothing else.
@Suite(.enabled(if: Parts.there.contains(.shared), "PostgreSQL, an S3 service or Redis is missing"))
struct AddressTests {
  private struct Given {
    let answer: PlainAnswer
    let json: [String: Any]
    var text: String { json["address"] as? String ?? "" }
    /// What stands behind the host, and behind that what it is signed with.
    var path: String { "/" + text.split(separator: "/", maxSplits: 2)[2] }
    var query: String { String(text.split(separator: "?")[1]) }
  }

  private func give(_ server: SignedServer, _ asset: String, _ key: NewKey) throws -> Given {
    let answer = try server.ask("GET", "/v1/assets/\(asset)/address", [("Authorization", "Bearer \(key.text)")])
    let json = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
    return Given(answer: answer, json: json ?? [:])
  }

  /// Asks the S3 service, with no other right than what stands in the path.
  private func fetch(_ path: String, _ method: String = "GET", _ header: String = "") throws -> PlainAnswer {
    let endpoint = try #require(S3Server.shared).endpoint
    let host = String(endpoint.dropFirst("http://".count))
    let client = try PlainClient(try #require(Int(host.split(separator: ":")[1])))
    let length = method == "PUT" ? "Content-Length: 3\r\n" : ""
    client.send("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\(header)\(length)Connection: close\r\n\r\n")
    if method == "PUT" { client.send("new") }
    return try client.answer(bare: method == "HEAD")
  }

  @Test("It reads one object, whole and by ranges, and does nothing else: no other object, no list, no writing")
  func object() throws {
    let server = try SignedServer(try Ground(.shared))
    defer { server.end() }
    let (asset, other) = (try server.add("acme"), try server.add("bolt"))
    let given = try give(server, asset, try server.makeKey("acme", [.read]))
    #expect(given.answer.status == 200 && given.answer.headers["cache-control"] == "no-store")
    let expires = try #require(UTC.seconds(given.json["expires"] as? String ?? ""))
    #expect((Clock.date + 290...Clock.date + 300).contains(expires) && given.query.contains("X-Amz-Expires=300"))
    let whole = try fetch(given.path)
    #expect(whole.status == 200 && whole.text == "the film of acme")
    #expect(whole.headers["content-disposition"]?.contains("secret-of-acme") == true)
    let part = try fetch(given.path, "GET", "Range: bytes=4-7\r\n")
    #expect(part.status == 206 && part.text == "film" && part.headers["content-range"] == "bytes 4-7/16")

    let (mine, others) = (try digest(asset, server), try digest(other, server))
    let bucket = "/\(S3Server.bucket)"
    let prefix = "prefix=" + given.path.split(separator: "/")[1]
    let forbidden = [
      ("GET", given.path.replacing(mine, with: others)), ("GET", String(given.path.prefix { $0 != "?" })),
      ("GET", given.path.replacing("X-Amz-Expires=300", with: "X-Amz-Expires=3000")),
      ("GET", "\(bucket)?\(given.query)"), ("GET", "\(bucket)?list-type=2&\(given.query)"),
      ("GET", "\(bucket)?list-type=2&\(prefix)&\(given.query)"), ("GET", "\(bucket)/?versions&\(given.query)"),
      ("GET", given.path + "&uploads"), ("GET", given.path + "&acl"), ("PUT", given.path), ("DELETE", given.path),
      ("HEAD", given.path), ("POST", given.path + "&uploads"),
    ]
    for (method, path) in forbidden {
      let answer = try fetch(path, method)
      #expect(answer.status == 403, "\(method) \(path): \(answer.status)")
      #expect(!answer.text.contains("film of") && !answer.text.contains("<Contents>"))
    }
    #expect(try fetch(given.path).text == "the film of acme")
    try server.library.delete(asset, scope: .all)
    _ = try server.library.collect()
    #expect(try fetch(given.path).status == 404)
  }

  private func digest(_ asset: String, _ server: SignedServer) throws -> String {
    try server.library.asset(asset, scope: .all).asset.object
  }

  @Test("Another client's asset has none, as one that is not there; nor has a key that may not read")
  func foreign() throws {
    let server = try SignedServer(try Ground(.shared))
    defer { server.end() }
    let asset = try server.add("acme")
    let missing = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    let key = try server.makeKey("bolt", [.read, .write, .upload])
    let (foreign, none) = (try give(server, asset, key).answer, try give(server, missing, key).answer)
    #expect(foreign.status == 404 && none.status == 404)
    let texts = [(foreign, asset), (none, missing)].map { answer, id in
      answer.text.replacing(id, with: "").replacing(/"request":"[0-9a-f]+"/, with: "")
    }
    #expect(texts[0] == texts[1])
    #expect(try give(server, asset, server.makeKey("acme", [.upload])).answer.status == 403)
    #expect(try server.ask("GET", "/v1/assets/\(asset)/address").status == 401)
  }

  @Test("It ends after five minutes: the service goes by its own clock", arguments: [(280, 200), (301, 403)])
  func expiry(seconds: Int, status: Int) throws {
    let ground = try Ground(.shared)
    let library = try ground.library(bucket: try ground.bucket(late: seconds))
    let server = try SignedServer(ground, over: library)
    defer { server.end() }
    let given = try give(server, server.add("acme"), server.makeKey("acme", [.read]))
    #expect(given.answer.status == 200)
    #expect(try fetch(given.path).status == status)
  }

  @Test("Where the library is a folder it is the server's own address, which asks for a key")
  func folder() throws {
    let server = try SignedServer()
    defer { server.end() }
    let asset = try server.add("acme")
    let given = try give(server, asset, try server.makeKey("acme", [.read]))
    #expect(given.text == "/v1/assets/\(asset)/content" && given.json["expires"] == nil)
    #expect(try server.ask("GET", given.text).status == 401)
  }
}
