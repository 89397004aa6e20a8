import Pipelines
import Testing

@testable import Placement

/// What follows of what was measured: arithmetic, done by hand here.
struct ForecastTests {
  /// Ten seconds of a film of a minute: a detector sees ten frames a second, a classifier twenty crops in all.
  private var figures: PlacementFigures {
    var detector = PlacementFigures.Network(name: "parts", count: 100)
    (detector.edgeSeconds, detector.centreSeconds, detector.centreStreams) = (0.040, 0.010, 2)
    (detector.questionBytes, detector.answerBytes) = (50_000, 5_000)
    var classifier = PlacementFigures.Network(name: "colour", count: 20, looksAtCrops: true)
    (classifier.edgeSeconds, classifier.centreSeconds, classifier.centreStreams) = (0.020, 0.005, 2)
    (classifier.questionBytes, classifier.answerBytes) = (10_000, 1_000)
    var figures = PlacementFigures(
      sampleSeconds: 10, filmSeconds: 60, filmBytes: 6_000_000, frames: 100, eventBytes: 400,
      networks: [detector, classifier])
    figures.edge = [
      .frames: .init(seconds: 1, processorSeconds: 1), .crops: .init(seconds: 4, processorSeconds: 5),
      .events: .init(seconds: 5, processorSeconds: 6),
    ]
    return figures
  }

  private var pipeline: Pipeline {
    var crops = Pipeline.Infer(name: "colour", model: "colours")
    crops.on = 0
    return Pipeline(infer: [Pipeline.Infer(name: "parts", model: "planted"), crops])
  }

  private let link = PlacementLink(up: 4e6, down: 8e6, roundTrip: 0.050, flight: 4)

  private func forecasts(
    _ figures: PlacementFigures, _ link: PlacementLink, _ prices: PlacementPrices? = nil, _ pipeline: Pipeline? = nil
  ) -> [Cut: PlacementForecast] {
    let all = PlacementForecast.all(pipeline ?? self.pipeline, figures, link, prices)
    #expect(all.map(\.cut) == Cut.allCases)
    return Dictionary(uniqueKeysWithValues: all.map { ($0.cut, $0) })
  }

  private func near(_ one: Double?, _ other: Double) -> Bool {
    guard let one else { return false }
    return (one - other).magnitude <= 1e-9 * max(1, other.magnitude)
  }

  @Test("What is busy the longest bounds a cut, and every byte of it is counted")
  func bounds() {
    let all = forecasts(figures, link)
    // 100 × 50 000 and 20 × 10 000 bytes up are 5.2 MB, 41.6 Mbit: 10.4 s of ten.
    let frames = all[.frames]!
    #expect(frames.bound == .up && near(frames.load, 1.04) && !frames.isInTime)
    #expect(near(frames.bytesUp, 5_200_000 * 360) && near(frames.bytesDown, 520_000 * 360))
    // Six times the sample, and the first answers: a connection, a round trip, the way there and back, an inference, of each network.
    let fill: Double = 0.050 + 0.165 + 0.050 + 0.076
    #expect(near(frames.seconds, 62.4 + fill), "\(frames)")
    let crops = all[.crops]!
    #expect(crops.bound == .edge && near(crops.load, 0.4) && near(crops.bytesUp, 200_000 * 360))
    #expect(near(all[.events]!.load, 0.5) && near(all[.events]!.bytesUp, 400 * 360) && near(all[.events]!.seconds, 30))
    // The centre takes 1.1 s where 4.4 s were taken here: a quarter, so 1.25 s for the sample; the film takes 12 s to come.
    #expect(near(all[.film]!.seconds, 12 + 7.5) && all[.film]!.bound == .up && near(all[.film]!.load, 0.2))
  }

