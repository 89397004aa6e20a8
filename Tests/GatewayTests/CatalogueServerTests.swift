import Access
import Base
import Foundation
import Insights
import TestKit
import Testing

@testable import Gateway

/// The server's catalogue over HTTP.
struct CatalogueServerTests {
  private static let jpeg: [UInt8] = [0xff, 0xd8, 1, 2, 3]
  /// Names and addresses as somebody could write who means harm.
  private static let hostile = (
    id: #"<b>"%2e?#&'é茶🍵"#, name: "<script>alert(1)</script>\u{202e}", url: "javascript:alert(1)"
  )

  private let server: SignedServer
  private let key: (String, String)

  init() throws {
    server = try SignedServer()
    key = ("Authorization", "Bearer \(try server.makeKey("acme", [.read]).text)")
  }

  private var path: String { server.folder.file("catalogue/" + CatalogueFile.name) }

  private func write(_ edit: (inout Catalogue) throws -> Void = { _ in }) throws {
    var catalogue = Catalogue(model: "net@sha256:00")
    for (number, id) in ["cola", "fig", "tea", Self.hostile.id].enumerated() {
      var example = Catalogue.Example(digest: "\(number)", name: "\(id).png", embedding: [1, 0])
      example.thumbnail = id == "fig" ? [] : Self.jpeg + [UInt8(number)]
      try catalogue.add([example], to: id)
    }
    try catalogue.add([], to: "cola", name: "Cola 33 cl", brand: "Acme", url: "https://cola.example")
    try catalogue.add([], to: Self.hostile.id, name: Self.hostile.name, url: Self.hostile.url)
    try edit(&catalogue)
    try FileSystem.makeFolder(FileSystem.folder(of: path))
    try FileSystem.write(CatalogueFile.bytes(catalogue), to: path)
  }

  private func ask(_ path: String, _ headers: [(String, String)] = []) throws -> PlainAnswer {
    try server.ask("GET", path, [key] + headers)
  }

  private func list(_ query: String = "") throws -> (ids: [String], json: [String: Any]) {
    let answer = try ask("/v1/catalogue" + query)
    #expect(answer.status == 200, "\(answer.text)")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    return ((json["products"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }, json)
  }

  @Test("A server without a catalogue says how to make one, and one that is made is there at once")
  func made() throws {
    defer { server.end() }
    let none = try ask("/v1/catalogue")
    #expect(none.status == 404 && none.text.contains("ridley catalogue add"))
    #expect(try ask("/v1/catalogue/cola/picture").status == 404)
    try write()
    #expect(try list().ids == [Self.hostile.id, "cola", "fig", "tea"])
    try FileSystem.remove(path)
    #expect(try ask("/v1/catalogue").status == 404)
  }

  @Test("Products come with what is said of them, in pages, and by words")
  func listed() throws {
    defer { server.end() }
    try write()
    let (_, json) = try list()
    #expect(json["count"] as? Int == 4 && json["next"] == nil && json["model"] as? String == "net@sha256:00")
    let cola = try #require((json["products"] as? [[String: Any]])?.first { $0["id"] as? String == "cola" })
    #expect(cola["name"] as? String == "Cola 33 cl" && cola["brand"] as? String == "Acme")
    #expect(cola["pictures"] as? [String] == ["cola.png"] && cola["provable"] as? Bool == false)
    let (first, page) = try list("?limit=2")
    #expect(first == [Self.hostile.id, "cola"] && page["next"] as? String == "cola" && page["count"] as? Int == 4)
    let rest = try list("?limit=2&after=cola")
    #expect(rest.ids == ["fig", "tea"] && rest.json["next"] == nil)
    #expect(try list("?q=ACME+33").ids == ["cola"] && list("?q=none").ids == [])
    #expect(try ask("/v1/catalogue?limit=0").status == 400 && ask("/v1/catalogue?x=1").status == 400)
  }

