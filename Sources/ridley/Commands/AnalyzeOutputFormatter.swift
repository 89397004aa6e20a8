import Analysis
import Base
import Execution
import Isolation
import Pipelines
import Predictions
import Reports
import Vision

/// Tells what is found while files are analysed, in the form that was asked for.
protocol AnalyzeOutputFormatter: AnyObject {
  func begin() throws(Fault)
  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault)
  func add(_ happenings: [Happening], _ file: String) throws(Fault)
  func end(_ summary: FileSummary, _ header: RunHeader, report: String) throws(Fault)
}

/// Every prediction, and the summary, as JSON.
final class JSONFormatter: AnalyzeOutputFormatter {
  private let pipeline: LoadedPipeline
  private let outlet: MessageWriter
  private var json = JSONWriter()
  private var line = JSONWriter()
  /// What happened, to be told behind the predictions.
  private var events = JSONWriter()

  init(_ pipeline: LoadedPipeline, outlet: MessageWriter) { (self.pipeline, self.outlet) = (pipeline, outlet) }

  /// What is loaded, as a JSON object.
  static func describe(_ pipeline: LoadedPipeline) -> [UInt8] {
    JSONWriter.object { json in
      json.field("model") { json in
        if let model = pipeline.models.first { write(model, into: &json) } else { json.null() }
      }
      if pipeline.models.count > 1 {
        json.array("models") { for model in pipeline.models { write(model, into: &$0) } }
      }
      json.field("pipeline", pipeline.digest)
    }
  }

  private static func write(_ model: LoadedModel, into json: inout JSONWriter) {
    json.object { json in
      json.field("name", model.name)
      json.field("digest", model.digest)
      json.field("task", model.recipe.task.rawValue)
      json.field("precision", model.precision)
    }
  }

  func begin() throws(Fault) { events = JSONWriter() }

  func add(_ happenings: [Happening], _ file: String) throws(Fault) {
    for happening in happenings where happening.isOver {
      line.drain()
      HappeningJSON.write(happening, file: file, into: &line)
      events.embed(line.bytes)
    }
  }

  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    guard !predictions.isEmpty else { return }
    json = JSONWriter()
    for prediction in predictions {
      line.drain()
      PredictionJSON.write(prediction, stamp, model: pipeline.models[prediction.step].identity, into: &line)
      json.embed(line.bytes)
    }
    try outlet.send(AnalyzeMessage.predictions(json.bytes).message)
  }

  func end(_ summary: FileSummary, _ header: RunHeader, report: String) throws(Fault) {
    let json = SummaryJSON.write(summary, header)
    if pipeline.pipeline.watches { try outlet.send(AnalyzeMessage.events(events.bytes).message) }
    try outlet.send(AnalyzeMessage.done(summary: json, report: report, entry: RunEntry(summary)).message)
  }
}

/// A short table for each file.
final class TextFormatter: AnalyzeOutputFormatter {
  private let isQuiet: Bool
  private let outlet: MessageWriter
  /// What was found on a picture, to be shown whole.
  private var only: [Prediction] = []

  init(isQuiet: Bool, outlet: MessageWriter) { (self.isQuiet, self.outlet) = (isQuiet, outlet) }

  func begin() throws(Fault) { only = [] }

  func add(_ happenings: [Happening], _ file: String) throws(Fault) {}

  func add(_ stamp: FrameStamp, _ predictions: [Prediction]) throws(Fault) {
    if stamp.index == 0 { only = Array(predictions.prefix(50)) }
  }

  func end(_ summary: FileSummary, _ header: RunHeader, report: String) throws(Fault) {
    defer { only = [] }
    if !isQuiet {
      try outlet.send(AnalyzeMessage.text(Array(Terminal.plain(text(summary, header, report: report)).utf8)).message)
    }
    try outlet.send(AnalyzeMessage.done(summary: [], report: report, entry: RunEntry(summary)).message)
  }

  private func text(_ summary: FileSummary, _ header: RunHeader, report: String) -> String {
    var text = "\(summary.file): \(headline(summary)), model \(header.modelName)\n"
    if let insights = summary.insights { text += InsightText.text(insights) }
    if summary.insights == nil || summary.predictions > 0 {
      text += summary.framesDecoded == 1 ? findings : labels(summary)
    }
    if summary.corrupt.count > 0 { text += "\(summary.corrupt.count) frame(s) damaged or missing\n" }
    for step in summary.steps {
      let counts = step.counts.map { "\($0.name.replacing("_", with: " ")) \($0.value)" }
      text += "\([step.kind, step.name].compactMap { $0 }.joined(separator: " ")): \(counts.joined(separator: ", "))\n"
    }
    for note in summary.notes { text += note + "\n" }
    if summary.interrupted { text += "stopped before the end; what was found until then is kept\n" }
    return text + "report: \(report)/report.html\n"
  }

  private func headline(_ summary: FileSummary) -> String {
    let size = summary.size.map { "\($0), " } ?? ""
    guard summary.framesDecoded != 1 else { return "\(size)\(summary.predictions) prediction(s)" }
    let rate = summary.framesPerSecond.map { ", \(NumberFormat.measure($0)) frames/s" } ?? ""
    let speed = summary.timesRealTime.map { ", \(NumberFormat.measure($0)) times real time" } ?? ""
    let all = summary.framesInFile.map { " of \(max($0, summary.framesAnalyzed))" } ?? ""
    return "\(size)\(summary.framesAnalyzed)\(all) frames\(rate)\(speed)"
  }

  private func labels(_ summary: FileSummary) -> String {
    guard !summary.labels.isEmpty else { return "nothing found\n" }
    var table = Table([
      ("  label", .left), ("found", .right), ("frames", .right), ("first", .right), ("best", .right), ("at", .right),
    ])
    for label in summary.labels.prefix(20) {
      table.add([
        "  " + label.label, "\(label.count)", "\(label.frames)", NumberFormat.clock(label.firstTime),
        label.bestScore.map { NumberFormat.fixed(Double($0), 2) } ?? "",
        label.bestTime.map { NumberFormat.clock($0) } ?? "",
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
          [box.x, box.y, box.width, box.height].map { NumberFormat.fixed($0, 3) }.joined(separator: " ")
        } ?? found.points.first.map { "\(NumberFormat.fixed($0.x, 3)) \(NumberFormat.fixed($0.y, 3))" }
      let name = found.text.map { "'\($0)'" } ?? found.label ?? found.kind.rawValue
      table.add(["  " + name, found.score.map { NumberFormat.fixed(Double($0), 3) } ?? "", place ?? ""])
    }
    return table.text
  }
}

extension RunEntry {
  fileprivate init(_ summary: FileSummary) {
    self.init(file: summary.file, path: summary.path)
    fill(from: summary)
  }
}
