import Base
import Foundation
import TestKit
import Testing

@Suite("Metrics")
struct MetricsTests {
  private func text(_ write: (inout MetricsText) -> Void) -> String {
    var text = MetricsText()
    write(&text)
    return String(decoding: text.finish(), as: UTF8.self)
  }

  @Test("values fall into the bucket whose bound they do not pass")
  func buckets() {
    let histogram = Histogram(bounds: [1, 10, 100])
    for value in [-5, 0, 1, 2, 10, 11, 100, 101, 1_000_000] { histogram.record(value) }
    #expect(histogram.snapshot.counts == [3, 2, 2, 2])
    #expect(histogram.snapshot.count == 9)
    #expect(histogram.snapshot.sum == 1_000_220)
    let times = Histogram.times()
    times.record(100_000)
    times.record(100_001)
    #expect(times.snapshot.counts.prefix(3) == [1, 1, 0])
  }

  @Test("nothing is lost where many threads count at once")
  func threads() {
    let (counter, gauge, histogram) = (Counter(), Gauge(5), Histogram(bounds: [10, 20]))
    let workers = (0..<4).map { number in
      NativeThread {
        for step in 0..<20_000 {
          counter.add()
          counter.add(2)
          gauge.add(number.isMultiple(of: 2) ? 1 : -1)
          histogram.record(step % 30)
        }
      }
    }
    for worker in workers { worker.join() }
    #expect(counter.value == 4 * 60_000)
    #expect(gauge.value == 5)
    #expect(histogram.snapshot.count == 80_000)
    #expect(histogram.snapshot.sum == 4 * (0..<20_000).reduce(0) { $0 + $1 % 30 })
    gauge.set(7)
    #expect(gauge.value == 7)
  }

  /// All that the format has.
  private func everything() -> String {
    let histogram = Histogram(bounds: [500_000, 1_000_000_000], perUnit: 1_000_000_000)
    for value in [400_000, 600_000, 2_000_000_000] { histogram.record(value) }
    return text {
      $0.begin("ridley_requests_total", .counter, help: "Requests, by outcome \\ model.\nIn all.")
      $0.sample(7, ["model": "a\"b\\c\nd", "outcome": "é"])
      $0.sample(0, ["model": "", "outcome": "failed"])
      $0.begin("ridley_resident_bytes", .gauge, help: "Memory.")
      $0.sample(1.5e9)
      $0.begin("ridley_load", .gauge, help: "Odd numbers.")
      for (name, value) in [
        ("nan", Double.nan), ("up", .infinity), ("down", -.infinity), ("small", 1e-7), ("half", -0.5),
      ] {
        $0.sample(value, ["kind": name])
      }
      $0.begin("ridley_queue_seconds", .histogram, help: "Time in the queue.")
      $0.sample(histogram, ["model": "m"])
      $0.sample(histogram)
    }
  }

  @Test("the text is what Prometheus reads")
  func format() {
    let expected = #"""
      # HELP ridley_requests_total Requests, by outcome \\ model.\nIn all.
      # TYPE ridley_requests_total counter
      ridley_requests_total{model="a\"b\\c\nd",outcome="é"} 7
      ridley_requests_total{model="",outcome="failed"} 0
      # HELP ridley_resident_bytes Memory.
      # TYPE ridley_resident_bytes gauge
      ridley_resident_bytes 1500000000
      # HELP ridley_load Odd numbers.
      # TYPE ridley_load gauge
      ridley_load{kind="nan"} NaN
      ridley_load{kind="up"} +Inf
      ridley_load{kind="down"} -Inf
      ridley_load{kind="small"} 1e-07
      ridley_load{kind="half"} -0.5
      # HELP ridley_queue_seconds Time in the queue.
      # TYPE ridley_queue_seconds histogram
      ridley_queue_seconds_bucket{model="m",le="0.0005"} 1
      ridley_queue_seconds_bucket{model="m",le="1"} 2
      ridley_queue_seconds_bucket{model="m",le="+Inf"} 3
      ridley_queue_seconds_sum{model="m"} 2.001
      ridley_queue_seconds_count{model="m"} 3
      ridley_queue_seconds_bucket{le="0.0005"} 1
      ridley_queue_seconds_bucket{le="1"} 2
      ridley_queue_seconds_bucket{le="+Inf"} 3
      ridley_queue_seconds_sum 2.001
      ridley_queue_seconds_count 3

      """#
    #expect(everything() == expected)
    #expect(MetricsText.mediaType == "text/plain; version=0.0.4; charset=utf-8")
  }

  private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(
    "Prometheus' own checker has nothing to say",
    .enabled(if: MetricsTests.promtool != nil, "promtool (Debian's package prometheus) is not here"))
  func checker() throws {
    let folder = TemporaryFolder()
    try FileSystem.write(Array(everything().utf8), to: folder.file("metrics"))
    let result = shell(["/bin/sh", "-c", "\(Self.promtool!) check metrics < \(folder.file("metrics"))"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }
}
