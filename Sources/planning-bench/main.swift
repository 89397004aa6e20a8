import Base
import Glibc
import JSON
import Pipelines
import Planning

// Learns rates from measured runs and estimates others: what bench/estimate holds against the truth.
//
//     planning-bench RUNS.json     {"train": [run…], "test": [run…]}

enum RunKey: String, CaseIterable {
  case name, pipeline, digest, models, codec, width, height, duration, rate, bytes, frames, decoded, sampled, passed
  case inferences, seconds, decode, prepare, own, cpu
}

enum FileKey: String, CaseIterable { case train, test }

/// One run of a pipeline over a film, as it was measured.
struct MeasuredRun {
  let name: String
  let item: EstimatedItem
  let measurement: TaskMeasurement

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(RunKey.self)
    let text = try fields.required(.pipeline).string()
    name = try fields.required(.name).string()
    let pipeline = try PipelineFile.read(bytes: Array(text.utf8), name: name).pipeline
    let models = try Self.list(fields.required(.models)) { (value) throws(Fault) in try value.string() }
    let size = Size(width: try fields.required(.width).integer(), height: try fields.required(.height).integer())
    let codec = try fields.required(.codec).string()
    item = EstimatedItem(
      source: SourceFacts(
        isPicture: false, byteCount: try fields.required(.bytes).integer(), size: size, codec: codec,
        duration: try fields.required(.duration).number(),
        frameRate: Ratio(Int((try fields.required(.rate).number() * 1000).rounded()), 1000)),
      pipeline: pipeline, pipelineDigest: try fields.required(.digest).string(), models: models)
    let counts = try Self.list(fields.required(.inferences)) { (value) throws(Fault) in try value.integer() }
    let seconds = try Self.list(fields.required(.seconds)) { (value) throws(Fault) in try value.number() }
    let steps = models.indices.map {
      TaskMeasurement.Step(model: models[$0], inferences: counts[$0], seconds: seconds[$0])
    }
    var task = TaskMeasurement(
      codec: codec, size: size, pipeline: item.pipelineDigest, sampling: pipeline.sample,
      work: FrameWork(
        frames: try fields.required(.frames).integer(), decoded: try fields.required(.decoded).integer(),
        sampled: try fields.required(.sampled).integer()),
      passed: try fields.given(.passed)?.integer(), steps: steps, cpuSeconds: try fields.required(.cpu).number())
    task.decodeSeconds = try fields.required(.decode).number()
    task.prepareSeconds = try fields.required(.prepare).number()
    task.ownSeconds = try fields.required(.own).number()
    measurement = task
  }

  static func list<T>(_ value: JSONValue, _ read: (JSONValue) throws(Fault) -> T) throws(Fault) -> [T] {
    var list: [T] = []
    for element in try value.elements() { list.append(try read(element)) }
    return list
  }
}

func work() throws(Fault) {
  guard CommandLine.arguments.count == 2 else { throw Fault(.usage, "usage: planning-bench RUNS.json") }
  let bytes = try FileSystem.read(CommandLine.arguments[1])
  let fields = try JSONDocument(parsing: bytes.span.bytes, name: "the runs").root.fields(FileKey.self)
  let train = try MeasuredRun.list(fields.required(.train)) { (value) throws(Fault) in try MeasuredRun(value) }
  let test = try MeasuredRun.list(fields.required(.test)) { (value) throws(Fault) in try MeasuredRun(value) }
  for run in test {
    var (before, others) = (Rates(machine: "bench"), Rates(machine: "bench"))
    // A whole run is one process and one film, whose cost of its own the measurement holds.
    for other in train {
      let isCropped = other.item.pipeline.infer.map { $0.on != nil }
      before.add(other.measurement, isCropped: isCropped)
      if other.item.pipelineDigest != run.item.pipelineDigest { others.add(other.measurement, isCropped: isCropped) }
    }
    before.add(.item, total: 0, count: 1)
    others.add(.item, total: 0, count: 1)
    let profile = TaskProfile(name: "one process", target: 1e6)
    let known = Estimator(before, profile: profile).estimate(run.item)
    let foreign = Estimator(others, profile: profile).estimate(run.item)
    let line = JSONWriter.line { json in
      json.field("name", run.name)
      json.field("measured", run.measurement.cpuSeconds, digits: 3)
      json.field("estimated", known.cpuSeconds, digits: 3)
      json.field("certainty", known.certainty)
      json.field("without_this_pipeline", foreign.cpuSeconds, digits: 3)
      json.field("certainty_without", foreign.certainty)
      json.field("upper_bound_without", foreign.isUpperBound)
    }
    print(String(decoding: line, as: UTF8.self), terminator: "")
  }
}

do throws(Fault) { try work() } catch {
  print("planning-bench: \(error.message)")
  exit(1)
}
