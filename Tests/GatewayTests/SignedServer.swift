import Access
import Base
import Catalog
import Edge
import Fleet
import Foundation
import Inference
import Jobs
import Library
import LibraryKit
import MediaProcess
import Serving
import Streams
import TestKit
import Web

@testable import Gateway

/// A server of a library with two clients, each with an asset of its own; keys and sessions are kept in the library.
final class SignedServer {
  let ground: Ground
  var folder: TemporaryFolder { ground.folder }
  let library: Library
  let keys: KeyRing
  let server: Server
  let streams: StreamDesk
  let jobs: JobDesk
  let catalogue: CatalogueDesk
  /// Of a centre.
  let fleet: FleetDesk?

  /// `ground` is another one's after it ended, for a restart.
  init(
    _ ground: Ground? = nil, over library: Library? = nil, proxies: [AddressRange] = [],
    finder: any FrameFinder = NoFrames(), isCentre: Bool = false
  ) throws {
    self.ground = try ground ?? Ground(.embedded)
    let folder = self.ground.folder
    try FileSystem.makeFolder(folder.file("models"))
    self.library = try library ?? self.ground.library()
    jobs = JobDesk(self.library, bus: try self.ground.bus())
    keys = try KeyRing(
      LibraryKeyStore(self.library), sessions: LibrarySessionStore(self.library), need: .always)
    let models = try ModelRepository(
      ModelRepository.Options(folder: folder.file("models"), store: folder.file("store")),
      on: try Engine(cacheFolder: nil))
    var media = MediaPool.Options(limit: 1)
    media.program = Program.path
    streams = StreamDesk(models, library: self.library)
    catalogue = CatalogueDesk(folder: folder.file("catalogue"))
    fleet = isCentre ? try Self.fleet(self.library) : nil
    let gateway = Gateway(
      models, keys: keys, pictures: PictureDesk(MediaPool(media)),
      library: LibraryDesk(jobs, examiner: AnyFile(), finder: finder),
      streams: streams, catalogue: catalogue,
      fleet: fleet)
    var options = ServerOptions()
    options.limits.trustedProxies = proxies
    server = try Server(options, handler: gateway)
    gateway.count(server)
    server.start()
  }

  private static func fleet(_ library: Library) throws -> FleetDesk {
    let ledger = try LedgerDesk(library, examiner: AnyFile()) { _ in }
    return try FleetDesk(FleetBook(library), pins: [[UInt8](repeating: 1, count: 32)], ledger: ledger) { _ in }
  }

  func end() {
    streams.end()
    server.drain(within: 5)
  }

  func makeKey(
    _ client: String, _ scopes: [Scope] = [.read, .write], user: String? = nil, rate: Rate? = nil
  ) throws -> NewKey {
    var random = SystemRandomNumberGenerator()
    let request = KeyRequest(client: client, user: user, scopes: Scopes(scopes), rate: rate)
    let new = try LibraryKeyStore(library).change(stillWanted: { true }) {
      $0.create(request, at: Clock.date, using: &random)
    }
    try keys.refresh()
    return new
  }

  func revoke(_ key: NewKey) throws {
    _ = try LibraryKeyStore(library).change(stillWanted: { true }) { (list) throws(Fault) in
      try list.revoke(key.key.id)
    }
    try keys.refresh()
  }

  /// The id of a new asset.
  func add(_ client: String) throws -> String {
    let file = folder.file("\(client).mp4")
    try FileSystem.write(Array("the film of \(client)".utf8), to: file)
    let draft = AssetDraft(group: AssetGroup(client: client), name: "secret-of-\(client)")
    return try library.add(file: file, draft, scope: .all, examiner: AnyFile()).asset.id.text
  }

  func signIn(_ key: NewKey, headers: [(String, String)] = []) throws -> SignIn {
    let all = [("Authorization", "Bearer \(key.text)")] + headers
    return SignIn(try ask("POST", "/v1/session", all, body: ""))
  }

  func ask(
    _ method: String, _ path: String, _ headers: [(String, String)] = [], body: String? = nil
  ) throws -> PlainAnswer {
    let client = try PlainClient(server.port)
    var head = "\(method) \(path) HTTP/1.1\r\nHost: vision.example.org\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
    client.send(head + "\r\n" + (body ?? ""))
    return try client.answer(bare: method == "HEAD")
  }
}

/// What signing in gave.
struct SignIn {
  let answer: PlainAnswer
  let cookie: String
  let json: [String: Any]

  init(_ answer: PlainAnswer) {
    self.answer = answer
    cookie = answer.headers["set-cookie"] ?? ""
    json = (try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]) ?? [:]
  }

  /// The session's text.
  var text: String { String(cookie.dropFirst("ridley_session=".count).prefix { $0 != ";" }) }
  var csrf: String { json["csrf"] as? String ?? "" }
  var header: (String, String) { ("Cookie", "theme=dark; ridley_session=\(text)") }
  var token: (String, String) { ("X-CSRF-Token", csrf) }
}

/// Takes any bytes for a film of ten seconds, but for those that say that they are none.
struct AnyFile: MediaExaminer {
  static let noFilm = Array("no film: ".utf8)

  func examine(_ path: String) throws(Fault) -> Examination {
    let head = FileHandle(forReadingAtPath: path)?.readData(ofLength: Self.noFilm.count)
    guard let head, !head.elementsEqual(Self.noFilm) else { throw Fault(.badInput, "it is no picture and no video") }
    return Examination(
      facts: MediaFacts(
        isPicture: false, size: Size(width: 64, height: 48), duration: 10, codec: "none", format: "none",
        frameRate: Ratio(25, 1), color: "", rotation: ""), thumbnail: [1, 2, 3])
  }
}

struct NoFrames: FrameFinder {
  func frame(_ number: Int, of path: String, isPicture: Bool, index: [UInt8]?) throws(Fault) -> FoundFrame? { nil }
}
