public import Pipelines

/// What a cut costs, as it follows of what was measured.
public struct PlacementForecast: Sendable, Hashable {
  /// What is busy the longest, so that the others wait for it.
  public enum Bound: String, Sendable, Hashable, CaseIterable {
    case edge, up, down, centre
    /// The way there and back, of questions of which only so many are asked at a time.
    case flight
  }

  public let cut: Cut
  /// Why it cannot be had; the figures then say nothing.
  public var objection: String?
  /// By the clock, for all of the film.
  public var seconds = 0.0
  /// Seconds for which what is busiest is busy, for each second of the film: above 1 a live source is not kept up with.
  public var load = 0.0
  public var bound = Bound.edge
  /// Of an hour of film.
  public var bytesUp = 0.0
  public var bytesDown = 0.0
  /// Of an hour of film; `nil` without prices.
  public var money: Double?
  /// It can be had, and no network was asked over the link in the sample: what it takes then is not known, and it is never the best.
  public var isUntried = false

  public var isPossible: Bool { objection == nil }
  public var isInTime: Bool { isPossible && load <= 1 }

  init(_ cut: Cut) { self.cut = cut }

  /// One for each cut, in order.
  public static func all(
    _ pipeline: Pipeline, _ figures: PlacementFigures, _ link: PlacementLink, _ prices: PlacementPrices?
  ) -> [PlacementForecast] {
    Cut.allCases.map { cut in
      var forecast = PlacementForecast(cut)
      forecast.objection = cut.objection(to: pipeline) ?? figures.objection(to: cut)
      guard forecast.isPossible, let work = figures.work(of: cut, link) else {
        forecast.objection = forecast.objection ?? "it could not be measured"
        return forecast
      }
      forecast.fill(work, figures, prices)
      return forecast
    }
  }

  private mutating func fill(_ work: CutWork, _ figures: PlacementFigures, _ prices: PlacementPrices?) {
    (load, bound) = (work.longest / figures.sampleSeconds, work.bound)
    isUntried = (cut == .frames || cut == .crops) && work.questions == 0
    let share = figures.filmSeconds / figures.sampleSeconds
    // A film that is fetched is looked at once it is there.
    seconds = cut == .film ? (work.up + work.centre) * share : (work.paced ?? work.longest) * share + work.fill
    let hour = 3600 / figures.sampleSeconds
    (bytesUp, bytesDown) = (work.bytesUp * hour, work.bytesDown * hour)
    money = prices.map { prices in
      let work =
        work.edgeProcessor * prices.edge + work.centreProcessor * prices.centre + work.questions * prices.question
      return work * hour + (bytesUp + bytesDown) / 1e9 * prices.gigabyte
    }
  }
}

/// How long each part of a cut is busy with the sample.
struct CutWork {
  var edge = 0.0
  var up = 0.0
  var down = 0.0
  var centre = 0.0
  var flight = 0.0
  /// Until the first answer is there.
  var fill = 0.0
  /// The whole, one stretch after the other; `nil` where it is not known what happens in them.
  ///
  /// Where networks have nothing to see there is no link to wait for, and the other way round.
  var paced: Double?
  var bytesUp = 0.0
  var bytesDown = 0.0
  var questions = 0.0
  var edgeProcessor = 0.0
  var centreProcessor = 0.0

  private var parts: [(PlacementForecast.Bound, Double)] {
    [(.edge, edge), (.up, up), (.down, down), (.centre, centre), (.flight, flight)]
  }

  var longest: Double { parts.map(\.1).max() ?? 0 }
  var bound: PlacementForecast.Bound { parts.max { $0.1 < $1.1 }?.0 ?? .edge }
}

extension PlacementFigures {
  /// Why a cut cannot be had with these networks; `nil` where it can.
  func objection(to cut: Cut) -> String? {
    for network in networks {
      let isFar = cut == .film || cut == .frames || cut == .crops && network.looksAtCrops
      if let objection = isFar ? network.centreObjection : network.edgeObjection {
        return "'\(network.name)' \(isFar ? "at the centre" : "here"): \(objection)"
      }
    }
    return nil
  }

