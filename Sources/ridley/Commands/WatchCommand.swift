import Base
import Execution
import Inference
import Loading
import Media
import ModelHub
import Pipelines
import Predictions
import Streams
import Synchronization

/// Live streams in the terminal: where they stand, how fresh answers are, and what is seen.
struct WatchCommand: Command {
  let path = ["watch"]
  let summary = "Watch live streams: the newest picture of each is looked at, and nothing old is told"
  let positionals = [
    Positional(
      name: "source",
      help:
        "rtsp://user:password@camera/path; rtspu:// over UDP, rtsps:// by TLS; http(s):// for MPEG-TS and HLS, rtmp(s)://, udp://; /dev/video0 for a camera at this machine; or a film that is played as a camera, '?loop=1' again and again",
      repeats: true)
  ]
  let options: [Option] =
    [
      .value("model", "NAME|FILE", "a model of 'ridley model list', or any network file (this or --pipeline)"),
      .value("pipeline", "FILE", "a YAML file that says what is done: sample, gate, infer, track, smooth, emit"),
      .value("every", "TIME", "look at one picture in so much time: 500ms, 1s"),
      .value("fps", "N", "look at so many pictures a second"),
      .value("budget", "TIME", "how old an answer may be when it is told (default 250ms); older ones are dropped"),
      .value("patience", "TIME", "connect anew where no picture came for so long (default 5s)"),
      .value("for", "TIME", "end after so much time"),
      .value(
        "device", "NAME", "where the network runs: cpu, gpu, npu, cuda, cuda:1, several with commas, auto (default cpu)"
      ),
      .value(
        "streams", "N", "inferences at the same time (default: as 'ridley tune' found for this model, else one a core)"),
      .flag("json", "print one JSON object a picture, with every prediction, and one with all figures in the end"),
      .flag("quiet", "print nothing but errors"),
    ] + ModelOptions.all
  let examples = [
    "ridley watch rtsp://camera/stream --model yolox-nano",
    "ridley watch 'clip.mp4?loop=1' --pipeline people.yaml --json",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    var all: [LiveStream.Settings] = []
    for text in arguments.positionals { all.append(try settings(of: text, arguments)) }
    let pipeline = try pipeline(arguments)
    if let refusal = pipeline.refusalOfLive { throw refusal }
    let end = try arguments.seconds("for").map { Clock.now + UInt64($0 * 1e9) } ?? .max
    Interrupt.watch()
    let outlet = arguments.has("json") ? WatchLines(pipeline) : nil
    let seen = Mutex(SeenLabels())
    let events = outlet == nil && !arguments.has("quiet") ? WatchEvents() : nil
    let networks = SharedNetworks()
    let streams = try all.map { (settings) throws(Fault) in
      try LiveStream(
        settings, on: networks, load: { () throws(Fault) in pipeline },
        tell: { result, _ in
          outlet?.write(result, of: settings.name)
          seen.withLock { $0.add(result.predictions) }
        },
        happen: { happened in
          outlet?.write(happened, of: settings.name)
          events?.add(happened, of: settings.name)
        })
    }
    let text = WatchText(isQuiet: arguments.has("quiet") || arguments.has("json"))
    while !Interrupt.isAsked, Clock.now < end, !streams.allSatisfy({ $0.figures.state == .ended }),
      outlet?.isGone != true
    {
      events?.show(text)
      text.show(streams.map { ($0.settings.name, $0.figures) }, seen.withLock { $0.take() })
    }
    text.clear()
    for stream in streams { stream.stop() }
    events?.show(text)
    let figures = streams.map { ($0.settings.name, $0.figures) }
    if arguments.has("json") {
      try Terminal.print(WatchText.json(figures))
    } else if !arguments.has("quiet") {
      try Terminal.print(WatchText.summary(figures))
    }
    return figures.allSatisfy { $0.1.delivered == 0 } ? ExitCode(.unavailable) : .success
  }

  private func settings(of text: String, _ arguments: Arguments) throws(Fault) -> LiveStream.Settings {
    let source = try StreamSource(text)
    var settings = LiveStream.Settings(name: source.shown, source: source)
    if let budget = try arguments.seconds("budget") { settings.budget = budget * 1000 }
    if let patience = try arguments.seconds("patience") { settings.patience = patience }
    return settings
  }

  private func pipeline(_ arguments: Arguments) throws(Fault) -> LoadedPipeline {
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    var options = LoadOptions()
    options.device = try ModelOptions.device(arguments)
    options.streams = try arguments.integer("streams", in: 1...256)
    if let path = arguments["pipeline"] {
      let resolver = try PipelineResolver(path, models: arguments["models"], cache: engine.cacheFolder) {
        () throws(Fault) in engine
      }
      let models = try resolver.find(mustBeHere: true)
      return try LoadedPipeline(resolver.file.pipeline, models: models, on: engine) { model in
        options.tuned(for: model, by: EngineCache.standard.settings)
      }
    }
    guard let name = arguments["model"] else {
      throw arguments.refusal(
        "say which model: --model NAME (see 'ridley model list') or --model FILE; or --pipeline FILE")
    }
    var sampling = Sampling.all
    guard arguments["every"] == nil || arguments["fps"] == nil else {
      throw arguments.refusal("--every and --fps cannot be had together")
    }
    if let seconds = try arguments.seconds("every") { sampling = .every(seconds: seconds) }
    if let rate = try arguments.number("fps", in: 0.000_01...1000) { sampling = .fps(rate) }
    let model = try ModelOptions.resolver(arguments, on: engine).find(name, try ModelOptions.overrides(arguments))
    let loaded = try LoadedModel(
      model, options: options.tuned(for: model, by: EngineCache.standard.settings), on: engine)
    return LoadedPipeline(loaded, sampling: sampling)
  }
}

/// What was seen since it was last told.
private struct SeenLabels {
  private var counts: [String: Int] = [:]

  mutating func add(_ predictions: [Prediction]) {
    counts.removeAll(keepingCapacity: true)
    for prediction in predictions where counts.count < 100 {
      counts[prediction.label ?? prediction.kind.rawValue, default: 0] += 1
    }
  }

  func take() -> [(label: String, count: Int)] {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }
}

/// One line of JSON for each picture.
private final class WatchLines: Sendable {
  private let models: [String]
  private let hasEnded = Atomic(false)

  init(_ pipeline: LoadedPipeline) { models = pipeline.models.map(\.identity) }

  /// Whoever reads has gone.
  var isGone: Bool { hasEnded.load(ordering: .relaxed) }

  func write(_ happened: LiveStream.Happened, of stream: String) {
    for happening in happened.happenings {
      let line = JSONText.line { json in
        json.field("stream", stream)
        json.field("origin", happened.origin, digits: 6)
        HappeningJSON.write(members: happening, into: &json)
      }
      do throws(Fault) { try Terminal.print(line) } catch { hasEnded.store(true, ordering: .relaxed) }
    }
  }

  func write(_ result: LiveStream.Result, of stream: String) {
    let line = JSONText.line { json in
      json.field("stream", stream)
      json.field("frame", result.index)
      json.field("pts", ifKnown: result.pts)
      json.field("time", result.time, digits: 6)
      json.field("captured", result.captured, digits: 6)
      json.field("age", result.age, digits: 1)
      json.array("predictions") { json in
        for prediction in result.predictions {
          PredictionJSON.write(prediction, at: nil, model: models[prediction.step], into: &json)
        }
      }
    }
    do throws(Fault) { try Terminal.print(line) } catch { hasEnded.store(true, ordering: .relaxed) }
  }
}
