import Access
import Base
import Bus
import Catalog
import Foundation
import Items
import Jobs
import Library
import Objects
import Predictions
import Streams
import TestKit
import Testing
import Uploads

@testable import Gateway

/// Whatever is asked with the names of another client's things is answered as if there were no such things.
struct IsolationTests {
  /// Answers every frame.
  private struct AnyFrame: FrameFinder {
    func frame(_ number: Int, of path: String, isPicture: Bool, index: [UInt8]?) throws(Fault) -> FoundFrame? {
      FoundFrame(
        index: number, pts: number, time: 0, size: Size(width: 1, height: 1),
        digest: String(repeating: "0", count: 64), jpeg: [0xff, 0xd8])
    }
  }

  private let server: SignedServer
  /// Of each client, with the upload that lacks bytes.
  private let holdings: [String: ForeignNames]

  init() throws {
    server = try SignedServer(finder: AnyFrame())
    var holdings: [String: ForeignNames] = [:]
    for client in ["acme", "bolt"] {
      holdings[client] = try Self.fill(server.library, client, server.folder)
      // It waits for a model that there is not.
      var draft = StreamDesk.Draft(source: "rtsp://of-\(client)/")
      draft.model = "none"
      _ = try server.streams.put("of-\(client)", draft, client: client, isOwner: false, mustBeServed: false)
    }
    self.holdings = holdings
    try server.library.settle()
  }

  private static func digest(_ seed: UInt64) -> String {
    var dice = SeededRandom(seed)
    return String((0..<64).map { _ in "0123456789abcdef".randomElement(using: &dice)! })
  }

