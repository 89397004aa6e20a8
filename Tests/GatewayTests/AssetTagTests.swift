import Access
import Base
import Catalog
import Library
import TestKit
import Testing

@testable import Gateway

struct AssetTagTests {
  @Test("The tag of an asset is another one once an analysis of it was replaced, though the asset itself says the same")
  func replaced() throws {
    let server = try SignedServer()
    defer { server.end() }
    let (id, key) = (try server.add("acme"), try server.makeKey("acme"))
    let asset = try server.library.asset(id, scope: .all).asset
    func analyse(_ worker: String) throws {
      let head = AnalysisWriter.Head(
        pipeline: "sha256:" + String(repeating: "a", count: 64), series: "p", models: [], worker: worker,
        engine: "none", version: "0")
      let made = try AnalysisWriter(server.library, asset, head)
        .finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil)
      try server.library.publish(made, replaces: true)
    }
    func ask(_ method: String = "GET", _ headers: [(String, String)] = [], body: String? = nil) throws -> PlainAnswer {
      try server.ask(
        method, "/v1/assets/\(id)", [("Authorization", "Bearer \(key.text)")] + headers, body: body)
    }
    try analyse("first")
    let first = try ask()
    let tag = try #require(first.headers["etag"])
    #expect(try ask("GET", [("If-None-Match", tag)]).status == 304)
    try analyse("second")
    let second = try ask("GET", [("If-None-Match", tag)])
    #expect(second.status == 200 && second.text.contains("second") && second.headers["etag"] != tag)
    #expect(try ask("PATCH", [("If-Match", tag)], body: "{\"tags\":[\"a\"]}").status == 412)
    let changed = try ask("PATCH", [("If-Match", second.headers["etag"]!)], body: "{\"tags\":[\"a\"]}")
    #expect(changed.status == 200)
    #expect(try ask().headers["etag"] == changed.headers["etag"])
  }
}
