import Base
import Glibc
import Streams

/// What 'ridley watch' tells a person: one line that is drawn anew every second, and a summary.
final class WatchText {
  typealias Named = (name: String, figures: StreamFigures)

  private let isQuiet: Bool
  private var bar: ProgressBar?
  private var before: [StreamFigures] = []
  private var told = Clock.now
  private var states: [StreamState] = []

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Rests a tenth of a second.
  func show(_ streams: [Named], _ seen: [(label: String, count: Int)]) {
    let bar = bar ?? ProgressBar(streams.count == 1 ? streams[0].name : "\(streams.count) streams", isQuiet: isQuiet)
    self.bar = bar
    let (seconds, now) = (Double(Clock.now - told) / 1e9, streams.map(\.figures.state))
    if seconds >= 0.95 || now != states {
      if before.isEmpty { before = streams.map { _ in StreamFigures() } }
      bar.show(share: nil, detail: Self.line(streams, since: before, max(0.001, seconds), seen))
      (before, told, states) = (streams.map(\.figures), Clock.now, now)
    }
    usleep(100_000)
  }

  func clear() { bar?.clear() }

  private static func line(
    _ streams: [Named], since before: [StreamFigures], _ seconds: Double, _ seen: [(label: String, count: Int)]
  ) -> String {
    let live = streams.filter { $0.figures.state == .live }
    if let one = streams.first?.figures, streams.count == 1, one.state != .live {
      return "\(one.state.rawValue)\(one.reason.map { ": \($0)" } ?? "")"
    }
    let rate = { (place: KeyPath<StreamFigures, Int>) in
      let count = zip(streams, before).reduce(0) { $0 + $1.0.figures[keyPath: place] - $1.1[keyPath: place] }
      return NumberFormat.fixed(Double(max(0, count)) / seconds, 1)
    }
    var ages = AgeHistogram()
    for (stream, before) in zip(streams, before) { ages.add(stream.figures.ages.since(before.ages)) }
    let age = quantiles(ages).map(String.init).joined(separator: "/")
    let one = live.count == 1 ? live[0].figures : nil
    let what = streams.count == 1 ? "live, \(one?.codec ?? "") \(one?.size.description ?? "")" : "\(live.count) live"
    let labels = seen.prefix(5).map { $0.count > 1 ? "\($0.label) ×\($0.count)" : $0.label }.joined(separator: ", ")
    return
      "\(what), \(rate(\.received)) pictures and \(rate(\.delivered)) answers a second, age \(age.isEmpty ? "-" : age) ms"
      + (labels.isEmpty ? "" : "; \(labels)")
  }

  private static func quantiles(_ ages: AgeHistogram) -> [Int] { [0.5, 0.95, 0.99].compactMap { ages.quantile($0) } }

  /// In the end.
  static func summary(_ streams: [Named]) -> String { streams.map { summary($0.name, $0.figures) }.joined() }

  private static func summary(_ source: String, _ figures: StreamFigures) -> String {
    var text = "\(source): \(figures.received) pictures, \(figures.delivered) answers in time"
    let drops = StreamFigures.Drop.allCases.compactMap { drop in
      figures.drops[drop].flatMap { $0 > 0 ? "\($0) \(drop.rawValue)" : nil }
    }
    if !drops.isEmpty { text += "; not looked at or not told: " + drops.joined(separator: ", ") }
    let ages = quantiles(figures.ages).map(String.init)
    if !ages.isEmpty {
      text += "\n  age of answers: \(ages.joined(separator: " / ")) ms (half of them, 95 % and 99 % at most)"
    }
    if figures.connections > 1 { text += "\n  connected \(figures.connections) times" }
    if let reason = figures.reason { text += "\n  last trouble: \(reason)" }
    return text + "\n"
  }

  static func json(_ streams: [Named]) -> String {
    JSONText.line { json in
      json.array("streams") { json in
        for stream in streams {
          json.object { json in
            json.field("stream", stream.name)
            stream.figures.write(into: &json)
          }
        }
      }
    }
  }
}
