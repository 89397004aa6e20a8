import Base
import Catalog
import Library
import LibraryKit
import Predictions
import Reports
import TestKit
import Testing

@testable import Jobs

struct AnalysisDifferenceTests {
  /// Publishes an analysis of the given answers: frame, label, score and left edge of a box.
  private func analyse(
    _ fixture: JobFixture, _ asset: Asset, _ digest: String, _ found: [(Int, String, Float, Double)]
  ) throws -> Analysis {
    let head = AnalysisWriter.Head(
      pipeline: "sha256:\(digest)", series: "p", models: [Analysis.Model(name: "m", digest: digest)], worker: "w",
      engine: "none", version: "0")
    var writer = try AnalysisWriter(fixture.library, fixture.library.asset(asset.id.text, scope: .all).asset, head)
    for frame in Set(found.map(\.0)).sorted() {
      let predictions = found.filter { $0.0 == frame }.map { one in
        var prediction = Prediction(kind: .detection, label: one.1, score: one.2)
        prediction.box = Rect(x: one.3, y: 0.1, width: 0.2, height: 0.2)
        return prediction
      }
      // A frame every half minute: more than one window.
      let stamp = FrameStamp(file: "a.mp4", index: frame, pts: frame, time: Double(frame) * 30)
      try writer.add(stamp, predictions) { _ in "m@\(digest)" }
    }
    try fixture.library.publish(try writer.finish(framesAnalyzed: 10, corruptFrames: 0, frameIndex: nil))
    return try fixture.library.analysis(of: asset, digest)
  }

  @Test(
    "Of two analyses it is told, label by label, what came, what went and what has another score",
    arguments: Parts.there)
  func difference(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let asset = try fixture.add("a")
    let older = try analyse(
      fixture, asset, "11111111",
      [(0, "cup", 0.5, 0.1), (0, "cup", 0.6, 0.6), (2, "cat", 0.9, 0.1), (5, "cup", 0.5, 0.1)])
    let newer = try analyse(
      fixture, asset, "22222222",
      [(0, "cup", 0.5, 0.1), (2, "dog", 0.9, 0.1), (5, "cup", 0.7, 0.1), (9, "cup", 0.4, 0.1)])
    let difference = try AnalysisDifference(older, newer, in: fixture.library)
    let labels = difference.agreement.steps[0].labels
    let cup = try #require(labels["cup"])
    #expect((cup.both, cup.rescored, cup.added, cup.missed) == (2, 1, 1, 1))
    #expect(abs(try #require(cup.meanShift) - 0.1) < 1e-6)
    #expect(labels["cat"]?.missed == 1 && labels["dog"]?.added == 1)
    #expect(difference.isOfSameFrames && difference.isOfOneSeries)
    #expect(try fixture.library.analysis(of: asset, before: newer).pipeline == older.pipeline)
    #expect(throws: Fault.self) { try fixture.library.analysis(of: asset, before: older) }
  }

  @Test("Analyses of different bytes are not compared", arguments: Parts.there)
  func foreign(parts: Parts) throws {
    let fixture = try JobFixture(parts)
    let one = try analyse(fixture, try fixture.add("a"), "11111111", [])
    let two = try analyse(fixture, try fixture.add("b"), "22222222", [])
    #expect { try AnalysisDifference(one, two, in: fixture.library) } throws: { ($0 as? Fault)?.kind == .badInput }
  }
}
