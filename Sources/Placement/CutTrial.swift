internal import Analysis
public import Base
internal import Execution
public import Inference
public import Loading
internal import Media
public import ModelHub
public import Pipelines
internal import Predictions
internal import Reports

/// Measures a pipeline on a sample of a film: what the centre takes for its networks, and the edge's part of each cut, with a centre that answers at
/// once.
public final class CutTrial {
  private let pipeline: Pipeline
  private let networks: [TrialNetwork]
  private let node: EdgeNode?

  /// Loads what can be loaded here, and asks the centre what it has.
  ///
  /// `models` has one for each network. With `node` it is that one that is meant with the edge, and not this machine.
  /// - Throws: where a network can be had neither here nor there, or where the node has not said what it takes there.
  public init(
    _ pipeline: Pipeline, models: [Model], centre: CentreNetwork, node: EdgeNode? = nil, on engine: Engine,
    options: (Model) -> LoadOptions
  ) throws(Fault) {
    guard pipeline.proxy == nil else {
      throw Fault(.unsupported, "a pipeline that looks at a lighter rendition (proxy) is not measured: take proxy away")
    }
    (self.pipeline, self.node) = (pipeline, node)
    for model in models.prefix(pipeline.infer.count) { try node?.check(model.name, TrialNetwork.digest(of: model)) }
    var known: [String: Result<TrialNetwork.Near, Fault>] = [:]
    var networks: [TrialNetwork] = []
    for model in models.prefix(pipeline.infer.count) {
      let near = known[model.digest] ?? TrialNetwork.load(model, options(model), on: engine)
      known[model.digest] = near
      networks.append(try TrialNetwork(model, near, centre))
    }
    self.networks = networks
  }

  /// How long to look, and who is told of it.
  public struct Watch {
    /// Seconds of the film.
    public var seconds: Double
    public var isStopped: () -> Bool
    /// What is measured, and the share of the film's sample that was seen.
    public var progress: (String, Double) -> Void

    public init(
      seconds: Double, isStopped: @escaping () -> Bool = { false },
      progress: @escaping (String, Double) -> Void = { _, _ in }
    ) {
      (self.seconds, self.isStopped, self.progress) = (seconds, isStopped, progress)
    }
  }

  /// What one look at the sample was.
  private struct Look {
    var edge: PlacementFigures.Edge
    var sampleSeconds = 0.0
    var filmSeconds = 0.0
    var frames = 0
    var eventBytes = 0
  }

  /// Measures over the film's first seconds.
  ///
  /// - Throws: `closed` where it was stopped, `badInput` for what is no film.
  public func run(_ path: String, _ watch: Watch) throws(Fault) -> PlacementFigures {
    var first: [LoadedModel] = []
    for network in networks { first.append(try network.metered()) }
    let gathered = try look(at: path, "answers are gathered", first, watch) { stretch in
      for network in networks { network.meter.enter(stretch) }
    }
    var figures = PlacementFigures(
      sampleSeconds: gathered.sampleSeconds, filmSeconds: gathered.filmSeconds,
      filmBytes: try FileSystem.byteCount(of: path), frames: gathered.frames, eventBytes: gathered.eventBytes,
      networks: [])
    for (index, network) in networks.enumerated() {
      watch.progress("\(network.model.name) at the centre", 0)
      figures.networks.append(try self.figures(of: network, index))
    }
    for cut in [Cut.frames, .crops, .events] where cut.objection(to: pipeline) == nil {
      let played = cut.steps(of: pipeline)
      guard networks.indices.allSatisfy({ played.contains($0) || networks[$0].nearObjection == nil }) else { continue }
      var models: [LoadedModel] = []
      for (index, network) in networks.enumerated() {
        models.append(try played.contains(index) ? network.played() : network.plain())
      }
      figures.edge[cut] = try steadyLook(at: path, "the edge's part of '\(cut.rawValue)'", models, watch)
    }
    if let node { try figures.put(node) }
    return figures
  }