  @Test("A long way bounds by how many questions are under way, and a slow centre by its streams")
  func others() {
    var far = link
    (far.up, far.down, far.roundTrip, far.flight) = (1e9, 1e9, 0.4, 2)
    let flight = forecasts(figures, far)[.frames]!
    #expect(flight.bound == .flight)
    let one: Double = 0.4 + 0.0004 + 0.00004 + 0.010
    #expect(near(flight.load * 10, 50 * one), "\(flight)")
    var slow = figures
    slow.networks[0].centreSeconds = 0.5
    let centre = forecasts(slow, PlacementLink(up: 1e9, down: 1e9, roundTrip: 0, flight: 64))[.frames]!
    #expect(centre.bound == .centre && near(centre.load * 10, 25.05), "\(centre)")
  }

  @Test("Stretches in which networks have nothing to see stand beside no link, and are taken one after the other")
  func stretches() {
    var uneven = figures
    // All is seen in the last two of ten seconds; the edge takes 0.9 s for the first eight, and 0.1 s for the rest.
    uneven.edge[.frames]?.paces = [0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05]
    uneven.networks[0].counts = [0, 0, 0, 0, 0, 0, 0, 0, 60, 40]
    uneven.networks[1].counts = [0, 0, 0, 0, 0, 0, 0, 0, 20]
    let all = forecasts(uneven, link)
    // Beside the link's 10.4 s those of the edge before it; six times that, and the first answers.
    let fill: Double = 0.050 + 0.165 + 0.050 + 0.076
    #expect(near(all[.frames]!.seconds, 6 * (10.4 + 0.9) + fill), "\(all[.frames]!)")
    #expect(all[.frames]!.bound == .up && near(all[.frames]!.load, 1.04), "a live source is slower than that")
    #expect(all[.crops] == forecasts(figures, link)[.crops], "where it is not known what the edge takes when")
    #expect(all[.film] == forecasts(figures, link)[.film] && all[.events] == forecasts(figures, link)[.events])
    // With a node in its place the edge's stretches are longer too.
    uneven.node = NodeScale(name: "dock", cores: 4, ratio: 2)
    #expect(near(forecasts(uneven, link)[.frames]!.seconds, 6 * (10.4 + 1.8) + fill))
  }

  @Test("Money is of processors on both sides, of questions and of traffic")
  func money() {
    var prices = PlacementPrices()
    (prices.edge, prices.centre, prices.question, prices.gigabyte) = (0.001, 0.01, 0.000_1, 2)
    let all = forecasts(figures, link, prices)
    // Six seconds of a processor here, and 400 bytes, of ten seconds of film.
    let events: Double = 2.16 + 0.000_288
    #expect(near(all[.events]!.money, events))
    // 0.001 for a second here, 0.011 for 1.1 seconds there, 0.012 for 120 questions; 5.72 MB.
    let frames: Double = 0.024 * 360 + 4.1184
    #expect(near(all[.frames]!.money, frames), "\(all[.frames]!)")
    #expect(forecasts(figures, link)[.frames]!.money == nil)
  }

  @Test("What cannot be had says why, and is never the best")
  func impossible() {
    let alone = Pipeline(infer: [Pipeline.Infer(name: "parts", model: "planted")])
    var one = figures
    one.networks.removeLast()
    #expect(forecasts(one, link, nil, alone)[.crops]!.objection?.contains("'on'") == true)
    var other = figures
    other.networks[0].centreObjection = "another version"
    let all = forecasts(other, link)
    #expect(all[.frames]!.objection == "'parts' at the centre: another version" && all[.film]!.objection != nil)
    #expect(all[.crops]!.isPossible && all[.events]!.isPossible)
    var small = figures
    small.networks[0].edgeObjection = "it needs 900 MB"
    (small.edge[.crops], small.edge[.events]) = (nil, nil)
    let here = PlacementForecast.all(pipeline, small, link, nil)
    #expect(here.filter(\.isPossible).map(\.cut) == [.frames], "\(here)")
    #expect(here.best(for: nil)?.cut == .frames && here.best(for: .bytes)?.cut == .frames)
    #expect([PlacementForecast]().best(for: .time) == nil)
  }

