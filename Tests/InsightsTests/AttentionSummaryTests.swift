import Base
import Insights
import Predictions
import Testing

/// Settings that are wrong in one way, and what is said of them.
struct Mistake: Sendable {
  let words: String
  let make: @Sendable (inout AttentionSettings) -> Void

  init(_ words: String, _ make: @escaping @Sendable (inout AttentionSettings) -> Void) {
    (self.words, self.make) = (words, make)
  }
}

@Suite("Attention over a film")
struct AttentionSummaryTests {
  private func summary(_ change: (inout AttentionSettings) -> Void = { _ in }) throws -> AttentionSummary {
    var settings = AttentionSettings()
    settings.boxes = [.init(id: "left", rect: rect(0, 0, 0.5, 1))]
    change(&settings)
    return try AttentionSummary(settings)
  }

  @Test("an exponent below 1 spreads a map's peaks out, one above draws them together", arguments: [0.5, 1, 2])
  func exponent(of power: Double) throws {
    var summary = try summary { $0.exponent = power }
    summary.add([looking(2, [200, 100])], at: 0)
    // One is eight times the other.
    let parts = [0.5: 8.0.squareRoot(), 1: 8, 2: 64]
    let ratio = try #require(parts[power])
    #expect(near(summary.finish().boxes[0].whole?.share, ratio / (1 + ratio), 0.003))
  }

  @Test("a frame counts for as long as it is shown")
  func weights() throws {
    var summary = try summary()
    summary.add([looking(2, [255, 0])], at: 0)
    summary.add([looking(2, [0, 255])], at: 1)
    let box = summary.finish(end: 10).boxes[0]
    #expect(near(box.whole?.share, 0.1) && near(box.whole?.area, 0.5) && near(box.whole?.lift, 0.2))
    #expect(near(box.whole?.attended, 0.1) && box.firstAttended == 0 && near(box.whole?.visible, 1))
  }

