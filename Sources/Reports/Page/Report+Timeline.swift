internal import Base

extension Report {
  /// One row a label: the bar's height is how much was found, its strength how surely.
  var timeline: Markup {
    let rows = collector.timeline.rows().filter { $0.sums.isEmpty }
    guard axis.span > 0, !rows.isEmpty else { return .nothing }
    let scored = rows.contains { $0.best.contains { $0.isFinite } }
    let hint = "Height: predictions a frame." + (scored ? " Strength of colour: best score." : "")
    let body: Markup = """
      <div class="plots">
      \(rows.map(strip))
      <div class="plot"><span></span>\(axis.markup)<span></span></div>
      </div>
      """
    return panel("timeline", "Time line", hint: hint, body)
  }

  private func strip(_ row: Timeline.Row) -> Markup {
    let (first, last) = span(of: row)
    let told = "\(row.label): \(row.total) predictions between \(first) and \(last)"
    let width = NumberFormat.short(axis.bins, 2)
    return """
      <div class="plot">\(tag(row.label))
      <svg class="strip" viewBox="0 0 \(width) 8" preserveAspectRatio="none" role="img" aria-label="\(told)" \
      style="--c:\(color(row.label))">\(axis.grid(height: 8))\(bars(row))</svg>
      <span class="sum">\(NumberFormat.grouped(row.total))</span></div>
      """
  }

  private func span(of row: Timeline.Row) -> (String, String) {
    let width = collector.timeline.width
    let first = row.counts.firstIndex { $0 > 0 } ?? 0
    let last = row.counts.lastIndex { $0 > 0 } ?? 0
    return (
      NumberFormat.clock(axis.start + Double(first) * width),
      NumberFormat.clock(min(axis.start + Double(last + 1) * width, collector.timeline.end))
    )
  }

  /// Height in eighths and strength in quarters of one bin.
  private struct Bar: Equatable {
    var height: Int
    var strength: Int
  }

  /// One path for each strength, so that neighbours of one strength join without a seam.
  private func bars(_ row: Timeline.Row) -> [Markup] {
    let bars = levels(row)
    return (1...4).compactMap { strength in
      var path = ""
      var index = 0
      while index < bars.count {
        let bar = bars[index]
        let start = index
        while index < bars.count, bars[index] == bar { index += 1 }
        guard bar.strength == strength, bar.height > 0 else { continue }
        let end = min(Double(index), axis.bins)
        path += "M\(start) 8V\(8 - bar.height)H\(NumberFormat.short(end, 2))V8z"
      }
      return path.isEmpty ? nil : "<path class=\"s\(strength)\" d=\"\(path)\"/>"
    }
  }

  private func levels(_ row: Timeline.Row) -> [Bar] {
    let frames = collector.timeline.frames
    let density = frames.indices.map { index in
      index < row.counts.count && frames[index] > 0 ? Double(row.counts[index]) / Double(frames[index]) : 0
    }
    let most = density.max() ?? 1
    var bars: [Bar] = []
    var sinceFrame = 0
    for index in frames.indices {
      sinceFrame = frames[index] > 0 ? 0 : sinceFrame + 1
      if sinceFrame > 0, sinceFrame <= axis.reach, let last = bars.last {
        bars.append(last)
      } else if density[index] > 0 {
        let height = max(2, Int((density[index] / most * 8).rounded()))
        bars.append(Bar(height: height, strength: strength(row.best[index])))
      } else {
        bars.append(Bar(height: 0, strength: 0))
      }
    }
    return bars
  }

  private func strength(_ score: Float) -> Int {
    switch score {
    case ..<(-1e30): 4
    case ..<0.4: 1
    case ..<0.6: 2
    case ..<0.8: 3
    default: 4
    }
  }
}
