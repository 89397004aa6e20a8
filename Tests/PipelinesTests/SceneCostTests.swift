import Base
import Predictions
import Testing

@testable import Pipelines

struct SceneCostTests {
  /// A release build took 0.58 ms for this, 6 µs for 4 zones, lines and rules with 10 objects, and 4.7 ms for 256 of each with 300 objects
  /// (2026-11-28, two shared cores of an AMD EPYC); this debug build 47 ms.
  @Test("A frame of a hundred objects, a hundred zones, lines and rules costs no more than some milliseconds")
  func cost() throws {
    var text = "infer: m\ntrack:\nzones:\n"
    for number in 0..<100 {
      let (x, y) = (Double(number % 10) / 10, Double(number / 10) / 10)
      text += "  z\(number): [[\(x), \(y)], [\(x + 0.09), \(y)], [\(x + 0.09), \(y + 0.09)], [\(x), \(y + 0.09)]]\n"
    }
    text += "lines:\n"
    for number in 0..<100 { text += "  l\(number): [[0, \(Double(number) / 100)], [1, \(Double(number) / 100)]]\n" }
    text += "rules:\n"
    for number in 0..<100 { text += "  r\(number): {zone: z\(number), dwell: 1s}\n" }
    var tracker = EventTracker(try read(text).pipeline, aspect: 1.5)
    var happenings: [Happening] = []
    let frames = 50
    let watch = Stopwatch()
    for frame in 0..<frames {
      let objects = (0..<100).map { number in
        let (x, y) = (Double(number % 10) / 10, Double((number * 7 + frame) % 100) / 100)
        var object = Prediction(
          kind: .detection, label: "person", score: 0.9, box: Rect(x: x, y: y, width: 0.02, height: 0.05))
        object.track = number + 1
        return object
      }
      tracker.advance(
        objects, ended: [], at: FrameMoment(time: Double(frame) / 25, frame: frame), into: &happenings)
    }
    let each = watch.seconds / Double(frames) * 1000
    #expect(each < 500, "\(each) ms a frame")
  }
}
