import Base
import Evaluation
import Isolation
import Predictions

/// Puts the answers of both versions together, file by file, a minute at a time, so that memory does not grow with the films.
struct TrialRun {
  let plan: TrialPlan
  let answers: TrialAnswers

  private static let window = 60.0

  func report(_ settings: TrialComparison.Settings, failures: [Int: String]) throws(Fault) -> TrialReport {
    var comparison = TrialComparison(settings)
    var (failed, kept, compared) = ([(file: String, reason: String)](), 0, 0)
    var times = (older: (frames: 0, seconds: 0.0), newer: (frames: 0, seconds: 0.0))
    for (place, file) in plan.files.enumerated() {
      SharedFlags.beat()
      if let reason = failures[place] {
        failed.append((file.shown, reason))
        continue
      }
      guard let one = try answers.facts(plan.older, file), let two = try answers.facts(plan.newer, file) else {
        throw Fault(.bug, "there are no answers about \(file.shown)")
      }
      guard one.frames == two.frames else {
        failed.append(
          (
            file.shown,
            "the older version's kept analysis is of \(one.frames) frames, and the newer one looked at \(two.frames): --anew leaves it aside"
          ))
        continue
      }
      try compare(file, frames: one.frames, into: &comparison)
      compared += 1
      if let seconds = one.seconds, let other = two.seconds {
        times.older = (times.older.frames + one.frames, times.older.seconds + seconds)
        times.newer = (times.newer.frames + two.frames, times.newer.seconds + other)
      } else {
        kept += one.seconds == nil ? 1 : 0
      }
    }
    var (older, newer) = (
      TrialReport.Side(name: plan.older.name, digest: plan.older.digest),
      TrialReport.Side(name: plan.newer.name, digest: plan.newer.digest)
    )
    let rate = { (time: (frames: Int, seconds: Double)) in time.seconds > 0 ? Double(time.frames) / time.seconds : nil }
    // Both over the same files, or they say nothing of each other.
    (older.framesPerSecond, newer.framesPerSecond) = (rate(times.older), rate(times.newer))
    var report = TrialReport(older: older, newer: newer, comparison)
    (report.files, report.filesKept, report.failures, report.notes) = (compared, kept, failed, plan.notes)
    return report
  }

  private func compare(
    _ file: TrialPlan.File, frames: Int, into comparison: inout TrialComparison
  ) throws(Fault) {
    let (one, two) = (try answers.open(plan.older, file), try answers.open(plan.newer, file))
    var windows: Set<Double> = []
    for packed in [one, two] {
      try packed.forEach { row in windows.insert((row.stamp.time / Self.window).rounded(.down) * Self.window) }
    }
    var seen = 0
    for start in windows.sorted() {
      var found: [Int: (time: Double, older: [Prediction], newer: [Prediction])] = [:]
      let range = start...start + Self.window
      try one.forEach(in: range) { row in
        guard row.stamp.time < range.upperBound else { return }
        found[row.stamp.index, default: (row.stamp.time, [], [])].older.append(row.prediction)
      }
      try two.forEach(in: range) { row in
        guard row.stamp.time < range.upperBound else { return }
        found[row.stamp.index, default: (row.stamp.time, [], [])].newer.append(row.prediction)
      }
      for (frame, both) in found.sorted(by: { $0.key < $1.key }) {
        comparison.add(file: file.name, frame: frame, time: both.time, older: both.older, newer: both.newer)
      }
      seen += found.count
    }
    comparison.addSilent(frames: max(0, frames - seen))
  }
}
