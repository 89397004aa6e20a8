import Base
import Execution
import Media
import Pipelines
import Reports

/// What a lighter rendition did to a pipeline's answers.
struct DriftReport {
  /// One of the two runs.
  struct Run {
    var frames = 0
    var cpuSeconds = 0.0
  }

  let film: String
  let settings: Rendition.Settings
  let rendition: Rendition
  let pipelineDigest: String
  /// The pipeline tells of every frame what is on it; others tell of changes or of ends, which are compared as spans alone.
  let tellsFrames: Bool
  var agreement: Agreement
  var full = Run()
  var light = Run()
  var fullSpans: [SpanCollector.Span] = []
  var lightSpans: [SpanCollector.Span] = []
  var makingSeconds = 0.0
  var byteCount = (film: 0, rendition: 0)

  init(
    film: String, pipeline: LoadedPipeline, settings: Rendition.Settings, rendition: Rendition, least: Double
  ) {
    (self.film, self.settings, self.rendition) = (film, settings, rendition)
    pipelineDigest = pipeline.digest
    tellsFrames = pipeline.pipeline.emit.when == .frame
    agreement = Agreement(steps: pipeline.pipeline.infer.map(\.name), least: least)
  }

  private func spans(_ step: Int) -> [(label: String, agreement: SpanAgreement)] {
    let frame = settings.fps.map { 1 / $0 } ?? 0.04
    let (one, two) = (fullSpans.filter { $0.step == step }, lightSpans.filter { $0.step == step })
    return Set((one + two).map(\.label)).sorted().map { label in
      let same = { (span: SpanCollector.Span) in span.label == label }
      return (label, SpanAgreement(reference: one.filter(same), other: two.filter(same), frame: frame))
    }
  }
}

extension DriftReport {
  /// For people.
  var text: String {
    let rate = settings.fps.map { " at \(NumberFormat.short($0, 3)) frames a second" } ?? ""
    let sizes = "\(Self.size(byteCount.rendition)) instead of \(Self.size(byteCount.film))"
    var text = "\(FileName.shown(film)) against a rendition of \(rendition.size)\(rate), \(sizes)\n"
    text +=
      "frames looked at: \(full.frames) of the film (\(NumberFormat.fixed(full.cpuSeconds, 1)) CPU seconds), \(light.frames) of the rendition (\(NumberFormat.fixed(light.cpuSeconds, 1))); compared: \(agreement.frames)\n"
    if rendition.corrupt.count > 0 { text += "the film is damaged: \(rendition.corrupt.count) frames\n" }
    if tellsFrames { text += "\n" + labels }
    let spans = spanTable
    if !spans.isEmpty { text += "\n" + spans }
    return text + "\n" + explanation
  }

  private var labels: String {
    var table = Table([
      ("network", .left), ("label", .left), ("in both", .right), ("missed", .right), ("added", .right),
      ("precision", .right), ("recall", .right), ("mean IoU", .right), ("score apart", .right), ("score shift", .right),
    ])
    for step in agreement.steps {
      for (name, label) in step.labels.sorted(by: { $0.key < $1.key }) {
        table.add([
          step.name, name.isEmpty ? "–" : name, "\(label.both)", "\(label.missed)", "\(label.added)",
          Self.share(label.precision), Self.share(label.recall), Self.share(label.meanOverlap),
          Self.share(label.meanDistance), Self.share(label.meanShift),
        ])
      }
    }
    guard !table.isEmpty else { return "Neither run found anything on the frames that were compared.\n" }
    var text = table.text
    for step in agreement.steps where step.paired > 0 {
      var words = ["\(Self.share(step.sameName)) of what both found has the same label"]
      if let cosine = step.meanCosine { words.append("cosine of vectors \(Self.share(cosine))") }
      if let distance = step.meanPointDistance { words.append("points \(NumberFormat.fixed(distance, 4)) apart") }
      text += "\(step.name): \(words.joined(separator: ", "))\n"
    }
    return text
  }

