import Base
import Catalog
import Jobs
import Library
import Reports

/// Says what a newer analysis found otherwise than an older one.
struct LibraryDiffCommand: Command {
  let path = ["library", "diff"]
  let summary = "Show what a newer analysis of an asset says otherwise than an older one"
  let positionals = [Positional(name: "asset", help: "its id, as 'ridley library list' shows it")]
  let options = [
    LibraryPlace.option,
    .value("from", "DIGEST", "the older one: its pipeline's digest or the beginning of it (default the one before)"),
    .value("to", "DIGEST", "the newer one: as above, or its name (default the newest)"),
    .flag("json", "print one JSON object"),
  ]
  let examples = [
    "ridley library diff 01KB3Z8M5T9Q7X2R4W6Y8A1C3E",
    "ridley library diff 01KB3Z8M5T9Q7X2R4W6Y8A1C3E --from 3f9a01c2 --to 77b0e4d1",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.open(arguments)
    let asset = try library.asset(arguments.positionals[0], scope: .all).asset
    let newer = try library.analysis(of: asset, arguments["to"])
    let older =
      if let digest = arguments["from"] { try library.analysis(of: asset, digest) } else {
        try library.analysis(of: asset, before: newer)
      }
    guard older.pipeline != newer.pipeline else {
      throw arguments.refusal("'\(older.pipeline)' is both of them: name two analyses")
    }
    let difference = try AnalysisDifference(older, newer, in: library)
    try Terminal.print(arguments.has("json") ? json(asset, difference) : text(difference))
    return .success
  }

  private func text(_ difference: AnalysisDifference) -> String {
    let (older, newer) = (difference.older, difference.newer)
    var text = """
      from  \(older.series)  \(older.pipeline)  \(UTC.text(older.made / 1000))  \(older.predictionCount) predictions
      to    \(newer.series)  \(newer.pipeline)  \(UTC.text(newer.made / 1000))  \(newer.predictionCount) predictions

      """
    var table = Table([
      ("network", .left), ("label", .left), ("same", .right), ("came", .right), ("went", .right),
      ("other score", .right), ("shift", .right), ("overlap", .right),
    ])
    for (step, name, label) in rows(difference) {
      table.add([
        step.name, name.isEmpty ? "-" : name, "\(label.both - label.rescored)", "\(label.added)", "\(label.missed)",
        "\(label.rescored)", label.meanShift.map { NumberFormat.fixed($0, 4) } ?? "-",
        label.meanOverlap.map { NumberFormat.fixed($0, 3) } ?? "-",
      ])
    }
    text += table.isEmpty ? "neither found anything\n" : table.text
    if !difference.isOfSameFrames {
      text +=
        "they looked at \(older.framesAnalyzed) and \(newer.framesAnalyzed) frames: what came or went may be on frames that one did not look at\n"
    }
    if !difference.isOfOneSeries { text += "they are of two pipelines, and need not speak of the same things\n" }
    return text
  }

  /// Where most changed comes first.
  private func rows(
    _ difference: AnalysisDifference
  ) -> [(step: Agreement.Step, name: String, label: Agreement.Label)] {
    difference.agreement.steps.flatMap { step in
      step.labels.sorted {
        let (a, b) = ($0.value.added + $0.value.missed, $1.value.added + $1.value.missed)
        return a == b ? $0.key < $1.key : a > b
      }.map { (step, $0.key, $0.value) }
    }
  }

  private func json(_ asset: Asset, _ difference: AnalysisDifference) -> String {
    JSONText.line { json in
      json.field("asset", asset.id.text)
      for (name, analysis) in [("from", difference.older), ("to", difference.newer)] as [(JSONWriter.Name, Analysis)] {
        json.object(name) { json in
          json.field("series", analysis.series)
          json.field("pipeline", analysis.pipeline)
          json.field("predictions", analysis.predictionCount)
          json.field("frames", analysis.framesAnalyzed)
        }
      }
      json.array("labels") { json in
        for (step, name, label) in rows(difference) {
          json.object { json in
            json.field("network", step.name)
            json.field("label", name)
            json.field("same", label.both - label.rescored)
            json.field("came", label.added)
            json.field("went", label.missed)
            json.field("rescored", label.rescored)
            json.field("shift", ifKnown: label.meanShift, digits: 6)
            json.field("overlap", ifKnown: label.meanOverlap, digits: 6)
          }
        }
      }
    }
  }
}