  /// `nil` where its part at the edge was not measured.
  func work(of cut: Cut, _ link: PlacementLink) -> CutWork? {
    var work = CutWork()
    switch cut {
    case .film:
      guard let whole = edge[.events] else { return nil }
      work.bytesUp = Double(filmBytes) * sampleSeconds / filmSeconds
      work.centre = whole.seconds * centreShare
      work.centreProcessor = whole.processorSeconds * centreShare
      work.bytesDown = Double(eventBytes)
    case .frames, .crops:
      guard let own = part(of: cut) else { return nil }
      let asked = networks.filter { cut == .frames || $0.looksAtCrops }
      work = CutWork(edge: own.seconds, asked.map { ($0, $0.count) }, link)
      (work.edgeProcessor, work.paced) = (own.processorSeconds, Self.paced(own, asked, link))
    case .embeddings, .predictions: return nil
    case .events:
      guard let own = part(of: cut) else { return nil }
      (work.edge, work.edgeProcessor, work.bytesUp) = (own.seconds, own.processorSeconds, Double(eventBytes))
    }
    work.travel(link)
    return work
  }

  /// Of each stretch what is busy the longest in it; `nil` where it is not known what happens in them, at the edge or in a network.
  private static func paced(_ own: Edge, _ asked: [Network], _ link: PlacementLink) -> Double? {
    guard !own.paces.isEmpty, asked.allSatisfy({ $0.count == 0 || !$0.counts.isEmpty }) else { return nil }
    let most = max(own.paces.count, asked.map(\.counts.count).max() ?? 0)
    return (0..<most).reduce(0) { sum, place in
      let edge = own.paces.indices.contains(place) ? own.paces[place] : 0
      let counts = asked.map { ($0, $0.counts.indices.contains(place) ? $0.counts[place] : 0) }
      return sum + CutWork(edge: edge, counts, link).longest
    }
  }

  /// What the edge does of a cut: as it was measured here, or as the node that is meant would take it.
  private func part(of cut: Cut) -> Edge? { edge[cut].map { node?.scaled($0) ?? $0 } }

  /// How long the centre takes for what takes a second here, as its networks show; 1 where there are none.
  private var centreShare: Double {
    let here = networks.reduce(0) { $0 + Double($1.count) * $1.edgeSeconds }
    let there = networks.reduce(0) { $0 + Double($1.count) * $1.centreSeconds }
    return here > 0 ? there / here : 1
  }
}

extension CutWork {
  /// The edge's part, and so many questions of each network.
  fileprivate init(edge: Double, _ questions: [(PlacementFigures.Network, Int)], _ link: PlacementLink) {
    self.edge = edge
    for (network, count) in questions { ask(network, Double(count), link) }
    travel(link)
  }

  fileprivate mutating func travel(_ link: PlacementLink) {
    (up, down) = (bytesUp * 8 / link.up, bytesDown * 8 / link.down)
  }

  private mutating func ask(_ network: PlacementFigures.Network, _ count: Double, _ link: PlacementLink) {
    questions += count
    bytesUp += count * network.questionBytes
    bytesDown += count * network.answerBytes
    // All networks of a centre share its cores.
    centre += count * network.centreSeconds / Double(network.centreStreams)
    centreProcessor += count * network.centreSeconds
    let travels = network.questionBytes * 8 / link.up + network.answerBytes * 8 / link.down
    let one = link.roundTrip + travels + network.centreSeconds
    flight = max(flight, count * one / Double(link.flight))
    // A connection is made first.
    fill += link.roundTrip + one
  }
}

extension Array where Element: Numeric {
  /// Adds to the one at a place, which is made with all before it where they are not there.
  mutating func add(_ more: Element, at place: Int) {
    while count <= place { append(0) }
    self[place] += more
  }
}
