internal import Base
internal import Inference
internal import Predictions
internal import Serving
internal import Vision
internal import Web

/// How it goes, for people and their pages.
extension Gateway {
  /// What the dashboard asks each second.
  func status() -> Response {
    .json(
      JSONWriter.object { json in
        json.field("time", Clock.seconds, digits: 3)
        json.field("uptime", Double(Clock.now - begun) / 1e9, digits: 3)
        json.field("version", options.version)
        json.field("ready", models.isSettled)
        json.array("models") { json in
          for entry in models.list() {
            for version in entry.versions {
              let aliases = entry.aliases.filter { $0.value == version.version }.keys.sorted()
              write(entry.model, version.version, version.state, aliases, to: &json)
            }
          }
        }
        json.array("problems") { json in
          for entry in models.list() {
            guard let fault = entry.fault else { continue }
            json.object { json in
              json.field("model", entry.model)
              json.field("reason", fault.message)
            }
          }
        }
        write(ProcessFigures.now, to: &json)
      })
  }

  private func write(
    _ model: String, _ version: String, _ state: ModelRepository.State, _ aliases: [String], to json: inout JSONWriter
  ) {
    json.object { json in
      json.field("name", model)
      json.field("version", version)
      state.write(to: &json)
      json.field("aliases", aliases)
      var load = (waiting: 0, running: 0)
      if case .ready(let served) = state {
        load = served.load
        json.field("digest", served.digest)
        json.field("task", ifKnown: served.picture?.recipe.task.rawValue)
        if served.isIsolated { json.field("isolated", true) }
        served.writeMemory(to: &json)
        if let check = served.check { json.object("checked") { check.write(to: &$0) } }
      }
      json.field("inFlight", load.running)
      json.field("queued", load.waiting)
      write(models.metrics(of: model, version: version), to: &json)
    }
  }

  private func write(_ metrics: ModelMetrics, to json: inout JSONWriter) {
    json.object("requests") { json in
      for ending in ModelMetrics.Ending.allCases {
        json.field(JSONWriter.Name(ending.rawValue), metrics.count(ending))
      }
    }
    json.object("latency") { Self.write(metrics.total, to: &$0) }
    json.object("queue") { Self.write(metrics.queue, to: &$0) }
    json.object("batch") { json in
      json.array("sizes") { for bound in metrics.batchSize.bounds { $0.integer(bound) } }
      // No batch is larger than the last bound.
      json.array("counts") { for count in metrics.batchSize.snapshot.counts.dropLast() { $0.integer(count) } }
    }
  }

  /// Into an object that is open.
  private static func write(_ histogram: Histogram, to json: inout JSONWriter) {
    let (snapshot, unit) = (histogram.snapshot, Double(histogram.perUnit))
    json.array("buckets") { for bound in histogram.bounds { $0.number(Double(bound) / unit, digits: 6) } }
    json.array("counts") { for count in snapshot.counts { $0.integer(count) } }
    json.field("sum", Double(snapshot.sum) / unit, digits: 6)
  }

  private func write(_ figures: ProcessFigures, to json: inout JSONWriter) {
    json.object("process") { json in
      json.field("cpuSeconds", figures.cpuSeconds, digits: 3)
      json.field("residentBytes", figures.residentBytes)
      json.field("openConnections", counts.openConnections)
      json.field("threads", figures.threads)
    }
  }
}
