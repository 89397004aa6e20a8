import Base
import Fleet
import Inference
import Isolation
import Loading
import ModelHub
import Pipelines
import Placement
import Planning

/// Where a pipeline is cut best between this machine and a centre.
struct PlaceCommand: Command {
  let path = ["place"]
  let summary = "Measure where a pipeline is cut best between this machine and a centre"
  let positionals = [Positional(name: "pipeline", help: "a YAML file, or names of 'ridley pipeline list'")]
  let options: [Option] = [
    CentreOptions.centre,
    .value("edge", "NODE", "a node of the centre in this machine's place, by what it reports its inferences to take"),
    .value("link", "RATE", "what the link to it takes, such as 5Mbit/s (default with --edge: the node's 'rate')"),
    .value("down", "RATE", "what it brings back (default the same)"),
    .value("latency", "TIME", "there and back over the link (default as measured now)"),
    .value("clip", "FILE", "a film of what the camera shows"),
    .value("seconds", "N", "of the film, to measure with (default 10)"),
    .choice(
      "for", PlacementAim.allCases.map(\.rawValue),
      "what is to be least (default: money, or bytes, of those that keep up with a live source)"),
    .value("prices", "FILE", "a price file with the machines 'edge' and 'centre' (docs/costs.md)"),
    .value("per-gb", "MONEY", "with --prices: for 10⁹ bytes over the link"),
    CentreOptions.flight, CentreOptions.patience, CentreOptions.key,
    .value("models", "FOLDER", "look for models in this folder first"),
    .flag("json", "print one JSON object"),
    .flag("quiet", "print nothing but errors"),
  ]
  let examples = [
    "ridley place yard.yaml --centre http://10.0.0.2:8080 --link 5Mbit/s --clip yard.mp4",
    "ridley place yard.yaml --centre http://hub:8080 --link 800kbit/s --clip yard.mp4 --for bytes",
    "ridley place yard.yaml --centre http://hub:8080 --link 20Mbit/s --clip yard.mp4 --prices p.yaml",
    "ridley place yard.yaml --centre http://hub:8080 --edge dock --link 5Mbit/s --clip yard.mp4",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let address = try CentreOptions.address(arguments) else {
      throw arguments.refusal("say which centre: --centre URL")
    }
    guard let clip = arguments["clip"] else { throw arguments.refusal("say what is looked at: --clip FILE") }
    let (prices, currency) = try prices(arguments)
    let aim = arguments["for"].flatMap(PlacementAim.init)
    if aim == .money, prices == nil { throw arguments.refusal("--for money needs --prices FILE") }
    let centre = try Centre(address)
    let node = try arguments["edge"].map { (name) throws(Fault) in
      try centre.node(try FleetPlace.name(name, arguments).text)
    }
    let link = try link(arguments, centre, node)
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let resolver = try PipelineResolver(
      arguments.positionals[0], models: arguments["models"], cache: engine.cacheFolder,
      engine: { () throws(Fault) in engine })
    let pipeline = resolver.file.pipeline
    let trial = try CutTrial(
      pipeline, models: try resolver.find(mustBeHere: true), centre: CentreNetwork(centre, flight: link.flight),
      node: node, on: engine, options: { LoadOptions().tuned(for: $0, by: EngineCache.standard.settings) })
    let figures = try measure(trial, clip, arguments)
    let forecasts = PlacementForecast.all(pipeline, figures, link, prices)
    try tell(PlaceReport(figures, forecasts, link, best: forecasts.best(for: aim)?.cut, currency: currency), arguments)
    return .success
  }

  private func measure(_ trial: CutTrial, _ clip: String, _ arguments: Arguments) throws(Fault) -> PlacementFigures {
    let bar = ProgressBar("place", isQuiet: arguments.has("quiet") || arguments.has("json"))
    defer { bar.clear() }
    let seconds = try arguments.number("seconds", in: 0.5...3600) ?? 10
    return try trial.run(
      clip,
      CutTrial.Watch(
        seconds: seconds, isStopped: { Interrupt.isAsked },
        progress: { what, share in
          SharedFlags.beat()
          bar.show(share: share, detail: what)
        }))
  }

  private func tell(_ report: PlaceReport, _ arguments: Arguments) throws(Fault) {
    guard !arguments.has("quiet") else { return }
    try Terminal.print(arguments.has("json") ? report.json : report.text)
  }

  private func link(_ arguments: Arguments, _ centre: Centre, _ node: EdgeNode?) throws(Fault) -> PlacementLink {
    guard let up = try rate("link", arguments) ?? node?.linkRate else {
      let which = node.map { ", since '\($0.name)' has no rate ('edge: {rate: …}' of its configuration)" } ?? ""
      throw arguments.refusal("say what the link takes\(which): --link RATE, such as 5Mbit/s")
    }
    let told = try arguments.seconds("latency", orZero: true)
    let roundTrip = if let told { told } else { try centre.roundTrip() }
    return PlacementLink(
      up: up, down: try rate("down", arguments) ?? up, roundTrip: roundTrip, flight: try CentreOptions.flight(arguments)
    )
  }

  /// Bits a second.
  private func rate(_ name: String, _ arguments: Arguments) throws(Fault) -> Double? {
    guard let text = arguments[name] else { return nil }
    guard let rate = PlacementLink.rate(text) else {
      throw arguments.refusal("--\(name) takes a rate such as 800kbit/s, 5Mbit/s or 1Gbit/s, not '\(text)'")
    }
    return rate
  }

  /// `nil` where nobody says what anything costs.
  private func prices(_ arguments: Arguments) throws(Fault) -> (PlacementPrices?, currency: String?) {
    guard let path = arguments["prices"] else {
      guard arguments["per-gb"] == nil else { throw arguments.refusal("--per-gb is for --prices") }
      return (nil, nil)
    }
    let file = try PriceFile(bytes: try FileSystem.read(path, limit: 1 << 20), name: path)
    let (edge, centre) = (try file.machine("edge"), try file.machine("centre"))
    var prices = PlacementPrices()
    (prices.edge, prices.centre, prices.question) = (edge.processorSecond, centre.processorSecond, centre.request)
    prices.gigabyte = try arguments.number("per-gb", in: 0...1e9) ?? 0
    return (prices, file.currency)
  }
}

extension MachinePrice {
  /// Money for a second of one of its processors, on a machine that is never idle.
  fileprivate var processorSecond: Double { hour / cores / 3600 + cpuSecond + second }
}
