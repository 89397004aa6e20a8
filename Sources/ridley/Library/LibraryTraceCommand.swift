import Base
import Catalog
import Library
import MediaProcess
import Predictions

/// The way back from a prediction.
struct LibraryTraceCommand: Command {
  let path = ["library", "trace"]
  let summary = "Show which frame, model and pipeline a prediction came from"
  let positionals = [Positional(name: "asset", help: "its id, as 'ridley library list' shows it")]
  let options = [
    LibraryPlace.option, .value("prediction", "N", "its number in the analysis, from 0"),
    .value("analysis", "DIGEST", "the pipeline's digest, or its beginning, or its name (default: the newest analysis)"),
    .value("output", "FILE", "write the frame there, as JPEG"), .flag("json", "print one JSON object"),
  ]
  let examples = ["ridley library trace 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --prediction 17 --output frame.jpg"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let number = try arguments.integer("prediction", in: 0 ... .max) else {
      throw arguments.refusal("say which prediction: --prediction N")
    }
    let library = try LibraryPlace.open(arguments)
    let asset = try library.asset(arguments.positionals[0], scope: .all).asset
    let analysis = try library.analysis(of: asset, arguments["analysis"])
    let trace = try library.trace(
      asset, analysis, prediction: number, finder: PoolFrames(pool: MediaPool(limit: 1), seconds: 600))
    if let file = arguments["output"] { try FileSystem.write(trace.frame.jpeg, to: file) }
    try Terminal.print(
      arguments.has("json")
        ? JSONText.line { trace.write(into: &$0, picture: arguments["output"]) } : text(trace, arguments["output"]))
    return .success
  }

  private func text(_ trace: PredictionTrace, _ file: String?) -> String {
    let prediction = trace.row.prediction
    let score = prediction.score.map { " " + NumberFormat.fixed(Double($0), 4) } ?? ""
    let pts = trace.frame.pts.map { ", PTS \($0)" } ?? ""
    var rows: [(String, String)] = [
      ("prediction", "\(trace.number): \(prediction.kind.rawValue) \(prediction.label ?? "")\(score)"),
      ("asset", "\(trace.asset.id), \(trace.asset.name), sha256:\(trace.asset.object)"),
      ("frame", "\(trace.frame.index), \(NumberFormat.fixed(trace.frame.time, 3)) s\(pts), \(trace.frame.size)"),
      ("picture", "sha256:\(trace.frame.digest)" + (file.map { ", written to \($0)" } ?? "")),
      ("model", trace.row.model), ("pipeline", "\(trace.analysis.series) \(trace.analysis.pipeline)"),
      ("engine", trace.analysis.engine), ("ridley", trace.analysis.version), ("worker", trace.analysis.worker),
      ("made", UTC.text(trace.analysis.made / 1000)),
    ]
    for line in trace.log { rows.append(("log", String(decoding: line, as: UTF8.self))) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
  }
}