  @Test("The best is what was asked for: time, bytes or money, else the cheapest that keeps up")
  func best() {
    var prices = PlacementPrices()
    (prices.edge, prices.gigabyte) = (1, 0)
    let all = PlacementForecast.all(pipeline, figures, link, prices)
    #expect(all.best(for: .time)?.cut == .film)
    #expect(all.best(for: .bytes)?.cut == .events)
    #expect(all.best(for: .money)?.cut == .film)
    #expect(all.best(for: nil)?.cut == .film)
    // Without prices it is bytes, of those that keep up; where none does, the one that is behind the least.
    #expect(PlacementForecast.all(pipeline, figures, link, nil).best(for: nil)?.cut == .events)
    var heavy = figures
    heavy.edge[.events] = .init(seconds: 12, processorSeconds: 12)
    #expect(PlacementForecast.all(pipeline, heavy, link, nil).best(for: nil)?.cut == .crops)
    heavy.edge[.crops] = .init(seconds: 11, processorSeconds: 11)
    heavy.filmBytes = 60_000_000
    #expect(PlacementForecast.all(pipeline, heavy, link, nil).best(for: nil)?.cut == .frames)
  }

  @Test("A cut that asked nothing in the sample is never the best, and equals are told apart by time")
  func untried() {
    var none = figures
    none.networks[1].count = 0
    (none.eventBytes, none.edge[.events]) = (0, .init(seconds: 12, processorSeconds: 12))
    let all = PlacementForecast.all(pipeline, none, link, nil)
    #expect(all.filter(\.isUntried).map(\.cut) == [.crops])
    #expect(all.best(for: .bytes)?.cut == .events && all.best(for: nil)?.cut == .film)
    let text = all.text(best: nil, currency: nil)
    #expect(text.contains("crops: no crop occurred in the sample: take another film or more --seconds"))
    #expect(text.contains("events: a live source is not kept up with") && !text.contains("film: a live"))
    var (slow, quick) = (PlacementForecast(.film), PlacementForecast(.events))
    (slow.seconds, quick.seconds) = (9, 5)
    #expect([slow, quick].best(for: .bytes)?.cut == .events && [slow, quick].best(for: nil)?.cut == .events)
    slow.bytesUp = -1
    #expect([quick, slow].best(for: .bytes)?.cut == .film)
  }

  @Test("Rates are read as they are written, and nothing else is")
  func rates() {
    #expect(PlacementLink.rate("5Mbit/s") == 5e6 && PlacementLink.rate("800kbit/s") == 8e5)
    #expect(PlacementLink.rate("1.5Gbit/s") == 1.5e9 && PlacementLink.rate("9600bit/s") == 9600)
    for text in ["", "5", "5MB/s", "Mbit/s", "-1Mbit/s", "0Mbit/s", "nanMbit/s", "1e30Gbit/s", "5 mbit/s"] {
      #expect(PlacementLink.rate(text) == nil, "\(text)")
    }
  }

  @Test("Each cut has the networks of its side")
  func steps() {
    #expect(Cut.frames.steps(of: pipeline) == [0, 1] && Cut.crops.steps(of: pipeline) == [1])
    #expect(Cut.film.steps(of: pipeline).isEmpty && Cut.events.steps(of: pipeline).isEmpty)
    #expect(Cut.frames.objection(to: Pipeline(infer: [])) != nil)
    #expect(Cut.allCases.filter { $0.objection(to: pipeline) == nil } == [.film, .frames, .crops, .events])
    // What cannot be had is told with its reason, by the cut's own name.
    let text = PlacementForecast.all(pipeline, figures, link, nil).text(best: nil, currency: nil)
    for cut in [Cut.embeddings, .predictions] {
      #expect(cut.steps(of: pipeline).isEmpty && text.contains("\n\(cut.rawValue) cannot be had: "), "\(text)")
    }
  }
}
