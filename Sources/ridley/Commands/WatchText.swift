import Base
import Glibc
import Streams

/// What 'ridley watch' tells a person: one line that is drawn anew every second.
final class WatchText {
  private let bar: ProgressBar
  private var before = StreamFigures()
  private var told = Clock.now
  private var state = ""

  init(_ source: String, isQuiet: Bool) { bar = ProgressBar(source, isQuiet: isQuiet) }

  /// Rests a tenth of a second.
  func show(_ figures: StreamFigures, _ seen: [(label: String, count: Int)]) {
    let seconds = max(0.001, Double(Clock.now - told) / 1e9)
    if seconds >= 0.95 || figures.state.rawValue != state {
      bar.show(share: nil, detail: Self.line(figures, since: before, seconds, seen))
      (before, told, state) = (figures, Clock.now, figures.state.rawValue)
    }
    usleep(100_000)
  }

  func clear() { bar.clear() }

  private static func line(
    _ now: StreamFigures, since before: StreamFigures, _ seconds: Double, _ seen: [(label: String, count: Int)]
  ) -> String {
    guard now.state == .live else { return "\(now.state.rawValue)\(now.reason.map { ": \($0)" } ?? "")" }
    let rate = { (count: Int) in NumberFormat.fixed(Double(max(0, count)) / seconds, 1) }
    let ages = now.ages.since(before.ages)
    let age = [0.5, 0.95, 0.99].compactMap { ages.quantile($0) }.map(String.init).joined(separator: "/")
    let labels = seen.prefix(5).map { $0.count > 1 ? "\($0.label) ×\($0.count)" : $0.label }.joined(separator: ", ")
    return "live, \(now.codec) \(now.size), \(rate(now.received - before.received)) fps, "
      + "\(rate(now.delivered - before.delivered)) answers a second, age \(age.isEmpty ? "-" : age) ms"
      + (labels.isEmpty ? "" : "; \(labels)")
  }

  /// In the end.
  static func summary(_ source: String, _ figures: StreamFigures) -> String {
    var text = "\(source): \(figures.received) pictures, \(figures.delivered) answers in time"
    let drops = StreamFigures.Drop.allCases.compactMap { drop in
      figures.drops[drop].flatMap { $0 > 0 ? "\($0) \(drop.rawValue)" : nil }
    }
    if !drops.isEmpty { text += "; not looked at or not told: " + drops.joined(separator: ", ") }
    let ages = [0.5, 0.95, 0.99].compactMap { figures.ages.quantile($0) }.map(String.init)
    if !ages.isEmpty {
      text += "\nage of answers: \(ages.joined(separator: " / ")) ms (half of them, 95 % and 99 % at most)"
    }
    if figures.connections > 1 { text += "\nconnected \(figures.connections) times" }
    if let reason = figures.reason { text += "\nlast trouble: \(reason)" }
    return text + "\n"
  }

  static func json(_ figures: StreamFigures) -> String {
    JSONText.line { json in
      json.object("figures") { json in
        json.field("state", figures.state.rawValue)
        json.field("reason", ifKnown: figures.reason)
        json.field("codec", figures.codec)
        json.field("width", figures.size.width)
        json.field("height", figures.size.height)
        json.field("received", figures.received)
        json.field("decoded", figures.decoded)
        json.field("delivered", figures.delivered)
        json.object("drops") { json in
          for drop in StreamFigures.Drop.allCases { json.field(JSONWriter.Name(drop.rawValue), figures.drops[drop] ?? 0) }
        }
        json.field("incomplete", figures.incomplete)
        json.field("lost_packets", figures.lostPackets)
        json.field("jumps", figures.jumps)
        json.field("connections", figures.connections)
        json.field("clock_offset_ms", ifKnown: figures.clockOffset)
        json.object("age_ms") { json in
          for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            json.field(JSONWriter.Name(name), ifKnown: figures.ages.quantile(share))
          }
        }
        json.array("gaps") { json in
          for gap in figures.gaps {
            json.object { json in
              json.field("from", gap.from, digits: 3)
              json.field("to", ifKnown: gap.to, digits: 3)
              json.field("reason", gap.reason)
            }
          }
        }
      }
    }
  }
}
