import Base
import Insights
import Reports

/// What was concluded about a film, as a person reads it in a terminal.
enum InsightText {
  static func text(_ insights: InsightReport) -> String {
    [
      insights.shots.map(text), insights.breaks.map(text), insights.content.map(text), insights.safety.map(text),
      insights.products.map(text), insights.attention.map(text), insights.memorability.map(text),
    ].compactMap { $0 }.joined()
  }

  private static func text(_ list: BreakList) -> String {
    var table = Table([("  break", .right), ("at", .right), ("score", .right), ("rank", .right), ("because", .left)])
    for (number, one) in list.breaks.prefix(most).enumerated() {
      table.add([
        "\(number + 1)", NumberFormat.clock(one.time), NumberFormat.fixed(one.score, 2), "\(one.rank)",
        one.evidence.words,
      ])
    }
    let missing = list.notAssessed.isEmpty ? "" : ", not assessed: \(list.notAssessed.joined(separator: ", "))"
    let notes = list.notes.map { $0 + "\n" }.joined()
    return "\(list.breaks.count) breaks of \(list.candidates) changes, \(list.insideSpeech) inside speech\(missing)\n"
      + table.text + notes
  }

  private static func text(_ content: Content) -> String {
    var table = Table([("  content", .left), ("score", .right), ("share", .right), ("first", .right)])
    for label in content.video.prefix(20) {
      table.add([
        "  " + label.name, NumberFormat.fixed(label.score, 2), NumberFormat.fixed(label.share, 2),
        NumberFormat.clock(label.firstSeen),
      ])
    }
    return content.video.isEmpty ? "content: nothing that counts\n" : table.text
  }

  private static func text(_ safety: Safety) -> String {
    var text = "brand safety: \(safety.risk.map { "worst \($0.rawValue)" } ?? "nothing found")"
    text += ", \(safety.assessed.count) topics assessed, \(safety.notAssessed.count) not\n"
    var table = Table([("  topic", .left), ("risk", .left), ("score", .right), ("times", .right), ("first", .right)])
    for finding in safety.findings {
      table.add([
        "  " + finding.category.name, finding.risk.rawValue, NumberFormat.fixed(finding.score, 2),
        "\(finding.segments.count)", finding.segments.first.map { NumberFormat.clock($0.span.start) } ?? "",
      ])
    }
    return text + (safety.findings.isEmpty ? "" : table.text)
  }

  private static func text(_ report: ProductReport) -> String {
    var table = Table([("  product", .left), ("seen", .right), ("first", .right), ("by", .left), ("score", .right)])
    for entry in report.products.prefix(most) {
      table.add([
        "  " + entry.name, NumberFormat.clock(entry.seconds),
        entry.segments.first.map { NumberFormat.clock($0.lowerBound) } ?? "", entry.best.method.rawValue,
        NumberFormat.fixed(Double(entry.best.score), 2),
      ])
    }
    return report.products.isEmpty ? "products: none of the catalogue's\n" : table.text
  }

  private static func text(_ attention: AttentionReport) -> String {
    "attention: \(attention.frames.count) frames with a map\n"
  }

  private static func text(_ report: MemorabilityReport) -> String {
    "memorability: \(NumberFormat.fixed(report.score, 3)) after \(NumberFormat.measure(report.delay)) s, by \(report.model)\n"
  }

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
