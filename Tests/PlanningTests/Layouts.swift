import Planning
import TestKit

/// Videos that never were, as cutting sees them.
enum Layouts {
  /// At a constant rate, with an entry every so many frames.
  static func even(_ count: Int, fps: Double = 25, every: Int = 50) -> FrameLayout {
    layout((0..<count).map { Double($0) / fps }, Array(stride(from: 0, to: count, by: every)))
  }

  /// With a cell where a start is the first in its minute.
  static func layout(_ times: [Double], _ starts: [Int]) -> FrameLayout {
    var (cells, minute) = ([Int](), -Double.infinity)
    for start in starts where (times[start] / 60).rounded(.down) > minute {
      cells.append(start)
      minute = (times[start] / 60).rounded(.down)
    }
    return FrameLayout(times: times, starts: starts, cells: cells)
  }

  /// At a rate that varies, with gaps, and entries anywhere.
  static func random(_ random: inout SeededRandom, count: Int) -> FrameLayout {
    var (time, times) = (Double.random(in: -1...100, using: &random), [Double]())
    for _ in 0..<count {
      times.append(time)
      time += Int.random(in: 0..<200, using: &random) == 0 ? 40 : Double.random(in: 0.001...0.2, using: &random)
    }
    let share = Double.random(in: 0.002...0.2, using: &random)
    let entries = (1..<max(2, count)).filter { $0 < count && Double.random(in: 0...1, using: &random) < share }
    return layout(times, [0] + entries)
  }
}
