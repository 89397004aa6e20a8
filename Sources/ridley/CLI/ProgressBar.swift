import Base

/// One line on standard error that is drawn over and over, and is gone in the end.
///
/// Draws nothing where standard error is no terminal (pipes, files), so logs stay clean.
final class ProgressBar {
  private let title: String
  private var drawn = ContinuousClock.now - .seconds(1)
  private let isShown: Bool

  private static let barWidth = 24

  init(_ title: String, isQuiet: Bool) {
    self.title = title
    isShown = Terminal.isWatched && !isQuiet
  }

  /// - Parameters:
  ///   - share: 0 to 1, `nil` where the end is not known.
  ///   - detail: rates and what is left.
  func show(share: Double?, detail: @autoclosure () -> String) {
    guard isShown, ContinuousClock.now - drawn > .milliseconds(100) else { return }
    drawn = ContinuousClock.now
    var line = "\r\u{1B}[K\(Terminal.plain(title))"
    if let share {
      let full = Int((min(max(share, 0), 1) * Double(Self.barWidth)).rounded())
      let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.barWidth - full)
      line += " \(bar) \(Int(min(max(share, 0), 1) * 100)) %"
    }
    Terminal.draw(line + "  " + Terminal.plain(detail()))
  }

  func clear() { if isShown { Terminal.wipe() } }
}
