internal import Base
internal import Catalog
internal import JSON
internal import Streams

/// What is asked for when a stream is added, as bodies of requests, answers and the library's book of streams have it.
extension StreamDesk.Draft {
  private enum Key: String, CaseIterable {
    case source, view, pipeline, model, rate, weight, force, clips, record
    case budget = "budget_ms"
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    self.init(source: try fields.required(.source).string())
    (view, pipeline) = (try fields[.view]?.string(), try fields[.pipeline]?.string())
    (model, rate) = (try fields[.model]?.string(), try fields[.rate]?.number())
    if let value = fields[.budget] { budget = try value.number() }
    if let value = fields[.weight] { weight = try value.number() }
    clips = try fields[.clips].flatMap { (value) throws(Fault) in try ClipPolicy(value) }
    record = try fields[.record].flatMap { (value) throws(Fault) in try RecordPolicy(value) }
    isForced = try fields[.force]?.bool() ?? false
  }

  /// That it was forced in is not said again.
  func write(into json: inout JSONWriter) {
    json.field("source", source)
    json.field("view", ifKnown: view)
    json.field("pipeline", ifKnown: pipeline)
    json.field("model", ifKnown: model)
    json.field("budget_ms", budget)
    json.field("rate", ifKnown: rate)
    json.field("weight", weight)
    if let clips { json.object("clips", clips.write) }
    if let record { json.object("record", record.write) }
  }
}
