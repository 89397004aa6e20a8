import Access
import Base
import Catalog
import Delivery
import Fleet
import Foundation
import Insights
import Items
import Jobs
import Library
import LibraryKit
import Objects
import Predictions
import Search
import Store
import Streams
import TestKit
import Uploads

@testable import Gateway

/// A server with two clients, each with one of everything that a client can have.
struct Neighbours {
  /// Answers every frame.
  private struct AnyFrame: FrameFinder {
    func frame(_ number: Int, of path: String, isPicture: Bool, index: [UInt8]?) throws(Fault) -> FoundFrame? {
      FoundFrame(
        index: number, pts: number, time: 0, size: Size(width: 1, height: 1),
        digest: String(repeating: "0", count: 64), jpeg: [0xff, 0xd8])
    }
  }

  let server: SignedServer
  /// Of each client, with the upload that lacks bytes.
  let holdings: [String: ForeignNames]

  init(_ parts: Parts) throws {
    server = try SignedServer(try Ground(parts), finder: AnyFrame(), isCentre: true)
    var holdings: [String: ForeignNames] = [:]
    try Self.publish(server.library)
    for client in ["acme", "bolt"] {
      holdings[client] = try Self.fill(server, client)
      // It waits for a model that there is not.
      var draft = StreamDesk.Draft(source: "rtsp://of-\(client)/")
      draft.model = "none"
      let target = DeliveryTarget(
        client: client, name: "of-\(client)", address: "https://secret-of-\(client).example/", created: 0)
      _ = try DeliveryDesk(server.library).put(target, scope: .all)
      _ = try DeliveryDesk(server.library).test("of-\(client)", client: client, scope: .all)
      _ = try server.streams.put("of-\(client)", draft, client: client, isOwner: false, mustBeServed: false)
      try Self.addNode(server.library, client)
    }
    self.holdings = holdings
    try server.library.settle()
    try MomentDesk(server.library).settle(within: 60)
    _ = try server.library.completeAnswers(before: .max)
  }

  /// Every part of what is told of a film, with a word of its own in it.
  private static func told(of word: String) throws -> InsightReport {
    var report = InsightReport()
    (report.shots, report.breaks) = (ShotList(), BreakList())
    report.breaks?.notes = ["secret-\(word)"]
    report.content = ContentSummary(networks: []).finish()
    report.safety = SafetyAssessment(networks: []).finish()
    let known = KnownCatalogue(Catalogue(model: "secret-\(word)"), digest: "")
    report.products = ProductListing().finish(known)
    report.attention = try AttentionSummary(AttentionSettings()).finish()
    var curve = try MemorabilityCurve(MemorabilitySettings(delay: 180, model: "secret-\(word)"))
    try curve.add([Prediction(kind: .score, score: 0.5)], at: 0)
    report.memorability = try curve.finish()
    return report
  }

  static func digest(_ seed: UInt64) -> String {
    var dice = SeededRandom(seed)
    return String((0..<64).map { _ in "0123456789abcdef".randomElement(using: &dice)! })
  }

  /// The version of the registry that answered in the analyses of both.
  private static func publish(_ library: Library) throws {
    var random = SeededRandom(4)
    let version = RegisteredVersion(
      model: "shared", number: 1, id: ULID(milliseconds: 0, using: &random), digest: digest(3), task: "tensor",
      manifest: digest(5), files: [], by: "owner", published: 0)
    _ = try library.table.write([.put(version.itemKey, version.json)])
  }

  /// Gives a client an asset with an analysis, an asset more, and an upload that lacks bytes.
  private static func fill(_ server: SignedServer, _ client: String) throws -> ForeignNames {
    let (library, folder) = (server.library, server.folder)
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
    var embedding = Prediction(kind: .embedding)
    embedding.vector = [1, 2, 3]
    try writer.add(FrameStamp(file: "secret-\(word).mp4", index: 0, pts: 0, time: 0), [found, embedding]) { _ in word }
    try library.publish(
      try writer.finish(framesAnalyzed: 1, corruptFrames: 0, frameIndex: nil, insights: try told(of: word)),
      replaces: true)
    let page = try library.list(AssetFilter(client: client), scope: .all, limit: 1)
    let (now, analyses) = (try library.asset(asset.id.text, scope: .all).asset, try library.analyses(of: asset))
    let detail = JSONWriter.object { json in
      now.write(into: &json)
      json.array("results") { json in for analysis in analyses { json.object { analysis.write(into: &$0) } } }
    }
    return ForeignNames(
      client: client, asset: asset.id.text, pipeline: pipeline,
      upload: try beginUpload(library, client, length: 10), job: try startJob(server.jobs, client),
      trigger: try addTrigger(server.jobs, client), event: try addEvent(library, client, folder.file("in")),
      share: try keepSearches(library, client), word: client,
      token: page.next?.text ?? "none",
      tag: "\"\(Library.tag(of: detail))\"", object: asset.object)
  }

  private static func startJob(_ desk: JobDesk, _ client: String) throws -> String {
    let pinned = Job.Pinned(
      series: "secret-of-\(client)", digest: "sha256:" + digest(6), text: "infer: m", folder: "/", models: ["m@1"])
    return try desk.start(JobRequest(client: client, pipelines: [pinned]), scope: .all).job.id.text
  }

