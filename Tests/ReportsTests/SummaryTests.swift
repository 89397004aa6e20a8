import Base
import Foundation
import Testing

@testable import Reports

@Suite("Summary")
struct SummaryTests {
  @Test("every key of the documented schema is there, in its order, with its unit")
  func snapshot() {
    var run = header
    (run.labels, run.precision, run.engine, run.device) = (["good", "chip"], "f32", "OpenVINO 2025.3", "CPU")
    (run.ridleyVersion, run.sampling, run.networkInput) = ("0.1.0", "every frame", "416x416 rgb")
    run.started = "2026-03-02T14:07:31Z"
    var collector = Collector()
    collector.add(stamp(0, 0), [detection("good", 0.5), detection("good", 0.91236)])
    collector.add(stamp(1, 0.04), [])
    var summary = FileSummary(file: "line.mp4", path: "clips/line.mp4")
    (summary.size, summary.codec, summary.duration) = (Size(width: 1280, height: 720), "h264", 24)
    (summary.framesDecoded, summary.secondsElapsed) = (3, 6)
    summary.corrupt.add(time: 0.08, reason: "bad slice")
    summary.stages.add(.infer, nanoseconds: 2_000_000)
    summary.notes = ["one note"]
    summary.fill(from: collector)
    #expect(
      text(SummaryJSON.write(summary, run)) == """
        {"file":"line.mp4","path":"clips/line.mp4","width":1280,"height":720,"codec":"h264","duration":24,\
        "model":"parts@\(digest)","task":"detection","precision":"f32","engine":"OpenVINO 2025.3","device":"CPU",\
        "network_input":"416x416 rgb","sampling":"every frame","ridley_version":"0.1.0",\
        "started":"2026-03-02T14:07:31Z","frames":2,"frames_decoded":3,"frames_with_predictions":1,"predictions":2,\
        "seconds_elapsed":6,"frames_per_second":0.33,"times_real_time":4,"interrupted":false,\
        "labels":[{"label":"good","count":2,"frames":1,"first_time":0,"last_time":0,"best_score":0.9124,"best_time":0}],\
        "corrupt_frames":1,"corrupt_examples":[{"time":0.08,"reason":"bad slice"}],\
        "stage_times":{"infer":{"count":1,"mean_us":2000,"p50_us":2000,"p95_us":2000,"p99_us":2000,"max_us":2000}},\
        "notes":["one note"]}\n
        """)
  }

  @Test("what is not known is null, and the keys stay")
  func unknown() throws {
    let bytes = SummaryJSON.write(FileSummary(file: "a.jpg", path: "a.jpg"), header)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    for key in ["width", "codec", "duration", "frames_per_second", "times_real_time"] { #expect(object[key] is NSNull) }
    #expect(object["corrupt_frames"] as? Int == 0)
  }

  @Test("a run that was stopped counts only the video it went through")
  func covered() {
    var summary = FileSummary(file: "a.mp4", path: "a.mp4")
    (summary.duration, summary.secondsCovered, summary.secondsElapsed) = (100, 20, 5)
    #expect(summary.timesRealTime == 4)
  }

  @Test("corrupt frames of which nothing else is known are a number")
  func corruptFurther() {
    var corrupt = CorruptFrames()
    corrupt.add(time: 1, reason: "broken")
    corrupt.add(further: 30)
    #expect((corrupt.count, corrupt.examples.count) == (31, 1))
  }

  @Test("a thousand corrupt frames are counted and the first few kept")
  func corrupt() {
    var corrupt = CorruptFrames()
    for index in 0..<1000 { corrupt.add(time: Double(index), reason: "broken") }
    #expect((corrupt.count, corrupt.examples.count) == (1000, CorruptFrames.limit))
  }
}

@Suite("Stage times")
struct StageTimesTests {
  @Test("percentiles are right within 4 %, count, mean and maximum exactly")
  func percentiles() {
    let values = (0..<20_000).map { _ in Int(exp(Double.random(in: 0...20))) }
    var histogram = LogHistogram()
    for value in values { histogram.add(value) }
    let sorted = values.sorted()
    for (share, told) in [(0.5, histogram.p50), (0.95, histogram.p95), (0.99, histogram.p99)] {
      let exact = Double(sorted[Int((Double(sorted.count) * share).rounded(.up)) - 1]) / 1000
      #expect(abs(told - exact) <= exact * 0.04 + 0.001)
    }
    #expect(histogram.count == values.count && histogram.max == Double(sorted.last ?? 0) / 1000)
    #expect(abs(histogram.mean - Double(values.reduce(0, +)) / 20_000 / 1000) < 1e-6 * histogram.mean)
    #expect(histogram.filled.reduce(0) { $0 + $1.count } == values.count)
  }

  @Test("no duration is too short or too long", arguments: [Int.min, -1, 0, 1, 31, 32, 33, Int.max])
  func extremes(nanoseconds: Int) {
    var times = StageTimes()
    times.add(.wait, nanoseconds: nanoseconds)
    #expect(times[.wait].count == 1 && times.measured == [.wait])
    #expect(times[.wait].p99 <= times[.wait].max)
  }

  @Test("two halves merged are the whole")
  func merging() {
    var (left, right, whole) = (StageTimes(), StageTimes(), StageTimes())
    for index in 0..<1000 {
      if index % 2 == 0 {
        left.add(.infer, nanoseconds: index * 997)
      } else {
        right.add(.infer, nanoseconds: index * 997)
      }
      whole.add(.infer, nanoseconds: index * 997)
    }
    left.merge(right)
    #expect(left == whole)
  }
}
