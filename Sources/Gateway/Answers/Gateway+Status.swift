internal import Base
internal import Predictions
internal import Serving
internal import Vision
internal import Web

/// How it goes, for people and their pages.
extension Gateway {
  /// What the dashboard asks each second.
  func status() -> Response {
    var json = JSONWriter()
    json.beginObject()
    json.key("time")
    json.number(Clock.seconds, digits: 3)
    json.key("uptime")
    json.number(Double(Clock.now - begun) / 1e9, digits: 3)
    json.key("version")
    json.string(options.version)
    json.key("ready")
    json.bool(models.isSettled)
    json.key("models")
    json.beginArray()
    for entry in models.list() {
      for version in entry.versions {
        let aliases = entry.aliases.filter { $0.value == version.version }.keys.sorted()
        write(entry.model, version.version, version.state, aliases, to: &json)
      }
    }
    json.endArray()
    write(ProcessFigures.now, to: &json)
    json.endObject()
    return .json(json.take())
  }

  private func write(
    _ model: String, _ version: String, _ state: ModelRepository.State, _ aliases: [String], to json: inout JSONWriter
  ) {
    json.beginObject()
    json.key("name")
    json.string(model)
    json.key("version")
    json.string(version)
    state.write(to: &json)
    json.key("aliases")
    json.beginArray()
    for alias in aliases { json.string(alias) }
    json.endArray()
    var load = (waiting: 0, running: 0)
    if case .ready(let served) = state {
      load = served.load
      json.key("digest")
      json.string(served.digest)
      if served.isIsolated {
        json.key("isolated")
        json.bool(true)
      }
      if let picture = served.picture {
        json.key("task")
        json.string(picture.recipe.task.rawValue)
      }
    }
    json.key("inFlight")
    json.integer(load.running)
    json.key("queued")
    json.integer(load.waiting)
    write(models.metrics(of: model, version: version), to: &json)
    json.endObject()
  }

  private func write(_ metrics: ModelMetrics, to json: inout JSONWriter) {
    json.key("requests")
    json.beginObject()
    for ending in ModelMetrics.Ending.allCases {
      json.key(name: ending.rawValue)
      json.integer(metrics.count(ending))
    }
    json.endObject()
    json.key("latency")
    Self.write(metrics.total, to: &json)
    json.key("queue")
    Self.write(metrics.queue, to: &json)
    json.key("batch")
    json.beginObject()
    json.key("sizes")
    json.beginArray()
    for bound in metrics.batchSize.bounds { json.integer(bound) }
    json.endArray()
    json.key("counts")
    json.beginArray()
    // No batch is larger than the last bound.
    for count in metrics.batchSize.snapshot.counts.dropLast() { json.integer(count) }
    json.endArray()
    json.endObject()
  }

  private static func write(_ histogram: Histogram, to json: inout JSONWriter) {
    let (snapshot, unit) = (histogram.snapshot, Double(histogram.perUnit))
    json.beginObject()
    json.key("buckets")
    json.beginArray()
    for bound in histogram.bounds { json.number(Double(bound) / unit, digits: 6) }
    json.endArray()
    json.key("counts")
    json.beginArray()
    for count in snapshot.counts { json.integer(count) }
    json.endArray()
    json.key("sum")
    json.number(Double(snapshot.sum) / unit, digits: 6)
    json.endObject()
  }

  private func write(_ figures: ProcessFigures, to json: inout JSONWriter) {
    json.key("process")
    json.beginObject()
    json.key("cpuSeconds")
    json.number(figures.cpuSeconds, digits: 3)
    json.key("residentBytes")
    json.integer(figures.residentBytes)
    json.key("openConnections")
    json.integer(counts.openConnections)
    json.key("threads")
    json.integer(figures.threads)
    json.endObject()
  }
}
