internal import Base
internal import Pipelines
internal import Predictions

/// Pipelines in YAML.
enum PipelineTarget {
  static func enter(_ bytes: [UInt8]) throws(Fault) {
    let file = try PipelineFile.read(bytes: bytes, name: "fuzz.yaml")
    let pipeline = file.pipeline
    let digests = pipeline.infer.map { "sha256:" + $0.model }
    do throws(Fault) {
      let again = try PipelineFile.read(bytes: Array(pipeline.text.utf8), name: "again.yaml").pipeline
      precondition(again == pipeline, "the normal form is another pipeline")
      precondition(
        again.canonical(models: digests) == pipeline.canonical(models: digests), "one pipeline with two digests")
    } catch {
      throw Fault(.bug, "the normal form cannot be read: \(error.message)\n\(pipeline.text)")
    }
    for task in ModelTask.allCases {
      let facts = ModelFacts(task: task, labels: ["person", "car", "good"])
      try? file.check(pipeline.infer.map { _ in facts })
    }
    run(pipeline)
  }

  /// A second of detections by every network that sees whole frames, and of something on each by every network behind.
  private static func run(_ pipeline: Pipeline) {
    var runner = PipelineRun(pipeline, aspect: 16 / 9)
    for number in 0..<25 {
      var found: [Prediction] = []
      for step in pipeline.infer.indices.prefix(8) where pipeline.infer[step].on == nil {
        for object in 0..<3 { add(step, object, number, pipeline, parent: nil, to: &found) }
      }
      for told in runner.advance(found, time: Double(number) / 25, isLast: number == 24) {
        precondition(told.track.map { $0 > 0 } ?? true, "a track without a number")
      }
    }
    runner.close(.end)
    precondition(runner.counts.scene.rules.allSatisfy { !$0.isOpen }, "an event is open after the end")
    precondition(runner.counts.tracks >= 0 && runner.counts.changes >= 0)
  }

  private static func add(
    _ step: Int, _ object: Int, _ number: Int, _ pipeline: Pipeline, parent: Int?, to found: inout [Prediction]
  ) {
    guard found.count < 200 else { return }
    let labels = ["person", "car", "good"]
    let box = Rect(
      x: Double((object * 31 + number) % 80) / 100, y: Double(object) / 4, width: 0.15, height: 0.2)
    var prediction = Prediction(
      kind: .detection, label: labels[(object + number / 9) % 3], score: Float((object + number) % 10) / 9, box: box)
    (prediction.step, prediction.parent) = (step, parent)
    let place = found.count
    found.append(prediction)
    for crop in pipeline.crops(of: step) { add(crop, object, number, pipeline, parent: place, to: &found) }
  }
}
