internal import Base
internal import Catalog
internal import Execution
internal import JSON
internal import Jobs
internal import Objects
internal import Serving

/// What a client asks for when it starts a job.
struct JobAsk {
  var client: String?
  /// By the names of the server's pipelines.
  var pipelines: [String] = []
  var selection = AssetSelection()
  var priority = Job.Priority.normal
  /// In millionths of the unit of money.
  var budget: Int?
  /// Of a second of a processor.
  var price = 0.0
  var webhook: String?
  /// Of what is fetched first, and where it belongs.
  var address: String?
  var group = AssetGroup(client: "")
  var tags: [String] = []
  /// What the webhook is signed with; a new one is made where none is given.
  var secret: String?

  private enum Key: String, CaseIterable { case client, pipelines, select, priority, budget, price, webhook, secret }

  init(json bytes: borrowing RawSpan) throws(Fault) {
    let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self)
    client = try fields[.client]?.string()
    for name in try fields.required(.pipelines).elements() { pipelines.append(try name.string()) }
    if let value = fields[.select] { selection = try AssetSelection(value) }
    if let value = fields[.priority] { priority = try value.choice() }
    if let value = fields[.budget] { budget = try Self.money(value) }
    if let value = fields[.price] { price = try Self.amount(value) }
    webhook = try fields[.webhook]?.string()
    secret = try fields[.secret]?.string()
  }

  private enum AnalysisKey: String, CaseIterable { case client, source, pipelines, priority, webhook, secret }
  private enum SourceKey: String, CaseIterable { case asset, address, brand, campaign, tags }

  /// Of one asset, by its id, or of what an address gives, which becomes an asset.
  init(analysis bytes: borrowing RawSpan) throws(Fault) {
    let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(AnalysisKey.self)
    client = try fields[.client]?.string()
    for name in try fields.required(.pipelines).elements() { pipelines.append(try name.string()) }
    if let value = fields[.priority] { priority = try value.choice() }
    (webhook, secret) = (try fields[.webhook]?.string(), try fields[.secret]?.string())
    let value = try fields.required(.source)
    let source = try value.fields(SourceKey.self)
    if let asset = source[.asset] {
      guard source[.address] == nil, let id = ULID(try asset.string()) else {
        throw asset.fault("this is no asset's id")
      }
      selection.assets = [id]
      return
    }
    guard let given = source[.address] else { throw value.fault("a source has an asset, or an address") }
    address = try given.string()
    (group.brand, group.campaign) = (try source[.brand]?.string(), try source[.campaign]?.string())
    if let value = source[.tags] { for tag in try value.elements() { tags.append(try tag.string()) } }
  }

  /// In millionths of the unit of money.
  static func money(_ value: JSONValue) throws(Fault) -> Int { Int((try amount(value) * 1e6).rounded()) }

  private static func amount(_ value: JSONValue) throws(Fault) -> Double {
    let amount = try value.number()
    guard amount >= 0, amount <= 1e9 else { throw value.fault("an amount of money is 0 to 1000000000") }
    return amount
  }

  /// A pipeline of this server, as it is now.
  static func pin(_ name: String, _ models: ModelRepository) throws(Fault) -> Job.Pinned {
    let pipeline = try models.pipeline(named: name)
    return Job.Pinned(
      series: name, digest: pipeline.digest, text: pipeline.text, folder: models.pipelineFolder ?? "",
      models: pipeline.models.map(\.identity),
      published: pipeline.models.map { "\($0.name)@\($0.published ?? $0.digest)" })
  }

  /// With the pipelines of this server, as they are now.
  ///
  /// `reachesPrivate` says whether the caller may have addresses asked that only this machine reaches.
  func request(_ models: ModelRepository, key: String?, reachesPrivate: Bool) throws(Fault) -> JobRequest {
    var pins: [Job.Pinned] = []
    for name in pipelines { pins.append(try Self.pin(name, models)) }
    var request = JobRequest(client: client ?? "", pipelines: pins)
    (request.selection, request.priority) = (selection, priority)
    (request.budget, request.price, request.key) = (budget, price, key)
    if let address {
      var source = Job.Source(address: address, reachesPrivate: reachesPrivate, group: group)
      (source.group.client, source.tags) = (client ?? "", tags)
      request.source = source
    }
    request.webhook = webhook.map {
      Job.Webhook(address: $0, secret: secret ?? SignedRequest.secret(), reachesPrivate: reachesPrivate)
    }
    return request
  }
}
