import Analysis
import Base
import Reports
import Vision

/// What goes to standard output while files are analysed.
protocol AnalyzePrinter: AnyObject {
  func begin() throws(Fault)
  func begin(_ file: String) throws(Fault)
  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault)
  func end(_ summary: FileSummary, _ header: RunHeader, report: String) throws(Fault)
  func fail(_ file: String, _ fault: Fault) throws(Fault)
  func end() throws(Fault)
}

/// One JSON object, written as it comes: `{"model":{…},"files":[{"file":…,"predictions":[…],"summary":{…},"report":…}]}`.
final class JSONPrinter: AnalyzePrinter {
  private let pipeline: LoadedPipeline
  private let sink = FileSink(standardOutput: ())
  private var json = JSONWriter()
  private var isInFile = false

  init(_ pipeline: LoadedPipeline) { self.pipeline = pipeline }

  func begin() throws(Fault) {
    json.beginObject()
    json.key("model")
    write(pipeline.models[0])
    if pipeline.models.count > 1 {
      json.key("models")
      json.beginArray()
      for model in pipeline.models { write(model) }
      json.endArray()
    }
    json.key("pipeline")
    json.string(pipeline.digest)
    json.key("files")
    json.beginArray()
  }

  private func write(_ model: LoadedModel) {
    json.beginObject()
    json.key("name")
    json.string(model.name)
    json.key("digest")
    json.string(model.digest)
    json.key("task")
    json.string(model.recipe.task.rawValue)
    json.key("precision")
    json.string(model.precision)
    json.endObject()
  }

  func begin(_ file: String) throws(Fault) {
    json.beginObject()
    json.key("file")
    json.string(file)
    json.key("predictions")
    json.beginArray()
    isInFile = true
  }

  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    var line = JSONWriter()
    for prediction in predictions {
      PredictionJSON.write(prediction, stamp, model: pipeline.models[prediction.step].identity, into: &line)
      json.embed(line.bytes)
      line.drain()
    }
    try drain()
  }

  func end(_ summary: FileSummary, _ header: RunHeader, report: String) throws(Fault) {
    json.endArray()
    json.key("summary")
    json.embed(SummaryJSON.write(summary, header))
    json.key("report")
    json.string(report)
    json.endObject()
    isInFile = false
    try drain()
  }

  func fail(_ file: String, _ fault: Fault) throws(Fault) {
    if isInFile {
      json.endArray()
    } else {
      json.beginObject()
      json.key("file")
      json.string(file)
    }
    isInFile = false
    json.key("error")
    json.beginObject()
    json.key("code")
    json.string(fault.kind.rawValue)
    json.key("message")
    json.string(fault.message)
    json.endObject()
    json.endObject()
    try drain()
  }

  func end() throws(Fault) {
    json.endArray()
    json.endObject()
    json.newline()
    try drain()
    try sink.flush()
  }

  private func drain() throws(Fault) {
    try sink.write(json.bytes)
    json.drain()
  }
}

/// A short table for each file.
final class TextPrinter: AnalyzePrinter {
  private let isQuiet: Bool
  /// What was found on a picture, to be shown whole.
  private var only: [Prediction] = []

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func begin() throws(Fault) {}
  func begin(_ file: String) throws(Fault) { only = [] }
  func fail(_ file: String, _ fault: Fault) throws(Fault) {}
  func end() throws(Fault) {}

  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    if stamp.index == 0 { only = Array(predictions.prefix(50)) }
  }

  func end(_ summary: FileSummary, _ header: RunHeader, report: String) throws(Fault) {
    guard !isQuiet else { return }
    var text = "\(summary.file): \(headline(summary)), model \(header.modelName)\n"
    text += summary.framesDecoded == 1 ? findings : labels(summary)
    if summary.corrupt.count > 0 { text += "\(summary.corrupt.count) broken frame(s) passed over\n" }
    for step in summary.steps {
      let counts = step.counts.map { "\($0.name.replacing("_", with: " ")) \($0.value)" }
      text += "\([step.kind, step.name].compactMap { $0 }.joined(separator: " ")): \(counts.joined(separator: ", "))\n"
    }
    for note in summary.notes { text += note + "\n" }
    if summary.interrupted { text += "stopped before the end; what was found until then is kept\n" }
    try Terminal.print(text + "report: \(report)/report.html\n")
  }

  private func headline(_ summary: FileSummary) -> String {
    let size = summary.size.map { "\($0), " } ?? ""
    guard summary.framesDecoded != 1 else { return "\(size)\(summary.predictions) prediction(s)" }
    let rate = summary.framesPerSecond.map { ", \(Wording.measure($0)) frames/s" } ?? ""
    let speed = summary.timesRealTime.map { ", \(Wording.measure($0)) times real time" } ?? ""
    return "\(size)\(summary.framesAnalyzed) of \(summary.framesDecoded) frames\(rate)\(speed)"
  }

  private func labels(_ summary: FileSummary) -> String {
    guard !summary.labels.isEmpty else { return "nothing found\n" }
    var table = Table([
      ("  label", .left), ("found", .right), ("frames", .right), ("first", .right), ("best", .right), ("at", .right),
    ])
    for label in summary.labels.prefix(20) {
      table.add([
        "  " + label.label, "\(label.count)", "\(label.frames)", Wording.clock(label.firstTime),
        label.bestScore.map { Wording.fixed(Double($0), 2) } ?? "", label.bestTime.map { Wording.clock($0) } ?? "",
      ])
    }
    return table.text + (summary.labels.count > 20 ? "  and \(summary.labels.count - 20) more\n" : "")
  }

  private var findings: String {
    guard !only.isEmpty else { return "nothing found\n" }
    var table = Table([("  found", .left), ("score", .right), ("where", .left)])
    for found in only {
      let place =
        found.box.map { box in
          [box.x, box.y, box.width, box.height].map { Wording.fixed($0, 3) }.joined(separator: " ")
        } ?? found.points.first.map { "\(Wording.fixed($0.x, 3)) \(Wording.fixed($0.y, 3))" }
      let name = found.text.map { "'\($0)'" } ?? found.label ?? found.kind.rawValue
      table.add(["  " + name, found.score.map { Wording.fixed(Double($0), 3) } ?? "", place ?? ""])
    }
    return table.text
  }
}