  /// With a picture and a clip, of a stream for which zones were drawn, and that is held under the same id.
  private static func addEvent(_ library: Library, _ client: String, _ file: String) throws -> String {
    var random = SystemRandomNumberGenerator()
    let (word, id) = ("of-\(client)", ULID(milliseconds: 1_700_000_000_000, using: &random))
    var event = StreamEvent(
      id: id, client: client, stream: word, rule: word, from: id.milliseconds, pipeline: "sha256:" + digest(6))
    (event.label, event.zone) = (word, word)
    try library.keep(event, picture: Array("the picture \(word)".utf8))
    _ = try library.draw("zones: {\(word): [[0, 0], [1, 0], [1, 1]]}\n", for: word, client: client, by: word)
    var draft = AssetDraft(group: AssetGroup(client: client), name: "clip-\(word).mp4")
    draft.recording = Recording(stream: word, kind: .clip, from: id.milliseconds, to: id.milliseconds + 1, event: id)
    try FileSystem.write(Array("the clip \(word)".utf8), to: file)
    _ = try library.add(file: file, draft, scope: .all, examiner: AnyFile())
    try library.hold(RecordingHold(id: id, client: client, stream: word, from: 1, to: 2, by: word, made: 1))
    return event.id.text
  }

  /// An alert, and a link that was used; the link's id.
  private static func keepSearches(_ library: Library, _ client: String) throws -> String {
    let query = "of-\(client)"
    _ = try AlertDesk(library).add(query, query: query, zone: nil, client: client, scope: .all)
    let made = try ShareDesk(library).add(ShareDesk.Draft(query: query), client: client, scope: .all)
    _ = try ShareDesk(library).search(made.token, limit: 1, after: nil, from: "secret-of-\(client)")
    return made.share.id.text
  }

  /// A node at the edge that has said something.
  private static func addNode(_ library: Library, _ client: String) throws {
    let (book, name) = (FleetBook(library), try NodeName("of-\(client)"))
    let request = TokenRequest(name: name, client: client, tags: ["secret-of-\(client)"])
    let word = try book.makeToken(request, pin: [UInt8](repeating: 1, count: 32)).word
    let fingerprint = String(repeating: client == "acme" ? "a" : "b", count: 64)
    _ = try book.enrol(name, secret: word.secret, fingerprint: fingerprint)
    try book.note(Array(#"{"health":{"word":"secret-of-\#(client)"}}"#.utf8), of: name)
  }

  private static func addTrigger(_ jobs: JobDesk, _ client: String) throws -> String {
    let pinned = Job.Pinned(
      series: "secret-of-\(client)", digest: "sha256:" + digest(6), text: "infer: m", folder: "/", models: ["m@1"])
    let desk = TriggerDesk(jobs)
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
  func nobody(_ other: ForeignNames? = nil) -> ForeignNames {
    ForeignNames(
      client: "zork", asset: "01ARZ3NDEKTSV4RRFFQ69G5FAV", pipeline: "sha256:" + Self.digest(9),
      upload: "01ARZ3NDEKTSV4RRFFQ69G5FAW", job: "01ARZ3NDEKTSV4RRFFQ69G5FAX",
      trigger: "01ARZ3NDEKTSV4RRFFQ69G5FAY", event: "01ARZ3NDEKTSV4RRFFQ69G5FAZ",
      share: "01ARZ3NDEKTSV4RRFFQ69G5FB0", word: "zork",
      token: other?.token ?? "none",
      tag: "\"\(Self.digest(8).prefix(32))\"", object: Self.digest(7))
  }

  /// A way in, of one client.
  struct Caller {
    var client: String
    var scopes: [Scope]
    var headers: [(String, String)]
  }

  func callers(_ scopes: [Scope]) throws -> [Caller] {
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

  /// All assets and uploads there are, as they are.
  func everything() throws -> [String] {
    let library = server.library
    var lines: [String] = []
    for client in ["acme", "bolt", "zork", "local"] {
      for asset in try library.list(AssetFilter(client: client), scope: .all, limit: 100).elements {
        lines.append(String(decoding: asset.json, as: UTF8.self))
      }
    }
    let triggers = TriggerDesk(server.jobs)
    for names in holdings.values.sorted(by: { $0.client < $1.client }) {
      lines += try triggers.list(client: names.client, scope: .all).map(\.id.text)
      lines += try AlertDesk(library).alerts(of: names.client, scope: .all).map { "\($0)" }
      for share in try ShareDesk(library).shares(of: names.client, scope: .all) {
        lines.append("\(share) \(try ShareDesk(library).uses(of: share.id.text, client: share.client, scope: .all))")
      }
      for target in try DeliveryDesk(library).targets(of: names.client, scope: .all) {
        lines.append("\(target.name) \(try DeliveryDesk(library).waiting(for: target))")
      }
      lines.append("\(try library.uploads.record(names.upload)?.offset ?? -1)")
    }
    lines += try FleetBook(library).nodes().map { "\($0)" }
    lines.append("\(try FileSystem.list(library.path + "/objects/uploads").count)")
    return lines
  }
}
