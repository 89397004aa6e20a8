internal import Base

extension Report {
  private static let chartLimit = 6

  /// One chart for each score through time: the mean as a line, from lowest to highest as a band.
  var scores: Markup {
    let rows = collector.timeline.rows().filter { !$0.sums.isEmpty }.prefix(Self.chartLimit)
    guard axis.span > 0, !rows.isEmpty else { return .nothing }
    let body: Markup = """
      <div class="plots">
      \(rows.map(chart))
      <div class="plot"><span></span>\(axis.markup)<span></span></div>
      </div>
      """
    return panel("scores", "Score", hint: "Line: mean. Band: lowest to highest.", body)
  }

  func meanWording(_ row: Timeline.Row) -> String {
    NumberFormat.fixed(row.sums.reduce(0, +) / Double(max(1, row.total)), 2)
  }

  private func chart(_ row: Timeline.Row) -> Markup {
    let low = Double(row.worst.min() ?? 0)
    let high = Double(row.best.max() ?? 0)
    let scale = ScoreScale(low: low, high: high)
    let range = "from \(NumberFormat.fixed(low, 2)) to \(NumberFormat.fixed(high, 2))"
    let told = "\(row.label): mean \(meanWording(row)), \(range)"
    let marks = scale.ticks.map { tick -> Markup in
      "<span style=\"top:\(NumberFormat.short(scale.y(tick), 2))%\">\(NumberFormat.short(tick, 4))</span>"
    }
    let lines = scale.ticks.map {
      "M0 \(NumberFormat.short(scale.y($0), 2))H\(NumberFormat.short(axis.bins, 2))" as Markup
    }
    return """
      <div class="plot tall"><div>\(tag(row.label))<p class="hint">mean \(meanWording(row)), <br>\(range)</p></div>
      <div class="chart"><svg viewBox="0 0 \(NumberFormat.short(axis.bins, 2)) 100" preserveAspectRatio="none" role="img" \
      aria-label="\(told)" style="--c:\(color(row.label))">\
      <path class="grid" d="\(lines)"/>\(axis.grid(height: 100))\(curves(row, scale))</svg></div>
      <div class="levels" aria-hidden="true">\(marks)</div></div>
      """
  }

  /// Each unbroken stretch of bins with scores, as band and line.
  private func curves(_ row: Timeline.Row, _ scale: ScoreScale) -> [Markup] {
    var stretches: [[Int]] = []
    for bin in row.counts.indices where bin < row.sums.count && row.best[bin].isFinite {
      if let last = stretches.last?.last, bin - last <= max(1, axis.reach + 1) {
        stretches[stretches.count - 1].append(bin)
      } else {
        stretches.append([bin])
      }
    }
    return stretches.map { bins in
      let point = { (bin: Int, value: Double) in
        "\(NumberFormat.short(min(Double(bin) + 0.5, self.axis.bins), 1)) \(NumberFormat.short(scale.y(value), 1))"
      }
      let upper = bins.map { point($0, Double(row.best[$0])) }
      let lower = bins.reversed().map { point($0, Double(row.worst[$0])) }
      let mean = bins.map { point($0, row.sums[$0] / Double(max(1, row.counts[$0]))) }
      let band = "M" + (upper + lower).joined(separator: "L") + "z"
      return "<path class=\"band\" d=\"\(band)\"/><path class=\"line\" d=\"M\(mean.joined(separator: "L"))h.01\"/>"
    }
  }
}

/// From scores to percent of a chart's height, with a few round numbers to read it by.
struct ScoreScale {
  let low: Double
  let high: Double
  let ticks: [Double]

  /// Room is left above and below; equal ends are moved apart.
  init(low: Double, high: Double) {
    let reach = max(high - low, max(high.magnitude, low.magnitude) * 0.02, 1e-6)
    (self.low, self.high) = (low - reach * 0.12, max(high, low + reach) + reach * 0.12)
    let rough = (self.high - self.low) / 4
    var unit = 1e-7
    while unit * 10 <= rough, unit < 1e30 { unit *= 10 }
    let step = [1, 2, 5, 10].map { $0 * unit }.first { $0 >= rough } ?? rough
    let first = (self.low / step).rounded(.up)
    let end = self.high
    ticks = (0...5).map { (first + Double($0)) * step }.filter { $0 <= end }
  }

  func y(_ value: Double) -> Double { (high - min(max(value, low), high)) / (high - low) * 100 }
}
