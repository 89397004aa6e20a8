internal import Base

/// Where a moment stands on the page: the time line from its first frame to the end of its last.
struct TimeAxis {
  let start: Double
  /// Seconds; zero for a single frame, which has no time line.
  let span: Double
  /// Width of the axis in bins.
  let bins: Double
  /// Bins that one frame stands for when fewer frames than bins were analysed.
  let reach: Int

  init(_ timeline: Timeline) {
    start = timeline.start
    let interval = timeline.interval
    span = timeline.end > timeline.start ? timeline.end - timeline.start + interval : 0
    bins = max(1, span / timeline.width)
    reach = Int(min(Double(Timeline.limit), 1.5 * interval / timeline.width))
  }

  /// Percent of the axis, and the clock that stands there; the step is one a person would choose.
  var ticks: [(percent: Double, text: String, isMinor: Bool)] {
    guard span > 0 else { return [] }
    let steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200]
    let step = steps.first { span / $0 <= 8.5 } ?? (span / 8 / 86_400).rounded(.up) * 86_400
    let first = (start / step).rounded(.up)
    return (0...8).compactMap { index in
      let time = (first + Double(index)) * step
      guard time <= start + span * 0.985 else { return nil }
      return ((time - start) / span * 100, NumberFormat.clock(time, tenths: step < 1), index % 2 == 1)
    }
  }

  /// The axis below the plots.
  var markup: Markup {
    let marks = ticks.map { tick -> Markup in
      let place: Markup = tick.percent < 2 ? " class=\"first\"" : tick.isMinor ? " class=\"minor\"" : ""
      return "<span\(place) style=\"left:\(NumberFormat.short(tick.percent, 2))%\">\(tick.text)</span>"
    }
    return "<div class=\"axis\" aria-hidden=\"true\">\(marks)</div>"
  }

  /// Upright lines at the ticks, for a drawing `bins` wide and `height` high.
  func grid(height: Int) -> Markup {
    let lines = ticks.filter { $0.percent > 0.5 }
      .map { "M\(NumberFormat.short($0.percent / 100 * bins, 2)) 0v\(height)" as Markup }
    return "<path class=\"grid\" d=\"\(lines)\"/>"
  }
}
