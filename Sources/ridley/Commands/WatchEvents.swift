import Base
import Predictions
import Streams
import Synchronization

/// What 'ridley watch' tells a person of events: a line for the beginning and the end of each.
final class WatchEvents: Sendable {
  private let lines = Mutex<[String]>([])

  /// Lines that wait to be shown, at most.
  private static let most = 1000

  /// On the stream's thread.
  func add(_ happened: LiveStream.Happened, of stream: String) {
    let told = happened.happenings.compactMap { happening -> String? in
      guard case .event(let event) = happening, event.phase != .update else { return nil }
      return Self.line(event, origin: happened.origin, stream)
    }
    lines.withLock { lines in lines += told.prefix(Self.most - lines.count) }
  }

  /// Shows what came since, above the line that is drawn anew.
  func show(_ text: WatchText) {
    let new = lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
    guard !new.isEmpty else { return }
    text.clear()
    try? Terminal.print(Terminal.plain(new.joined(separator: "\n")) + "\n")
  }

  private static func line(_ event: Event, origin: Double, _ stream: String) -> String {
    let moment = event.phase == .start ? event.from : event.to
    let what = [event.label, event.score.map { NumberFormat.fixed(Double($0), 2) }].compactMap { $0 }.joined(
      separator: " ")
    let place = (event.zone ?? event.line).map { " at \($0)" } ?? ""
    let count = event.count > 1 ? " ×\(event.count)" : ""
    let phase =
      event.phase == .start ? "begins" : "ends after \(NumberFormat.fixed(event.to - event.from, 1)) s"
    return "\(UTC.text(Int(origin + moment)))  \(stream)  \(event.rule) \(phase)\(place): \(what)\(count)"
  }
}
