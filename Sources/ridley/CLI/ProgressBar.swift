import Base

/// How far something is: one line on standard error that is drawn over and over and is gone in the end, or, where that is no
/// terminal, a line of its own every ten seconds, so that a log shows that there is life in it and stays short.
final class ProgressBar {
  /// When a line was written last, for all bars of a run: many short files have lines too.
  final class Pace {
    let interval: Duration
    fileprivate var last = ContinuousClock.now

    init(seconds: Double = 10) { interval = .seconds(seconds) }
  }

  private let title: String
  private let pace: Pace
  private var drawn = ContinuousClock.now - .seconds(1)
  private let isQuiet: Bool

  private static let barWidth = 24

  init(_ title: String, isQuiet: Bool, pace: Pace = Pace()) {
    (self.title, self.isQuiet, self.pace) = (title, isQuiet, pace)
  }

  /// - Parameters:
  ///   - share: 0 to 1, `nil` where the end is not known.
  ///   - detail: rates and what is left.
  func show(share: Double?, detail: @autoclosure () -> String) {
    guard !isQuiet else { return }
    let now = ContinuousClock.now
    if Terminal.isWatched {
      guard now - drawn > .milliseconds(100) else { return }
      drawn = now
      Terminal.draw(
        "\r\u{1B}[K\(Terminal.plain(title))" + (share.map(Self.bar) ?? "") + "  " + Terminal.plain(detail()))
    } else {
      guard now - pace.last > pace.interval else { return }
      pace.last = now
      Terminal.complain("ridley: \(title): " + (share.map { "\(Self.percent($0)) %, " } ?? "") + detail() + "\n")
    }
  }

  func clear() { if Terminal.isWatched, !isQuiet { Terminal.wipe() } }

  private static func bar(_ share: Double) -> String {
    let full = Int((min(max(share, 0), 1) * Double(barWidth)).rounded())
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: barWidth - full)
    return " \(bar) \(percent(share)) %"
  }

  private static func percent(_ share: Double) -> Int { Int(min(max(share, 0), 1) * 100) }
}