  @Test("A picture comes as what it is, with its tag, and is not sent twice")
  func pictures() throws {
    defer { server.end() }
    try write()
    let picture = try ask("/v1/catalogue/cola/picture")
    #expect(picture.status == 200 && picture.body == Self.jpeg + [0])
    #expect(picture.headers["content-type"] == "image/jpeg" && picture.headers["x-content-type-options"] == "nosniff")
    let tag = try #require(picture.headers["etag"])
    let again = try ask("/v1/catalogue/cola/picture", [("If-None-Match", tag)])
    #expect(again.status == 304 && again.body.isEmpty)
    let told = try #require((try list().json["products"] as? [[String: Any]])?.first { $0["id"] as? String == "cola" })
    #expect(tag == "\"\(told["picture"] as? String ?? "")\"")
    #expect(try ask("/v1/catalogue/fig/picture").status == 404 && ask("/v1/catalogue/none/picture").status == 404)
    let whole = try #require(try ask("/v1/catalogue").headers["etag"])
    #expect(try ask("/v1/catalogue", [("If-None-Match", whole)]).status == 304)
    try write { $0.remove("tea") }
    #expect(try ask("/v1/catalogue", [("If-None-Match", whole)]).status == 200)
  }

  @Test("Hostile words are told as they are, as JSON, and their product is found by its id in an address")
  func words() throws {
    defer { server.end() }
    try write()
    let answer = try ask("/v1/catalogue?limit=1")
    #expect(answer.headers["content-type"] == "application/json")
    let first = try #require((try list("?limit=1").json["products"] as? [[String: Any]])?.first)
    #expect(first["name"] as? String == Self.hostile.name && first["url"] as? String == Self.hostile.url)
    let coded = Self.hostile.id.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(try ask("/v1/catalogue/\(coded)/picture").body == Self.jpeg + [3])
    for way in ["..%2F..%2Fmodels", "%2e%2e", "cola%00", String(repeating: "a", count: 3000)] {
      #expect(try ask("/v1/catalogue/\(way)/picture").status == 404, "\(way.prefix(20))")
    }
  }

  @Test("A damaged catalogue is told, names no folder of the server, and is read again once it is whole")
  func damaged() throws {
    defer { server.end() }
    try write()
    let whole = try FileSystem.read(path)
    for bytes in [Array(whole.dropLast(3)), [], Array("nonsense".utf8), [UInt8](repeating: 0xff, count: 4096)] {
      try FileSystem.write(bytes, to: path)
      for way in ["/v1/catalogue", "/v1/catalogue/cola/picture"] {
        let answer = try ask(way)
        #expect(answer.status == 503 && !answer.text.contains(server.folder.path), "\(answer.text)")
      }
    }
    var newer = whole
    newer[8] = 9
    try FileSystem.write(newer, to: path)
    #expect(try ask("/v1/catalogue").text.contains("version 9"))
    try FileSystem.write(whole, to: path)
    #expect(try list().ids.count == 4)
  }

  @Test("It is read once for each change of its file, however often it is asked for, whole or damaged")
  func cached() throws {
    defer { server.end() }
    try write()
    for _ in 0..<5 { #expect(try list().ids.count == 4 && ask("/v1/catalogue/cola/picture").status == 200) }
    #expect(server.catalogue.reads.update { $0 } == 1)
    try FileSystem.write([1, 2, 3], to: path)
    for _ in 0..<5 { #expect(try ask("/v1/catalogue").status == 503) }
    #expect(server.catalogue.reads.update { $0 } == 2)
  }

  @Test("A key without the scope read does not see it, and nobody does without a key")
  func scope() throws {
    defer { server.end() }
    try write()
    let other = ("Authorization", "Bearer \(try server.makeKey("bolt", [.write, .infer, .upload]).text)")
    for way in ["/v1/catalogue", "/v1/catalogue/cola/picture"] {
      #expect(try server.ask("GET", way, [other]).status == 403 && server.ask("GET", way).status == 401)
    }
  }
}
