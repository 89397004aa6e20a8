internal import Base
internal import Telemetry

extension Gateway {
  /// What became of spans and lines of logs, where any are sent.
  func writeTelemetry(to text: inout MetricsText) {
    guard let all = telemetry?.figures, !all.isEmpty else { return }
    text.begin("ridley_telemetry_sent_total", .counter, help: "Spans and lines of logs that their receiver has.")
    for (signal, figures) in all { text.sample(figures.sent, ["signal": signal]) }
    text.begin(
      "ridley_telemetry_dropped_total", .counter,
      help: "Those that were lost: there was no room, the receiver could not be reached, or it refused them.")
    for (signal, figures) in all {
      text.sample(figures.dropped, ["signal": signal, "reason": "full"])
      text.sample(figures.failed, ["signal": signal, "reason": "failed"])
      text.sample(figures.refused, ["signal": signal, "reason": "refused"])
    }
  }
}
