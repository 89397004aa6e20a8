internal import Base

extension Report {
  /// How long each stage took: its distribution on one logarithmic axis, and the numbers.
  var stageTable: Markup {
    let stages = summary.stages.measured
    guard !stages.isEmpty else { return .nothing }
    let scale = DurationScale(stages.map { summary.stages[$0] })
    let marks = scale.ticks.map { tick -> Markup in
      "<span style=\"left:\(NumberFormat.short(scale.percent(tick), 2))%\">\(NumberFormat.round(tick))</span>"
    }
    let body: Markup = """
      <div class="scroll" tabindex="0" role="region" aria-labelledby="stages">
      <table class="stages"><thead><tr><th scope="col">Stage</th><th scope="col" class="wide">Distribution</th>\
      <th scope="col">Median</th><th scope="col">p95</th><th scope="col">p99</th><th scope="col">Longest</th></tr></thead>
      <tbody>
      \(stages.map { row($0, scale) })
      <tr aria-hidden="true"><td></td><td class="wide"><div class="axis">\(marks)</div></td><td colspan="4"></td></tr>
      </tbody></table></div>
      """
    return panel("stages", "Time of each stage", hint: "A frame, on a logarithmic axis. Upright line: median.", body)
  }

  private func row(_ stage: StageTimes.Stage, _ scale: DurationScale) -> Markup {
    let times = summary.stages[stage]
    let told =
      "\(stage.rawValue): median \(NumberFormat.span(times.p50)), 95 percent below \(NumberFormat.span(times.p95))"
    let median = NumberFormat.short(scale.percent(times.p50), 2)
    return """
      <tr><th scope="row">\(stage.rawValue)</th><td class="wide"><svg class="histogram" viewBox="0 0 100 20" \
      preserveAspectRatio="none" role="img" aria-label="\(told)"><path class="grid" d="\(grid(scale))"/>\
      <path class="shape" d="\(scale.shape(times, height: 20))"/><path class="median" d="M\(median) 0v20"/></svg></td>\
      <td>\(NumberFormat.span(times.p50))</td><td>\(NumberFormat.span(times.p95))</td><td>\(NumberFormat.span(times.p99))</td>\
      <td>\(NumberFormat.span(times.max))</td></tr>
      """
  }

  private func grid(_ scale: DurationScale) -> [Markup] {
    scale.ticks.map { "M\(NumberFormat.short(scale.percent($0), 2)) 0v20" }
  }
}

/// From durations to percent of an axis that holds all of them.
///
/// The axis counts doublings and is straight between two of them, as the buckets of ``LogHistogram`` are.
struct DurationScale {
  private static let columns = 80
  private let low: Double
  private let high: Double
  /// Powers of ten, in microseconds.
  let ticks: [Double]

  init(_ stages: [LogHistogram]) {
    let ends = stages.flatMap(\.filled)
    let low = Self.doublings(ends.map(\.lower).min() ?? 1) - 0.25
    let high = max(Self.doublings(ends.map(\.upper).max() ?? 1) + 0.25, low + 3)
    (self.low, self.high) = (low, high)
    ticks = (0..<10).map { power in (0..<power).reduce(0.1) { value, _ in value * 10 } }
      .filter { low + 0.2...high - 0.4 ~= Self.doublings($0) }
  }

  func percent(_ microseconds: Double) -> Double {
    min(100, max(0, (Self.doublings(microseconds) - low) / (high - low) * 100))
  }

  /// The outline of a histogram in a drawing 100 wide; the fullest column is as high as the drawing.
  func shape(_ times: LogHistogram, height: Double) -> String {
    var columns = [Double](repeating: 0, count: Self.columns)
    for bucket in times.filled {
      let first = percent(bucket.lower) / 100 * Double(Self.columns)
      let last = max(percent(bucket.upper) / 100 * Double(Self.columns), first + 1e-9)
      for column in Int(first)...min(Int(last), Self.columns - 1) {
        let shared = min(last, Double(column + 1)) - max(first, Double(column))
        columns[column] += Double(bucket.count) * max(0, shared) / (last - first)
      }
    }
    let most = max(columns.max() ?? 1, 1e-9)
    let step = 100 / Double(Self.columns)
    let tops = columns.map { $0 > 0 ? height - max(0.6, $0 / most * height) : height }
    let path = tops.enumerated().map { "V\(NumberFormat.short($1, 1))H\(NumberFormat.short(Double($0 + 1) * step, 2))" }
    return "M0 \(NumberFormat.short(height, 0))" + path.joined() + "V\(NumberFormat.short(height, 0))z"
  }

  private static func doublings(_ microseconds: Double) -> Double {
    let value = max(microseconds, 0.1)
    return Double(value.exponent) + value.significand - 1
  }
}