  private func figures(of network: TrialNetwork, _ index: Int) throws(Fault) -> PlacementFigures.Network {
    let measured = network.meter.figures
    var figures = PlacementFigures.Network(
      name: pipeline.infer[index].name, count: measured.count, looksAtCrops: pipeline.infer[index].on != nil)
    (figures.edgeObjection, figures.centreObjection) = (network.nearObjection, network.farObjection)
    figures.edgeSeconds = try network.nearSeconds() ?? 0
    (figures.counts, figures.processorSeconds) = (measured.counts, network.processorSeconds)
    figures.nodeSeconds = node?.inferenceSeconds[TrialNetwork.digest(of: network.model)]
    try network.probe(&figures)
    return figures
  }

  /// Short ones are made three times, of which the middle one counts: a machine does other things too.
  private func steadyLook(
    at path: String, _ what: String, _ models: [LoadedModel], _ watch: Watch
  ) throws(Fault) -> PlacementFigures.Edge {
    var looks = [try look(at: path, what, models, watch).edge]
    while looks.count < 3, looks[0].seconds < Self.short { looks.append(try look(at: path, what, models, watch).edge) }
    return looks.sorted { $0.seconds < $1.seconds }[looks.count / 2]
  }

  private static let short = 3.0

  private func look(
    at path: String, _ what: String, _ models: [LoadedModel], _ watch: Watch, enter: (Int) -> Void = { _ in }
  ) throws(Fault) -> Look {
    let analyzer = try Analyzer(path, pipeline: try LoadedPipeline(pipeline, loaded: models))
    guard !analyzer.info.isPicture else {
      throw Fault(.badInput, "\(path) is a picture: name a film with --clip, such as the camera gives")
    }
    var (position, bytes, isStopped) = (0.0, 0, false)
    var pace = Pace(most: watch.seconds)
    let processor = Clock.processorTime
    let summary = try analyzer.run(
      isStopped: {
        isStopped = watch.isStopped()
        return isStopped || position >= watch.seconds
      },
      progress: {
        position = $0.position
        enter(pace.note($0.position, $0.elapsed))
        watch.progress(what, min(1, $0.position / watch.seconds))
      },
      happened: { (happenings) throws(Fault) in bytes += Self.byteCount(of: happenings) },
      each: { (_, _, _) throws(Fault) in })
    guard !isStopped else { throw Fault(.closed, "stopped before everything was measured") }
    let seen = summary.secondsCovered ?? 0
    guard seen > 0, summary.framesAnalyzed > 0 else {
      throw Fault(
        .badInput, "\(path): none of its frames was looked at, so that nothing can be measured: name another film")
    }
    guard summary.duration != nil || !summary.interrupted else {
      throw Fault(.badInput, "\(path) does not say how long it is: take --seconds for all of it, or another film")
    }
    let used = Double(Clock.processorTime - processor) / 1e9
    var look = Look(edge: .init(seconds: summary.secondsElapsed, processorSeconds: used))
    _ = pace.note(position, summary.secondsElapsed)
    look.edge.paces = pace.seconds
    (look.sampleSeconds, look.filmSeconds) = (seen, max(seen, summary.duration ?? seen))
    (look.frames, look.eventBytes) = (summary.framesAnalyzed, bytes)
    return look
  }

  /// How long each stretch of a film took.
  private struct Pace {
    /// Of the sample, in seconds: what a film says of its times bounds nothing.
    let most: Double
    private(set) var seconds: [Double] = []
    private var last = 0.0

    init(most: Double) { self.most = most }

    /// The stretch where the film is after so many seconds of work.
    mutating func note(_ position: Double, _ elapsed: Double) -> Int {
      let stretch = Int(min(max(0, position), most) / PlacementFigures.stretch)
      seconds.add(elapsed - last, at: stretch)
      last = elapsed
      return stretch
    }
  }

  /// As they are told.
  private static func byteCount(of happenings: [Happening]) -> Int {
    var json = JSONWriter()
    for happening in happenings where happening.isOver { HappeningJSON.write(happening, file: "", into: &json) }
    return json.bytes.count
  }
}
