internal import Base
internal import Predictions

/// One file's result as one JSON object; the keys are described in `docs/predictions.md`.
///
/// Every key is always there; what is not known is null.
public enum SummaryJSON {
  public static func write(_ summary: FileSummary, _ header: RunHeader) -> [UInt8] {
    JSONWriter.line { json in
      source(summary, into: &json)
      run(header, into: &json)
      work(summary, into: &json)
      labels(summary.labels, into: &json)
      corrupt(summary.corrupt, into: &json)
      stages(summary.stages, into: &json)
      if !summary.steps.isEmpty { steps(summary.steps, into: &json) }
      json.field("notes", summary.notes)
    }
  }

  private static func source(_ summary: FileSummary, into json: inout JSONWriter) {
    json.field("file", summary.file)
    json.field("path", summary.path)
    json.field("width", summary.size?.width)
    json.field("height", summary.size?.height)
    json.field("codec", summary.codec)
    json.field("duration", summary.duration, digits: 6)
  }

  private static func run(_ header: RunHeader, into json: inout JSONWriter) {
    json.field("model", header.model)
    if header.models.count > 1 { json.field("models", header.models) }
    if !header.pipelineDigest.isEmpty { json.field("pipeline", header.pipelineDigest) }
    json.field("task", header.task.rawValue)
    json.field("precision", header.precision)
    json.field("engine", header.engine)
    json.field("device", header.device)
    json.field("network_input", header.networkInput)
    json.field("sampling", header.sampling)
    json.field("ridley_version", header.ridleyVersion)
    json.field("started", header.started)
  }

  private static func work(_ summary: FileSummary, into json: inout JSONWriter) {
    json.field("frames", summary.framesAnalyzed)
    json.field("frames_in_file", ifKnown: summary.framesInFile)
    json.field("frames_decoded", summary.framesDecoded)
    json.field("frames_with_predictions", summary.framesWithPredictions)
    json.field("predictions", summary.predictions)
    json.field("seconds_elapsed", summary.secondsElapsed, digits: 3)
    json.field("frames_per_second", summary.framesPerSecond, digits: 2)
    json.field("times_real_time", summary.timesRealTime, digits: 3)
    json.field("interrupted", summary.interrupted)
  }

  private static func labels(_ labels: [LabelTally], into json: inout JSONWriter) {
    json.array("labels") { json in
      for tally in labels {
        json.object { json in
          json.field("label", tally.label)
          json.field("count", tally.count)
          if tally.objects > 0 { json.field("objects", tally.objects) }
          json.field("frames", tally.frames)
          json.field("first_time", tally.firstTime, digits: 6)
          json.field("last_time", tally.lastTime, digits: 6)
          json.field("best_score", tally.bestScore.map(Double.init), digits: 4)
          json.field("best_time", tally.bestTime, digits: 6)
        }
      }
    }
  }

  private static func corrupt(_ corrupt: CorruptFrames, into json: inout JSONWriter) {
    json.field("corrupt_frames", corrupt.count)
    json.array("corrupt_examples") { json in
      for example in corrupt.examples {
        json.object { json in
          json.field("time", example.time, digits: 6)
          json.field("reason", example.reason)
        }
      }
    }
  }

  private static func stages(_ stages: StageTimes, into json: inout JSONWriter) {
    json.object("stage_times") { json in
      for stage in stages.measured {
        let times = stages[stage]
        json.object(JSONWriter.Name(stage.rawValue)) { json in
          json.field("count", times.count)
          json.field("mean_us", times.mean, digits: 1)
          json.field("p50_us", times.p50, digits: 1)
          json.field("p95_us", times.p95, digits: 1)
          json.field("p99_us", times.p99, digits: 1)
          json.field("max_us", times.max, digits: 1)
        }
      }
    }
  }

  private static func steps(_ steps: [FileSummary.Step], into json: inout JSONWriter) {
    json.array("steps") { json in
      for step in steps {
        json.object { json in
          json.field("step", step.kind)
          json.field("name", ifKnown: step.name)
          for count in step.counts { json.field(JSONWriter.Name(count.name), count.value) }
        }
      }
    }
  }
}