  private var spanTable: String {
    var table = Table([
      ("network", .left), ("spans of", .left), ("in both", .right), ("missed", .right), ("added", .right),
      ("precision", .right), ("recall", .right), ("mean overlap", .right),
    ])
    for (number, step) in agreement.steps.enumerated() {
      for (label, spans) in spans(number) {
        table.add([
          step.name, label.isEmpty ? "–" : label, "\(spans.both)", "\(spans.missed)", "\(spans.added)",
          Self.share(spans.precision), Self.share(spans.recall), Self.share(spans.meanOverlap),
        ])
      }
    }
    return table.isEmpty ? "" : table.text
  }

  private var explanation: String {
    let least = NumberFormat.short(agreement.least, 2)
    return """
      The film's own answers count as right here, which they need not be: this is agreement, not truth. Compared are frames that both runs
      looked at. In both: one label, and boxes that overlap by \(least) or more (IoU). Precision: the share of the rendition's answers that the film has
      too; recall: the share of the film's answers that the rendition has too. Scores: how far apart they are on average, and how much
      higher the rendition's are. Spans are tracks, or what came and went; one is in both where they overlap in time by half.

      """
  }

  private static func size(_ bytes: Int) -> String { "\(NumberFormat.measure(Double(bytes) / 1e6)) MB" }

  private static func share(_ value: Double?) -> String { value.map { NumberFormat.fixed($0, 3) } ?? "–" }

  /// One JSON object.
  var json: String {
    JSONText.line { json in
      json.field("film", film)
      json.field("pipeline", pipelineDigest)
      json.object("proxy") { json in
        json.field("height", settings.height)
        json.field("fps", ifKnown: settings.fps)
        json.field("width_made", rendition.size.width)
        json.field("height_made", rendition.size.height)
        json.field("frames", rendition.origins.count)
        json.field("bytes", byteCount.rendition)
        json.field("seconds", makingSeconds, digits: 3)
      }
      json.field("bytes", byteCount.film)
      json.field("corrupt_frames", rendition.corrupt.count)
      json.field("frames_film", full.frames)
      json.field("frames_proxy", light.frames)
      json.field("frames_compared", agreement.frames)
      json.field("cpu_seconds_film", full.cpuSeconds, digits: 3)
      json.field("cpu_seconds_proxy", light.cpuSeconds, digits: 3)
      json.field("overlap", agreement.least)
      json.array("steps") { json in
        for (number, step) in agreement.steps.enumerated() { json.object { write(step, number, into: &$0) } }
      }
    }
  }

  private func write(_ step: Agreement.Step, _ number: Int, into json: inout JSONWriter) {
    json.field("name", step.name)
    if tellsFrames {
      json.field("paired", step.paired)
      json.field("same_label", step.sameName)
      json.field("mean_cosine", ifKnown: step.meanCosine)
      json.field("mean_point_distance", ifKnown: step.meanPointDistance, digits: 6)
      json.array("labels") { json in
        for (name, label) in step.labels.sorted(by: { $0.key < $1.key }) {
          json.object { json in
            json.field("label", name)
            json.field("both", label.both)
            json.field("missed", label.missed)
            json.field("added", label.added)
            json.field("precision", label.precision)
            json.field("recall", label.recall)
            json.field("mean_iou", label.meanOverlap)
            json.field("score_distance", label.meanDistance)
            json.field("score_shift", label.meanShift)
            json.field("frames_both", label.framesBoth)
            json.field("presence", label.presence)
          }
        }
      }
    }
    json.array("spans") { json in
      for (label, spans) in spans(number) {
        json.object { json in
          json.field("label", label)
          json.field("both", spans.both)
          json.field("missed", spans.missed)
          json.field("added", spans.added)
          json.field("precision", spans.precision)
          json.field("recall", spans.recall)
          json.field("mean_overlap", spans.meanOverlap)
        }
      }
    }
  }
}
