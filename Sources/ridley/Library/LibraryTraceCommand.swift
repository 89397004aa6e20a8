import Base
import Catalog
import Library

/// The way back from a prediction.
struct LibraryTraceCommand: Command {
  let path = ["library", "trace"]
  let summary = "Show which frame, model and pipeline a prediction came from"
  let positionals = [Positional(name: "asset", help: "its id, as 'ridley library list' shows it")]
  let options =
    LibraryPlace.options + [
      .value("prediction", "N", "its number in the analysis, from 0"),
      .value(
        "analysis", "DIGEST", "the pipeline's digest, or its beginning, or its name (default: the newest analysis)"),
      .value("output", "FILE", "write the frame there, as JPEG"), .flag("json", "print one JSON object"),
    ]
  let examples = ["ridley library trace 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --prediction 17 --output frame.jpg"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let number = try arguments.integer("prediction", in: 0 ... .max) else {
      throw arguments.refusal("say which prediction: --prediction N")
    }
    let library = try LibraryPlace.access(arguments)
    let (asset, analyses) = try library.asset(arguments.positionals[0])
    let analysis = try Library.analysis(arguments["analysis"], among: analyses, of: asset)
    let trace = try library.trace(asset, analysis, prediction: number)
    if let file = arguments["output"] {
      guard [nil, .file].contains(FileSystem.kind(of: file)) else {
        throw arguments.refusal("--output \(file) is no file")
      }
      try FileSystem.write(library.picture(trace, asset, analysis), to: file)
    }
    try Terminal.print(
      arguments.has("json")
        ? String(decoding: trace.json(picture: arguments["output"]), as: UTF8.self) + "\n"
        : text(trace, asset, analysis, arguments["output"]))
    return .success
  }

  private func text(_ trace: TracedPrediction, _ asset: Asset, _ analysis: Analysis, _ file: String?) -> String {
    let score = trace.score.map { " " + NumberFormat.fixed($0, 4) } ?? ""
    let pts = trace.pts.map { ", PTS \($0)" } ?? ""
    var rows: [(String, String)] = [
      ("prediction", "\(trace.number): \(trace.kind) \(trace.label ?? "")\(score)"),
      ("asset", "\(asset.id), \(asset.name), sha256:\(asset.object)"),
      ("frame", "\(trace.frame), \(NumberFormat.fixed(trace.time, 3)) s\(pts), \(trace.size)"),
      ("picture", "sha256:\(trace.digest)" + (file.map { ", written to \($0)" } ?? "")),
      ("model", trace.model), ("pipeline", "\(analysis.series) \(analysis.pipeline)"),
      ("engine", analysis.engine), ("ridley", analysis.version), ("worker", analysis.worker),
      ("made", UTC.text(analysis.made / 1000)),
    ]
    for line in trace.log { rows.append(("log", line)) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
  }
}
