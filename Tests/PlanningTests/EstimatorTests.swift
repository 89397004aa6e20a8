import Base
import Pipelines
import Planning
import TestKit
import Testing

struct EstimatorTests {
  private static let hd = Size(width: 1920, height: 1080)
  private static let uhd = Size(width: 3840, height: 2160)

  static func item(
    _ yaml: String, duration: Double = 3600, size: Size = hd, bytes: Int = 900_000_000, fps: Int = 25
  ) throws -> EstimatedItem {
    let pipeline = try PipelineFile.read(bytes: Array(yaml.utf8), name: "p.yaml").pipeline
    return EstimatedItem(
      source: SourceFacts(
        isPicture: false, byteCount: bytes, size: size, codec: "h264", duration: duration, frameRate: Ratio(fps, 1)),
      pipeline: pipeline, pipelineDigest: "sha256:p", models: pipeline.infer.map { "sha256:" + $0.model })
  }

  static var rates: Rates {
    var rates = Rates(machine: "m")
    rates.add(.decode(codec: "h264", size: hd), total: 4, count: 1000)
    rates.add(.pass(codec: "h264"), total: 0.01, count: 1000)
    rates.add(.prepare(size: hd), total: 1, count: 1000)
    rates.add(.gate(size: hd), total: 0.2, count: 1000)
    rates.add(.frame(pipeline: "sha256:p"), total: 0.1, count: 1000)
    rates.add(.infer(model: "sha256:a"), total: 30, count: 1000)
    rates.add(.infer(model: "sha256:b"), total: 5, count: 1000)
    rates.add(.task, total: 0.1, count: 1)
    rates.add(.item, total: 0.2, count: 1)
    return rates
  }

  @Test func `every frame of an hour is decoded, prepared and asked about`() throws {
    let estimate = Estimator(Self.rates).estimate(try Self.item("infer: a"))
    #expect(estimate.work == FrameWork(frames: 90_000, decoded: 90_000, sampled: 90_000))
    let frames = 90_000 * (0.00001 + 0.004 + 0.001 + 0.0001 + 0.03)
    #expect(estimate.tasks == 211 + 1)
    #expect((estimate.cpuSeconds - frames - 211 * 0.1 - 0.2).magnitude < 1e-6)
    #expect(estimate.certainty == "measured here" && !estimate.isUpperBound)
    #expect(estimate.bytesRead == 900_000_000)
  }

  @Test func `a rendition is decoded and looked at in its own size, and its making counts where it is not there`()
    throws
  {
    let (estimator, film) = (Estimator(Self.rates), try Self.item("infer: a", size: Self.uhd))
    let settings = RenditionSettings(height: 1080, fps: 5)
    var light = film
    light.source = film.source.seen(through: settings)
    #expect(light.source.size == Self.hd && light.source.frameRate == Ratio(5000, 1000))
    let there = estimator.estimate(light)
    #expect(there.work == FrameWork(frames: 18_000, decoded: 18_000, sampled: 18_000))
    light.film = film.source
    let made = estimator.estimate(light)
    #expect(made.tasks == there.tasks && made.work == there.work)
    // The film has four times the pixels of what was measured.
    let (decoding, scaling): (Double, Double) = (90_000 * 0.01601, 18_000 * 0.004)
    #expect((made.cpuSeconds - there.cpuSeconds - decoding - scaling).magnitude < 1e-6)
    for proxy in [nil, RenditionSettings(height: 2160), RenditionSettings(height: 2160, fps: 25)] {
      #expect(film.source.seen(through: proxy) == film.source)
    }
  }

  @Test func `one frame a second needs the frames that it is made from`() throws {
    let (estimator, item) = (Estimator(Self.rates), try Self.item("sample: {every: 1s}\ninfer: a"))
    let usual = estimator.estimate(item)
    #expect(usual.work.sampled == 3600)
    // Steps of 25 frames in gaps of 250: all up to the last one, which is half a step before the end.
    #expect(usual.work.decoded == 85_500)
    #expect(usual.share(.assumed) > 0.5, "how many frames are decoded for that is not known")
    #expect(usual.lines.first { $0.what == "infer a" }?.confidence == .measured)
    // Known entries say it exactly: with one each second, nothing else is decoded.
    let dense = estimator.estimate(item, layout: Layouts.even(90_000, every: 25))
    #expect(dense.work == FrameWork(frames: 90_000, decoded: 3600, sampled: 3600))
    #expect(dense.certainty == "measured here")
    let sparse = estimator.estimate(item, layout: Layouts.even(90_000, every: 250))
    #expect(sparse.work == FrameWork(frames: 90_000, decoded: 226 * 360, sampled: 3600))
    // What tasks measured of this codec and sampling counts for videos that were not opened yet.
    var rates = Self.rates
    rates.add(.decoded(codec: "h264", sampling: .fps(1)), total: 300, count: 1000)
    let known = Estimator(rates).estimate(item)
    #expect(known.work.decoded == 27_000 && known.certainty == "measured here")
  }

