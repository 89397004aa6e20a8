import Base
import Catalog
import Library

/// Everything about one asset.
struct LibraryShowCommand: Command {
  let path = ["library", "show"]
  let summary = "Show one asset and its analyses"
  let positionals = [Positional(name: "asset", help: "its id, as 'ridley library list' shows it")]
  let options = LibraryPlace.options + [Option.flag("json", "print one JSON object")]
  let examples = ["ridley library show 01KB3Z8M5T9Q7X2R4W6Y8A1C3E"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.access(arguments)
    let (asset, analyses) = try library.asset(arguments.positionals[0])
    let renditions = try library.renditions(of: asset)
    try Terminal.print(
      arguments.has("json") ? json(asset, analyses, renditions) : text(asset, analyses, renditions))
    return .success
  }

  private func json(_ asset: Asset, _ analyses: [Analysis], _ renditions: [KeptRendition]) -> String {
    JSONText.line { json in
      asset.write(into: &json)
      json.array("results") { json in for analysis in analyses { json.object { analysis.write(into: &$0) } } }
      json.array("renditions") { json in for each in renditions { json.object { each.write(into: &$0) } } }
    }
  }

  private func text(_ asset: Asset, _ analyses: [Analysis], _ renditions: [KeptRendition]) -> String {
    let place = [asset.group.client, asset.group.brand, asset.group.campaign].compactMap { $0 }
    var rows: [(String, String)] = [
      ("asset", asset.id.text), ("name", asset.name), ("belongs to", place.joined(separator: " / ")),
      ("state", asset.state.rawValue + (asset.reason.map { ": \($0)" } ?? "")),
      ("added", UTC.text(asset.added / 1000)),
    ]
    if let captured = asset.captured { rows.append(("captured", UTC.text(captured / 1000))) }
    if !asset.tags.isEmpty { rows.append(("tags", asset.tags.joined(separator: ", "))) }
    let length = asset.media.duration.map { ", \(NumberFormat.clock($0))" } ?? ""
    rows += [
      ("media", "\(asset.media.format), \(asset.media.codec), \(asset.media.size)\(length)"),
      ("bytes", (asset.node.map { "at the node \($0)" } ?? "\(asset.byteCount)") + ", sha256:\(asset.object)"),
    ]
    for each in renditions {
      rows.append(
        (
          "rendition",
          "\(each.settings.text) (\(each.size), \(each.frameCount) frames), \(each.byteCount) bytes, sha256:\(each.object)"
        ))
    }
    for analysis in analyses {
      rows.append(
        (
          "analysis",
          "\(analysis.series) \(analysis.pipeline.prefix(19))…, \(UTC.text(analysis.made / 1000)), \(analysis.predictionCount) predictions on \(analysis.framesAnalyzed) frames"
        ))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
  }
}
