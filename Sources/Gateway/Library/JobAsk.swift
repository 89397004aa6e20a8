internal import Base
internal import Catalog
internal import Execution
internal import JSON
internal import Jobs
internal import Serving

/// What a client asks for when it starts a job.
struct JobAsk {
  var client: String?
  /// By the names of the server's pipelines.
  var pipelines: [String] = []
  var selection = AssetSelection()
  var priority = Job.Priority.normal
  var budget: Int?
  var price = 0.0
  var webhook: String?

  private enum Key: String, CaseIterable { case client, pipelines, select, priority, budget, price, webhook }

  init(json bytes: borrowing RawSpan) throws(Fault) {
    let fields = try JSONDocument(parsing: copy bytes, name: "the body").root.fields(Key.self)
    client = try fields[.client]?.string()
    for name in try fields.required(.pipelines).elements() { pipelines.append(try name.string()) }
    if let value = fields[.select] { selection = try AssetSelection(value) }
    if let value = fields[.priority] { priority = try value.choice() }
    if let value = fields[.budget] { budget = try Self.money(value) }
    if let value = fields[.price] { price = try Self.amount(value) / 3600 }
    webhook = try fields[.webhook]?.string()
  }

  /// In millionths of the unit of money.
  static func money(_ value: JSONValue) throws(Fault) -> Int { Int((try amount(value) * 1e6).rounded()) }

  private static func amount(_ value: JSONValue) throws(Fault) -> Double {
    let amount = try value.number()
    guard amount >= 0, amount <= 1e9 else { throw value.fault("an amount of money is 0 to 1000000000") }
    return amount
  }

  /// With the pipelines of this server, as they are now.
  func request(_ models: ModelRepository, key: String?) throws(Fault) -> JobRequest {
    var pins: [Job.Pinned] = []
    for name in pipelines {
      let pipeline = try models.pipeline(named: name)
      pins.append(
        Job.Pinned(
          series: name, digest: pipeline.digest, text: pipeline.text, folder: models.pipelineFolder ?? "",
          models: pipeline.models.map(\.identity)))
    }
    var request = JobRequest(client: client ?? "", pipelines: pins)
    (request.selection, request.priority) = (selection, priority)
    (request.budget, request.price, request.webhook, request.key) = (budget, price, webhook, key)
    return request
  }
}