  @Test func `steps longer than the way between key frames decode half of that way each`() throws {
    let estimate = Estimator(Self.rates).estimate(try Self.item("sample: {every: 1m}\ninfer: a"))
    #expect(estimate.work.sampled == 60 && estimate.work.decoded == 60 * 125)
    let keys = Estimator(Self.rates).estimate(try Self.item("sample: key-frames\ninfer: a"))
    #expect(keys.work.sampled == 360 && keys.work.decoded == 360)
    let exact = Estimator(Self.rates).estimate(
      try Self.item("sample: key-frames\ninfer: a"), layout: Layouts.even(90_000, every: 100))
    #expect(exact.work.sampled == 900 && exact.work.decoded == 900)
  }

  @Test func `a gate whose share was never measured counts as open`() throws {
    let item = try Self.item("gate:\ninfer: a")
    let open = Estimator(Self.rates).estimate(item)
    #expect(open.isUpperBound && open.inferences == 90_000)
    #expect(open.text().contains("at most this"))
    var rates = Self.rates
    rates.add(.passing(pipeline: "sha256:p"), total: 10, count: 100)
    let known = Estimator(rates).estimate(item)
    #expect(!known.isUpperBound && known.inferences == 9000)
    #expect(known.cpuSeconds < open.cpuSeconds)
    #expect(known.lines.contains { $0.what == "gate" && $0.count == 90_000 })
  }

  @Test func `a network on crops is asked as often as it was before`() throws {
    let item = try Self.item("infer: [a, {name: b, model: b, on: a}]")
    let guessed = Estimator(Self.rates).estimate(item)
    #expect(guessed.inferences == 180_000 && guessed.share(.assumed) > 0)
    var rates = Self.rates
    rates.add(.crops(pipeline: "sha256:p", step: 1), total: 250, count: 100)
    let known = Estimator(rates).estimate(item)
    #expect(known.inferences == 90_000 * 3.5 && known.certainty == "measured here")
  }

  @Test func `what was not measured comes from what is like it, and says so`() throws {
    let estimator = Estimator(Self.rates)
    let large = estimator.estimate(try Self.item("infer: a", size: Self.uhd))
    let line = try #require(large.lines.first { $0.what.hasPrefix("decode") })
    #expect((line.cpuSeconds - 90_000 * 0.016).magnitude < 1e-6 && line.confidence == .derived)
    let other = estimator.estimate(try Self.item("infer: z"))
    #expect(other.lines.first { $0.what == "infer z" }?.confidence == .derived)
    let elsewhere = Estimator(Rates(machine: "new"), others: [Self.rates]).estimate(try Self.item("infer: a"))
    #expect(elsewhere.certainty == "from others")
    let nothing = Estimator(Rates(machine: "new")).estimate(try Self.item("infer: a"))
    #expect(nothing.certainty == "assumed" && nothing.cpuSeconds > 0)
  }

  @Test func `estimates of many videos add up`() throws {
    let estimator = Estimator(Self.rates)
    let price = try PriceFile(bytes: Array("currency: X\nmachines: [{name: a, cpu-second: 0.5}]".utf8), name: "p")
      .machines[0]
    var all = Estimate()
    var (seconds, money) = (0.0, 0.0)
    for minutes in 1...30 {
      let one = estimator.estimate(try Self.item("infer: a", duration: Double(minutes) * 60), price: price)
      (seconds, money) = (seconds + one.cpuSeconds, money + one.money!)
      all.add(one)
    }
    #expect(all.items == 30 && (all.cpuSeconds - seconds).magnitude < 1e-6 && (all.money! - money).magnitude < 1e-6)
    #expect((all.money! - seconds / 2).magnitude < 1e-6)
    #expect(all.lines.count == 7)
  }

  @Test func `tasks are expected to take what is estimated`() throws {
    let layout = Layouts.even(90_000)
    for yaml in [
      "infer: a", "gate:\ninfer: a", "sample: {fps: 5}\ninfer: [a, {name: b, model: b, on: a}]",
      "sample: key-frames\ninfer: b", "sample: {every: 1s}\ninfer: a\ntrack:",
    ] {
      let (estimator, item) = (Estimator(Self.rates), try Self.item(yaml))
      let (cuts, expected) = try estimator.cut(item, layout)
      let estimate = estimator.estimate(item, layout: layout)
      #expect(expected.count == cuts.taskCount)
      let sum = expected.reduce(0, +)
      #expect((sum - estimate.cpuSeconds).magnitude < max(1, estimate.cpuSeconds * 0.02), "\(yaml)")
      #expect(cuts.chunkCount <= 1 || expected.dropLast().allSatisfy { $0 < 60 })
    }
  }
}
