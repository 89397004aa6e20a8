internal import Base

extension Report {
  private static let rowLimit = 100

  /// Every label with its counts and its times.
  var labelTable: Markup {
    guard !summary.labels.isEmpty else { return .nothing }
    let shown = summary.labels.prefix(Self.rowLimit)
    let rest = summary.labels.count - shown.count
    let more: Markup = rest > 0 ? "<p class=\"hint\">\(rest) more labels stand in summary.json.</p>" : ""
    let inTime = axis.span > 0
    let times: Markup = inTime ? "<th scope=\"col\">First</th><th scope=\"col\">Last</th>" : ""
    let frames: Markup =
      inTime ? "<th scope=\"col\">Frames</th><th scope=\"col\" class=\"wide\">Share of frames</th>" : ""
    let body: Markup = """
      <div class="scroll" tabindex="0" role="region" aria-labelledby="labels">
      <table><thead><tr><th scope="col">Label</th><th scope="col">Predictions</th>\(frames)\(times)\
      <th scope="col">Best score</th></tr></thead>
      <tbody>
      \(shown.map { row($0, inTime: inTime) })
      </tbody></table></div>
      \(more)
      """
    return panel("labels", "Labels", body)
  }

  private func row(_ tally: LabelTally, inTime: Bool) -> Markup {
    let share = Double(tally.frames) / Double(max(1, summary.framesAnalyzed)) * 100
    let best = tally.bestScore.map { NumberFormat.fixed(Double($0), 2) } ?? "–"
    let color = color(tally.label)
    let tenths = axis.span < 60
    let frames: Markup = """
      <td>\(NumberFormat.grouped(tally.frames))</td><td class="wide"><span class="share" \
      style="--c:\(color);--w:\(NumberFormat.short(min(100, share), 1))%"></span>\(NumberFormat.fixed(share, share < 9.95 ? 1 : 0)) %</td>
      """
    let times: Markup = """
      <td>\(NumberFormat.clock(tally.firstTime, tenths: tenths))</td><td>\(NumberFormat.clock(tally.lastTime, tenths: tenths))</td>
      """
    return """
      <tr><th scope="row">\(tag(tally.label))</th><td>\(NumberFormat.grouped(tally.count))</td>\
      \(inTime ? frames : .nothing)\(inTime ? times : .nothing)<td>\(best)</td></tr>
      """
  }
}
