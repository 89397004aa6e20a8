internal import Base
internal import Predictions

/// One file's result as one JSON object; the keys are described in `docs/predictions.md`.
///
/// Every key is always there; what is not known is null.
public enum SummaryJSON {
  public static func write(_ summary: FileSummary, _ header: RunHeader) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    source(summary, into: &json)
    run(header, into: &json)
    work(summary, into: &json)
    labels(summary.labels, into: &json)
    corrupt(summary.corrupt, into: &json)
    stages(summary.stages, into: &json)
    if !summary.steps.isEmpty { steps(summary.steps, into: &json) }
    json.key("notes")
    json.beginArray()
    for note in summary.notes { json.string(note) }
    json.endArray()
    json.endObject()
    json.newline()
    return json.bytes
  }

  private static func source(_ summary: FileSummary, into json: inout JSONWriter) {
    json.put("file", summary.file)
    json.put("path", summary.path)
    json.put("width", summary.size?.width)
    json.put("height", summary.size?.height)
    json.put("codec", summary.codec)
    json.put("duration", summary.duration, digits: 6)
  }

  private static func run(_ header: RunHeader, into json: inout JSONWriter) {
    json.put("model", header.model)
    if header.models.count > 1 {
      json.key("models")
      json.beginArray()
      for model in header.models { json.string(model) }
      json.endArray()
    }
    if !header.pipelineDigest.isEmpty { json.put("pipeline", header.pipelineDigest) }
    json.put("task", header.task.rawValue)
    json.put("precision", header.precision)
    json.put("engine", header.engine)
    json.put("device", header.device)
    json.put("network_input", header.networkInput)
    json.put("sampling", header.sampling)
    json.put("ridley_version", header.ridleyVersion)
    json.put("started", header.started)
  }

  private static func work(_ summary: FileSummary, into json: inout JSONWriter) {
    json.put("frames", summary.framesAnalyzed)
    json.put("frames_decoded", summary.framesDecoded)
    json.put("frames_with_predictions", summary.framesWithPredictions)
    json.put("predictions", summary.predictions)
    json.put("seconds_elapsed", summary.secondsElapsed, digits: 3)
    json.put("frames_per_second", summary.framesPerSecond, digits: 2)
    json.put("times_real_time", summary.timesRealTime, digits: 3)
    json.key("interrupted")
    json.bool(summary.interrupted)
  }

  private static func labels(_ labels: [LabelTally], into json: inout JSONWriter) {
    json.key("labels")
    json.beginArray()
    for tally in labels {
      json.beginObject()
      json.put("label", tally.label)
      json.put("count", tally.count)
      json.put("frames", tally.frames)
      json.put("first_time", tally.firstTime, digits: 6)
      json.put("last_time", tally.lastTime, digits: 6)
      json.put("best_score", tally.bestScore.map(Double.init), digits: 4)
      json.put("best_time", tally.bestTime, digits: 6)
      json.endObject()
    }
    json.endArray()
  }

  private static func corrupt(_ corrupt: CorruptFrames, into json: inout JSONWriter) {
    json.put("corrupt_frames", corrupt.count)
    json.key("corrupt_examples")
    json.beginArray()
    for example in corrupt.examples {
      json.beginObject()
      json.put("time", example.time, digits: 6)
      json.put("reason", example.reason)
      json.endObject()
    }
    json.endArray()
  }

  private static func stages(_ stages: StageTimes, into json: inout JSONWriter) {
    json.key("stage_times")
    json.beginObject()
    for stage in stages.measured {
      let times = stages[stage]
      json.key(name: stage.rawValue)
      json.beginObject()
      json.put("count", times.count)
      json.put("mean_us", times.mean, digits: 1)
      json.put("p50_us", times.p50, digits: 1)
      json.put("p95_us", times.p95, digits: 1)
      json.put("p99_us", times.p99, digits: 1)
      json.put("max_us", times.max, digits: 1)
      json.endObject()
    }
    json.endObject()
  }

  private static func steps(_ steps: [FileSummary.Step], into json: inout JSONWriter) {
    json.key("steps")
    json.beginArray()
    for step in steps {
      json.beginObject()
      json.put("step", step.kind)
      if let name = step.name { json.put("name", name) }
      for count in step.counts {
        json.key(name: count.name)
        json.integer(count.value)
      }
      json.endObject()
    }
    json.endArray()
  }
}

extension JSONWriter {
  fileprivate mutating func put(_ name: StaticString, _ text: String?) {
    key(name)
    if let text { string(text) } else { null() }
  }

  fileprivate mutating func put(_ name: StaticString, _ value: Int?) {
    key(name)
    if let value { integer(value) } else { null() }
  }

  fileprivate mutating func put(_ name: StaticString, _ value: Double?, digits: Int) {
    key(name)
    if let value { number(value, digits: digits) } else { null() }
  }
}
