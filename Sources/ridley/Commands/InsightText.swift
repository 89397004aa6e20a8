import Base
import Insights
import Reports

/// What was concluded about a film, as a person reads it in a terminal.
enum InsightText {
  static func text(_ insights: InsightReport) -> String { insights.shots.map(text) ?? "" }

  private static func text(_ list: ShotList) -> String {
    var table = Table([("  shot", .right), ("from", .right), ("to", .right), ("begins with", .left), ("score", .right)])
    for (number, shot) in list.shots.prefix(most).enumerated() {
      table.add([
        "\(number + 1)", NumberFormat.clock(shot.start), NumberFormat.clock(shot.end),
        shot.transitionIn?.kind.rawValue ?? "", shot.transitionIn.map { NumberFormat.fixed($0.score, 2) } ?? "",
      ])
    }
    let more = list.shots.count > most ? "  and \(list.shots.count - most) more\n" : ""
    let black = list.black.isEmpty ? "" : ", \(list.black.count) black stretches"
    return "\(list.shots.count) shots\(black)\n" + table.text + more
  }

  /// Rows that a terminal is filled with.
  private static let most = 50
}
