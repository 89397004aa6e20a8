import Base
import Catalog
import Exports
import Items
import JSON
import Library

/// The library of a running server, through its routes.
final class RemoteLibrary: LibraryAccess {
  let server: RemoteServer

  init(_ server: RemoteServer) { self.server = server }

  private enum SessionKey: String, CaseIterable { case client }
  private enum ListKey: String, CaseIterable { case assets, next }
  private enum AssetKey: String, CaseIterable { case results, renditions }
  private enum TotalsKey: String, CaseIterable { case totals, asOf, next }

  /// The client of the key; that of a machine of one's own where the server asks for none.
  func usualClient() throws(Fault) -> String {
    let session = try server.document("/v1/session").fields(SessionKey.self, others: .ignored)
    return try session.required(.client).string()
  }

  func clients() throws(Fault) -> [Client] {
    var clients: [Client] = []
    for value in try server.document("/v1/clients").elements() { clients.append(try Client(value)) }
    return clients
  }

  func storedByteCount(of client: String) throws(Fault) -> Int {
    // The total of a group's assets is the first of its totals.
    let page = try totals([("client", client), ("limit", "1")])
    guard let first = page.answers.first, first.name.measure == .assets else { return 0 }
    return first.total.sum
  }

  func list(_ filter: AssetFilter, limit: Int, after token: PageToken?) throws(Fault) -> Page<Asset> {
    let query: [(name: String, value: String?)] = [
      ("client", filter.group.client), ("brand", filter.group.brand), ("campaign", filter.group.campaign),
      ("tags", filter.tags.isEmpty ? nil : filter.tags.joined(separator: ",")), ("state", filter.state?.rawValue),
      ("kind", filter.isPicture.map { $0 ? "picture" : "video" }), ("q", filter.text),
      ("from", filter.from.map(CompositeKey.time(milliseconds:))),
      ("before", filter.before.map(CompositeKey.time(milliseconds:))), ("limit", "\(limit)"), ("after", token?.text),
    ]
    let fields = try server.document("/v1/assets", query).fields(ListKey.self, others: .ignored)
    var assets: [Asset] = []
    for value in try fields.required(.assets).elements() { assets.append(try Asset(value)) }
    return Page(
      elements: assets, next: try fields.given(.next).map { (next) throws(Fault) in PageToken(text: try next.string()) }
    )
  }

  func asset(_ id: String) throws(Fault) -> (asset: Asset, analyses: [Analysis]) {
    let answer = try server.document(try path(id))
    var analyses: [Analysis] = []
    if let results = try answer.fields(AssetKey.self, others: .ignored)[.results] {
      for value in try results.elements() { analyses.append(try Analysis(value)) }
    }
    return (try Asset(answer), analyses)
  }

  func renditions(of asset: Asset) throws(Fault) -> [KeptRendition] {
    let answer = try server.document(try path(asset.id.text))
    guard let list = try answer.fields(AssetKey.self, others: .ignored)[.renditions] else { return [] }
    var renditions: [KeptRendition] = []
    for value in try list.elements() { renditions.append(try KeptRendition(value)) }
    return renditions
  }

  func add(_ path: String, _ draft: AssetDraft, progress: @escaping (Int) -> Void) throws(Fault) -> AddedFile {
    // An interrupt ends the request and leaves the upload to the next command.
    Interrupt.watch()
    let upload = try RemoteUpload(server, path, draft, progress: progress)
    if let known = try same(upload.digest, draft) { return AddedFile(id: known.id.text, isNew: false) }
    return try upload.run()
  }

  /// The asset of this group with the same bytes and name, where the key may see it: its bytes need not go there again.
  private func same(_ digest: String, _ draft: AssetDraft) throws(Fault) -> Asset? {
    var filter = AssetFilter(client: draft.group.client)
    (filter.group, filter.text) = (draft.group, draft.name)
    var token: PageToken?
    do {
      for _ in 0..<5 {
        let page = try list(filter, limit: 200, after: token)
        let found = page.elements.first {
          $0.object == digest && $0.group == draft.group && $0.name.hasSameBytes(as: draft.name)
        }
        if found != nil || page.next == nil { return found }
        token = page.next
      }
    } catch  where [.denied, .badInput].contains(error.kind) {
      // The key is for uploads alone, or the name has too many words for a search: the server finds what is there after the upload.
    }
    return nil
  }

  func update(_ id: String, _ edit: AssetEdit) throws(Fault) {
    let json = JSONWriter.object { json in
      json.field("name", ifKnown: edit.name)
      if let tags = edit.tags { json.field("tags", tags) }
      if let captured = edit.captured { json.field("captured", captured.map(CompositeKey.time(milliseconds:))) }
      json.field("client", ifKnown: edit.client)
      if let brand = edit.brand { json.field("brand", brand) }
      if let campaign = edit.campaign { json.field("campaign", campaign) }
    }
    try server.get("PATCH", try path(id), json: json)
  }

  func delete(_ ids: [String]) throws(Fault) { for id in ids { try server.get("DELETE", try path(id)) } }

  func totals(of group: AssetGroup, each level: AssetLevel?) throws(Fault) -> (answers: [TotalAnswer], moment: Int) {
    var (answers, moment, token) = ([TotalAnswer](), 0, String?.none)
    repeat {
      let page = try totals([
        ("client", group.client), ("brand", level == nil ? group.brand : nil),
        ("campaign", level == nil ? group.campaign : nil), ("by", level?.rawValue), ("limit", "1000"), ("after", token),
      ])
      answers += page.answers
      // What every page holds is what the first one held.
      if token == nil { moment = page.moment }
      token = page.next
    } while token != nil
    return (answers, moment)
  }

  private func totals(
    _ query: [(name: String, value: String?)]
  ) throws(Fault) -> (answers: [TotalAnswer], moment: Int, next: String?) {
    let fields = try server.document("/v1/totals", query).fields(TotalsKey.self, others: .ignored)
    var answers: [TotalAnswer] = []
    for value in try fields.required(.totals).elements() { answers.append(try TotalAnswer(value)) }
    return (answers, UTC.seconds(try fields.required(.asOf).string()) ?? 0, try fields.given(.next)?.string())
  }

  func trace(_ asset: Asset, _ analysis: Analysis, prediction number: Int) throws(Fault) -> TracedPrediction {
    try TracedPrediction(try server.get("GET", try path(asset, analysis) + "/predictions/\(number)"))
  }

  func picture(_ trace: TracedPrediction, _ asset: Asset, _ analysis: Analysis) throws(Fault) -> [UInt8] {
    try server.get("GET", try path(asset, analysis) + "/frames/\(trace.frame)")
  }

  func export(
    _ asset: Asset, _ analysis: Analysis, as kind: ExportKind, _ options: ExportOptions,
    to sink: @escaping ([UInt8]) throws(Fault) -> Void
  ) throws(Fault) {
    let query = [
      ("format", kind.rawValue), ("adTag", options.adTag), ("breakLength", options.breakLength.map { "\($0)" }),
    ]
    try server.get("GET", try path(asset, analysis) + "/export", query, into: sink)
  }

  /// A server does that by itself.
  func settle() {}

  /// What is no id is told like one that is not there.
  private func path(_ id: String) throws(Fault) -> String {
    guard let id = ULID(id) else { throw Library.noAsset(id) }
    return "/v1/assets/\(id.text)"
  }

  private func path(_ asset: Asset, _ analysis: Analysis) throws(Fault) -> String {
    try path(asset.id.text) + "/analyses/\(RemoteServer.encoded(analysis.pipeline))"
  }
}