  /// Gives a client an asset with an analysis, an asset more, and an upload that lacks bytes.
  private static func fill(_ library: Library, _ client: String, _ folder: TemporaryFolder) throws -> ForeignNames {
    let word = "of-\(client)"
    var draft = AssetDraft(group: AssetGroup(client: client, brand: word, campaign: word), name: "secret-\(word).mp4")
    draft.tags = [word]
    func add(_ text: String) throws -> Asset {
      try FileSystem.write(Array(text.utf8), to: folder.file("in"))
      return try library.add(file: folder.file("in"), draft, scope: .all, examiner: AnyFile()).asset
    }
    let asset = try add("the film \(word)")
    _ = try add("another film \(word)")
    let pipeline = "sha256:" + digest(client == "acme" ? 1 : 2)
    let head = AnalysisWriter.Head(
      pipeline: pipeline, series: word, models: [Analysis.Model(name: word, digest: digest(3))], worker: word,
      engine: "none", version: "0")
    var writer = try AnalysisWriter(library, asset, head)
    writer.note("seen", [("note", "secret-\(word)")])
    let found = Prediction(kind: .classification, label: word, score: 0.5)
    try writer.add(FrameStamp(file: "secret-\(word).mp4", index: 0, pts: 0, time: 0), [found]) { _ in word }
    try library.publish(try writer.finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil), replaces: true)
    let page = try library.list(AssetFilter(client: client), scope: .all, limit: 1)
    let (now, analyses) = (try library.asset(asset.id.text, scope: .all).asset, try library.analyses(of: asset))
    let detail = JSONWriter.object { json in
      now.write(into: &json)
      json.array("results") { json in for analysis in analyses { json.object { analysis.write(into: &$0) } } }
    }
    return ForeignNames(
      client: client, asset: asset.id.text, pipeline: pipeline,
      upload: try beginUpload(library, client, length: 10), job: try startJob(library, client),
      trigger: try addTrigger(library, client), event: try addEvent(library, client), word: client,
      token: page.next?.text ?? "none",
      tag: "\"\(Library.tag(of: detail))\"", object: asset.object)
  }

  private static func startJob(_ library: Library, _ client: String) throws -> String {
    let pinned = Job.Pinned(
      series: "secret-of-\(client)", digest: "sha256:" + digest(6), text: "infer: m", folder: "/", models: ["m@1"])
    let desk = JobDesk(library, bus: try SQLiteBus("\(library.path)/library.db"))
    return try desk.start(JobRequest(client: client, pipelines: [pinned]), scope: .all).job.id.text
  }

  /// With a picture, of a stream for which zones were drawn.
  private static func addEvent(_ library: Library, _ client: String) throws -> String {
    var random = SystemRandomNumberGenerator()
    let (word, id) = ("of-\(client)", ULID(milliseconds: 1_700_000_000_000, using: &random))
    var event = StreamEvent(
      id: id, client: client, stream: word, rule: word, from: id.milliseconds, pipeline: "sha256:" + digest(6))
    (event.label, event.zone) = (word, word)
    try library.keep(event, picture: Array("the picture \(word)".utf8))
    _ = try library.draw("zones: {\(word): [[0, 0], [1, 0], [1, 1]]}\n", for: word, client: client, by: word)
    return event.id.text
  }

  private static func addTrigger(_ library: Library, _ client: String) throws -> String {
    let pinned = Job.Pinned(
      series: "secret-of-\(client)", digest: "sha256:" + digest(6), text: "infer: m", folder: "/", models: ["m@1"])
    let desk = TriggerDesk(JobDesk(library, bus: try SQLiteBus("\(library.path)/library.db")))
    let group = AssetGroup(client: client, brand: "secret-of-\(client)")
    return try desk.add(TriggerRequest(.asset, group: group, pipeline: pinned), scope: .all).trigger.id.text
  }

  private static func beginUpload(_ library: Library, _ client: String, length: Int) throws -> String {
    let name = Base64.encode(Array("secret-of-\(client).mp4".utf8))
    let fields = [("Tus-Resumable", "1.0.0"), ("Upload-Length", "\(length)"), ("Upload-Metadata", "filename \(name)")]
    let head = UploadHead("POST", .collection, fields: fields.map { (name: $0.0, value: $0.1) })
    guard case .create(let creation) = try UploadCall(head, Library.uploadRules) else {
      throw Fault(.bug, "no creation")
    }
    return try library.begin(creation, client: client, scope: .all).record.id
  }

  /// Names of the same lengths that nothing has; pages of other clients are what they are.
  private func nobody(_ other: ForeignNames? = nil) -> ForeignNames {
    ForeignNames(
      client: "zork", asset: "01ARZ3NDEKTSV4RRFFQ69G5FAV", pipeline: "sha256:" + Self.digest(9),
      upload: "01ARZ3NDEKTSV4RRFFQ69G5FAW", job: "01ARZ3NDEKTSV4RRFFQ69G5FAX",
      trigger: "01ARZ3NDEKTSV4RRFFQ69G5FAY", event: "01ARZ3NDEKTSV4RRFFQ69G5FAZ", word: "zork",
      token: other?.token ?? "none",
      tag: "\"\(Self.digest(8).prefix(32))\"", object: Self.digest(7))
  }

  @Test(
    "Every route that asks for a scope is asked with foreign names here, or is one of those in which none can be said")
  func covered() {
    defer { server.end() }
    for route in Gateway.table.routes where route.scope != nil {
      #expect(
        nobody().asks(route.operation.id) != nil,
        "\(route.operation.id) is new: say in IsolationAsks.swift how the things of another client are named in it")
    }
  }

  /// A way in, of one client.
  private struct Caller {
    var client: String
    var scopes: [Scope]
    var headers: [(String, String)]
  }

  private func callers(_ scopes: [Scope]) throws -> [Caller] {
    try ["acme", "bolt"].flatMap { client in
      let key = try server.makeKey(client, scopes)
      let session = try server.signIn(key)
      return [
        Caller(client: client, scopes: scopes, headers: [("Authorization", "Bearer \(key.text)")]),
        Caller(
          client: client, scopes: scopes,
          headers: [session.header, session.token, ("Origin", "https://vision.example.org")]),
      ]
    }
  }

  private static let scopes: [[Scope]] = [
    [.read], [.write], [.upload], [.read, .write, .upload], [.infer], [.admin],
  ]

  @Test(
    "Foreign is as missing: every route, every scope, key and session, of two clients, in status, headers and body",
    arguments: IsolationTests.scopes)
  func foreign(scopes: [Scope]) throws {
    defer { server.end() }
    let before = try everything()
    for caller in try callers(scopes) {
      let other = holdings[caller.client == "acme" ? "bolt" : "acme"]!
      let none = nobody(other)
      var mine = (holdings[caller.client]!, holdings[caller.client]!)
      // The caller's own asset, with the other's names in what is said about it.
      (mine.0.client, mine.0.pipeline, mine.0.word) = (other.client, other.pipeline, other.word)
      (mine.1.client, mine.1.pipeline, mine.1.word) = (none.client, none.pipeline, none.word)
      mine.0.upload = other.upload
      mine.1.upload = none.upload
      for route in Gateway.table.routes where route.scope != nil {
        try compare(route, caller, other, none)
        try compare(route, caller, mine.0, mine.1)
      }
    }
    #expect(try everything() == before, "something of a client was changed")
  }

  @Test("Other ways to write a foreign id are other ways to write a missing one")
  func spellings() throws {
    defer { server.end() }
    let full = try callers([.read, .write, .upload])
    for caller in full {
      let other = holdings[caller.client == "acme" ? "bolt" : "acme"]!
      for spelling in Self.spellings {
        let pair = [other, nobody(other)].map { names in
          var names = names
          (names.asset, names.upload) = (spelling(names.asset), spelling(names.upload))
          names.trigger = spelling(names.trigger)
          names.client = spelling(names.client)
          return names
        }
        for route in Gateway.table.routes where route.scope != nil { try compare(route, caller, pair[0], pair[1]) }
      }
    }
  }

  private static let spellings: [@Sendable (String) -> String] = [
    { $0.lowercased() }, { $0.uppercased() }, { "%\(String($0.utf8.first!, radix: 16))\($0.dropFirst())" },
    { $0.utf8.map { "%\(String($0, radix: 16))" }.joined() }, { $0 + "%20" }, { $0 + "%00" },
    { "%E2%80%8B" + $0 }, { $0 + "%CC%81" }, { "%EF%BC%90" + $0.dropFirst() }, { $0 + "%2F" }, { "..%2F" + $0 },
    { $0 + "/" },
    { String($0.dropLast()) }, { $0 + "A" }, { $0 + ";a=1" }, { "%FF" + $0 },
  ]

  @Test("What is one's own is answered, so that the comparison compares something")
  func own() throws {
    defer { server.end() }
    for caller in try callers([.read]) {
      let names = holdings[caller.client]!
      // What is followed goes on for ever, and there is no camera whose picture could be given.
      let others: Set = ["followStream", "followEvents", "viewStream", "listStreamParts", "streamPart", "streamStill"]
      for route in Gateway.table.routes where route.scope == .read && !others.contains(route.operation.id) {
        for ask in try #require(names.asks(route.operation.id)) {
          guard ask.headers.isEmpty, !ask.path.hasSuffix("/99"), !ask.path.contains("after="),
            !ask.path.hasSuffix("=edl")
          else { continue }
          let answer = try self.ask(ask, caller)
          #expect(answer.status == 200, "\(ask): \(answer.status) \(answer.text)")
          if ask.method == "GET" { #expect(!answer.body.isEmpty) }
        }
      }
    }
  }

  private func ask(_ ask: ForeignAsk, _ caller: Caller) throws -> PlainAnswer {
    try server.ask(ask.method, ask.path, caller.headers + ask.headers, body: ask.body)
  }

  private func compare(_ route: Route, _ caller: Caller, _ foreign: ForeignNames, _ missing: ForeignNames) throws {
    let (theirs, nobodys) = (foreign.asks(route.operation.id) ?? [], missing.asks(route.operation.id) ?? [])
    for (their, none) in zip(theirs, nobodys) {
      let isSame = their.path == none.path && their.body == none.body && "\(their.headers)" == "\(none.headers)"
      // What names nothing foreign may change what is the caller's own.
      if isSame, their.method != "GET" { continue }
      let answer = try ask(their, caller)
      if !isSame {
        let (shown, other) = (Self.plain(answer, foreign.typed), Self.plain(try ask(none, caller), missing.typed))
        #expect(shown == other, "\(caller.client) \(caller.scopes): \(their) is not answered as \(none)")
      }
      // An answer that is the same for a missing thing tells nothing.
      guard isSame else { continue }
      let said = "\(their)"
      let shown = Self.plain(answer, foreign.typed.filter { said.contains($0) })
      let stranger = holdings[caller.client == "acme" ? "bolt" : "acme"]!
      for secret in stranger.typed {
        #expect(!shown.contains(secret), "\(caller.client) \(caller.scopes): \(their) shows \(secret): \(shown)")
      }
    }
  }

  /// An answer without what the caller said itself, the request's number and the moment.
  private static func plain(_ answer: PlainAnswer, _ said: [String]) -> String {
    let headers = answer.headers.filter { !["date", "content-length", "x-request-id"].contains($0.key) }
    var text = "\(answer.status)\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\n" }
    text += answer.text
    var typed = said
    typed += typed.compactMap { $0.removingPercentEncoding }
    // A slash behind an address changes nothing.
    typed += typed.filter { $0.hasSuffix("/") }.map { String($0.dropLast()) }
    typed += typed.map { String($0.dropFirst(7)) }.filter { $0.count == 64 }
    typed += typed.filter { $0.count == 64 }.map { String($0.prefix(12)) }
    for name in typed.sorted(by: { $0.count > $1.count }) where !name.isEmpty {
      text = text.replacing(name, with: "*")
    }
    text = text.replacing(/"request":"[0-9a-f]+"/, with: "")
    return text.replacing(/"asOf":"[^"]*"/, with: "")
  }

  /// All assets and uploads there are, as they are.
  private func everything() throws -> [String] {
    let library = server.library
    var lines: [String] = []
    for client in ["acme", "bolt", "zork", "local"] {
      for asset in try library.list(AssetFilter(client: client), scope: .all, limit: 100).elements {
        lines.append(String(decoding: asset.json, as: UTF8.self))
      }
    }
    let triggers = TriggerDesk(JobDesk(library, bus: try SQLiteBus("\(library.path)/library.db")))
    for names in holdings.values.sorted(by: { $0.client < $1.client }) {
      lines += try triggers.list(client: names.client, scope: .all).map(\.id.text)
      lines.append("\(try library.uploads.record(names.upload)?.offset ?? -1)")
    }
    lines.append("\(try FileSystem.list(library.path + "/objects/uploads").count)")
    return lines
  }
}