  @Test("frames that are looked at more often say the same")
  func sampling() throws {
    let reports = try [1, 2, 25].map { rate in
      var summary = try summary()
      for frame in 0..<8 * rate {
        let time = Double(frame) / Double(rate)
        summary.add([looking(2, time < 2 ? [200, 100] : [50, 150])], at: time)
      }
      return summary.finish(end: 8)
    }
    for report in reports { #expect(near(report.boxes[0].whole?.share, 0.25 * 8 / 9 + 0.75 / 28)) }
    #expect(Set(reports.map(\.map)).count == 1)
  }

  @Test("the first seconds are told apart, to the part of a frame that lies in them", arguments: [3.0, 5.0])
  func opening(seconds: Double) throws {
    var summary = try summary { $0.opening = seconds }
    summary.add([looking(2, [255, 0])], at: 0)
    summary.add([looking(2, [0, 255])], at: 2)
    summary.add([looking(2, [255, 0])], at: 24)
    let report = summary.finish(end: 30)
    #expect(near(report.boxes[0].opening?.share, 2 / seconds) && near(report.boxes[0].whole?.share, 8.0 / 30))
    #expect(report.openingMap != report.map)
    var late = try self.summary()
    late.add([looking(2, [255, 0])], at: 100)
    #expect(late.finish().boxes[0].opening == nil)
  }

  @Test("a box that moves is followed by its track, or with all of its label; one that is gone is not")
  func following() throws {
    var summary = try summary {
      $0.boxes = []
      $0.following = [.init(label: "logo", step: 1, by: .track, leastScore: 0.5), .init(label: "can")]
    }
    var gone = box("logo", rect(0, 0, 1, 1), track: 4)
    gone.state = .off
    var over = box("can", rect(0, 0, 1, 1))
    over.span = 0...1
    // Cubes of 1, 2, 3, 4 are a hundred together.
    let map = looking(4, [10, 20, 30, 40])
    summary.add(
      [map, box("logo", rect(0, 0, 0.25, 1), track: 3), box("logo", rect(0.5, 0, 0.25, 1), track: 4)], at: 0)
    summary.add(
      [
        map, box("logo", rect(0.75, 0, 0.25, 1), track: 3), gone, over,
        box("logo", rect(0, 0, 1, 1), track: 9, score: 0.4),
        box("logo", rect(0, 0, 1, 1), track: 8, step: 2), box("can", rect(0.25, 0, 0.5, 1)),
      ], at: 1)
    let report = summary.finish(end: 2)
    #expect(report.ids == ["logo#3", "logo#4", "can"])
    #expect(near(report.boxes[0].whole?.share, 0.325) && near(report.boxes[0].whole?.visible, 1))
    #expect(near(report.boxes[1].whole?.share, 0.27) && near(report.boxes[1].whole?.visible, 0.5))
    #expect(near(report.boxes[2].whole?.share, 0.35) && report.boxes[2].firstSeen == 1)
  }

  @Test("bars of a film of another shape are no area: with them a box's lift would be wrong")
  func letterbox() throws {
    // A film of 4:1 in a square: nothing is attended in the bars, and its attention is even.
    let rows: [UInt8] = [0, 0, 0, 9, 9, 0, 0, 0]
    let cells = rows.flatMap { [UInt8](repeating: $0, count: 8) }
    func lift(_ picture: Rect) throws -> AttentionReport.Figures {
      var summary = try summary {
        $0.boxes = [.init(id: "product", rect: rect(0.25, 0.25, 0.5, 0.5))]
        $0.picture = picture
      }
      summary.add([looking(8, cells)], at: 0)
      return try #require(summary.finish().boxes[0].whole)
    }
    let (counted, left) = (try lift(.unit), try lift(rect(0, 0.375, 1, 0.25)))
    #expect(near(counted.lift, 2) && near(left.lift, 1) && near(left.area, 0.5) && near(left.share, 0.5))
    #expect(left.prior > left.area)
  }

  @Test("what all attention would give the middle anyway is told beside: the prior, and the lift over it")
  func centre() throws {
    var summary = try summary { $0.boxes = [.init(id: "middle", rect: rect(0.375, 0.375, 0.25, 0.25))] }
    // As the prior is: every frame attends the middle.
    let prior = CenterPrior(sigma: 0.2)
    let weights = (0..<256).map { place in
      prior.share(of: rect(Double(place % 16) / 16, Double(place / 16) / 16, 1 / 16.0, 1 / 16.0))
    }
    let map = try #require(AttentionMap(size: Size(width: 16, height: 16), weights: weights))
    summary.add([looking(16, map.cells)], at: 0)
    let figures = try #require(summary.finish().boxes[0].whole)
    #expect(figures.lift! > 3 && near(figures.liftOverPrior, 1, 0.02))
  }

  @Test("frames of several sizes, without maps, or of times that step back, break nothing")
  func oddities() throws {
    var summary = try summary { $0.step = 2 }
    summary.add([looking(2, [255, 0], step: 2)], at: 0)
    summary.add([], at: 1)
    summary.add([looking(2, [0, 255], step: 0)], at: 2)
    summary.add([looking(4, [255, 0, 0, 255, 0, 0, 0, 0], step: 2)], at: 4)
    summary.add([looking(2, [255, 0], step: 2)], at: 3.5)
    let report = summary.finish(end: 5)
    #expect(report.framesWithoutMap == 2 && report.frames.count == 3)
    #expect(report.frames.map(\.time) == [0, 4, 4])
    #expect(near(report.boxes[0].whole?.share, 1) && report.map?.size == Size(width: 2, height: 1))
    var none = try self.summary()
    none.add([Prediction(kind: .saliency, score: 0)], at: 0)
    let nothing = none.finish()
    #expect(nothing.boxes[0].whole == nil && nothing.map == nil && nothing.framesWithoutMap == 1)
    #expect(nothing.note?.contains("resize stretch or letterbox") == true && report.note == nil)
  }

  @Test("logits and log densities are no shares: what is below nothing is said")
  func logits() throws {
    var summary = try summary()
    var found = looking(2, [255, 10])
    found.tensor?.minimum = -7.25
    summary.add([found], at: 0)
    let report = summary.finish()
    #expect(report.note?.contains("go down to -7.25") == true)
    #expect(try document { report.write(into: &$0) }["note"] as? String == report.note)
  }

  @Test("shares do not depend on how great the network's numbers are, as those of least and greatest would")
  func scale() throws {
    let numbers = (0..<64 * 48).map { (place: Int) -> Float in Float(place * 7919 % 997) / 997 + 0.5 }
    let size = Size(width: 64, height: 48)
    let scales: [Float] = [1, 1000, 1e-6]
    let shares = try scales.map { scale -> Double in
      let scaled = numbers.map { $0 * scale }
      return try #require(AttentionMap(scaled, size, of: size)).share(of: rect(0.1, 0.2, 0.3, 0.4))
    }
    for share in shares { #expect(near(share, shares[0], 1e-4) && near(share, 0.12, 0.005)) }
  }

  @Test("a report has each frame's centre, shares and areas, and each box's mean and lift, by name")
  func json() throws {
    var summary = try summary()
    summary.add([looking(2, [255, 0, 0, 255])], at: 1 / 3)
    let report = summary.finish()
    let object = try document { report.write(into: &$0) }
    let frame = try #require((object["frames"] as? [[String: Any]])?.first)
    #expect(frame["t"] as? Double == 0.333333 && frame["center"] as? [Double] == [0.5, 0.5])
    #expect(frame["share"] as? [String: Double] == ["left": 0.5] && frame["area"] as? [String: Double] == ["left": 0.5])
    #expect(object["mean"] as? [String: Double] == ["left": 0.5] && object["lift"] as? [String: Double] == ["left": 1])
    #expect((object["prior"] as? [String: Any])?["sigma"] as? Double == 0.2)
    let box = try #require((object["boxes"] as? [[String: Any]])?.first)
    #expect((box["film"] as? [String: Double])?["liftOverPrior"] == 1 && box["firstAttended"] as? Double == 0.333333)
    #expect((object["map"] as? [String: Any])?["cells"] as? [Int] == [255, 0, 0, 255])
    #expect(object["framesWithoutMap"] as? Int == 0 && object["opening"] as? Double == 5)
    #expect(object["exponent"] as? Double == 1 && object["threshold"] as? Double == 0.1 && object["note"] == nil)
  }

  @Test(
    "settings that mean nothing are refused with what is expected",
    arguments: [
      Mistake("0 and at most 60") { $0.opening = 0 }, Mistake("at most 1") { $0.threshold = 1.5 },
      Mistake("takes maps as they are") { $0.exponent = 0 }, Mistake("0.2 is usual") { $0.priorSigma = 0 },
      Mistake("divide pixels") { $0.boxes = [.init(id: "logo", rect: rect(10, 20, 300, 40))] },
      Mistake("divide pixels") { $0.picture = rect(0, 0, 0, 1) },
      Mistake("a name of its own") { $0.boxes += $0.boxes },
      Mistake("outside of the picture") { $0.picture = rect(0.6, 0, 0.4, 1) },
    ])
  func refusals(mistake: Mistake) {
    let fault = #expect(throws: Fault.self) { try summary(mistake.make) }
    #expect(fault?.message.contains(mistake.words) == true)
  }

  @Test("a heat map over a film goes from map to map without a jump, and not across a cut")
  func smoothing() {
    var smoother = AttentionSmoother(halfLife: 0.5)
    let (left, right) = (looking(2, [255, 0]).attention!, looking(2, [0, 255]).attention!)
    #expect(smoother.smoothed(left, at: 0) == left)
    #expect(near(smoother.smoothed(right, at: 0.5).share(of: rect(0, 0, 0.5, 1)), 0.5, 0.01))
    #expect(near(smoother.smoothed(right, at: 1).share(of: rect(0, 0, 0.5, 1)), 0.25, 0.01))
    smoother.reset()
    #expect(smoother.smoothed(left, at: 1.1) == left)
    // Flicker between two maps comes out still.
    var last = left
    for frame in 0..<50 {
      let shown = smoother.smoothed(frame % 2 == 0 ? left : right, at: 2 + Double(frame) / 25)
      if frame > 40 { #expect(abs(shown.share(of: rect(0, 0, 0.5, 1)) - last.share(of: rect(0, 0, 0.5, 1))) < 0.05) }
      last = shown
    }
  }
}
