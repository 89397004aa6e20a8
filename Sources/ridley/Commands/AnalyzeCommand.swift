import Analysis
import Base
import Execution
import Inference
import Isolation
import Loading
import Media
import ModelHub
import Pipelines

/// Runs a model over videos and pictures: the main job.
struct AnalyzeCommand: Command {
  let path = ["analyze"]
  let summary = "Run a model over videos and pictures and report what it sees"
  let positionals = [
    Positional(
      name: "file",
      help:
        "a video or picture, a quoted pattern such as 'footage/*.mp4', a folder with all below it, an http(s) address, or - for standard input",
      repeats: true)
  ]
  let options: [Option] =
    [
      .value("model", "NAME|FILE", "a model of 'ridley model list', or any network file (this or --pipeline)"),
      .value("pipeline", "FILE", "a YAML file that says what is done, or names of 'ridley pipeline list'"),
      .value(
        "output", "FOLDER", "where reports go (default ridley-report/<file>); of several files, one folder each in it"),
      .flag("force", "replace a report there that was made with another model or other options"),
      .value("library", "DIR", "keep files and what is found in this library; an asset of it is named by its id"),
      .value("client", "NAME", "in the library: whose new assets are (default local)"),
      .value("brand", "NAME", "in the library: the brand of new assets"),
      .value("campaign", "NAME", "in the library: the campaign of new assets"),
      .value("tags", "WORD[,WORD]", "in the library: the tags of new assets"),
      .flag("json", "print one JSON object with every prediction"),
      .flag("video", "write an annotated MP4 of the analysed frames; for a picture, a JPEG"),
      .flag("quiet", "print nothing but errors"),
      .value("every", "TIME", "look at one frame in so much time: 500ms, 1s, 2m"),
      .value("fps", "N", "look at so many frames a second"),
      .flag("key-frames", "look at key frames only: the quickest"),
      .value(
        "device", "NAME", "where the network runs: cpu, gpu, npu, cuda, cuda:1, several with commas, auto (default cpu)"
      ),
      .value(
        "streams", "N", "inferences at the same time (default: as 'ridley tune' found for this model, else one a core)"),
      .value("batch", "N", "pictures in one inference, at most (default: as tuned, else 1)"),
      .value("workers", "N", "processes that share the files, and parts of long ones; the same answers (default 1)"),
      .choice(
        "profile", ["local", "edge"],
        "keep to one core and 512 MiB of memory (edge), or to what the machine has (local, the default)"),
      .value("stall-timeout", "TIME", "give a file up when nothing comes of it for so long (default 2m)"),
      .value("fetch-limit", "SIZE", "longest file fetched from an address or standard input (default 8GB)"),
      .value("progress", "TIME", "where no terminal shows it, a line of progress so often (default 10s)"),
    ] + CentreOptions.all + BreakOptions.all + ShotOptions.all + ModelOptions.all
  let examples = [
    "ridley analyze clip.mp4 --model line-inspector",
    "ridley analyze clip.mp4 --model yolox-nano --every 1s --output out --video",
    "ridley analyze 'footage/*.mp4' --model yolox-nano --json > found.json",
    "ridley analyze clip.mp4 --pipeline pipelines/people.yaml",
    "ridley analyze film.mp4 --pipeline shots",
    "ridley analyze film.mp4 --pipeline shots --split=clips --images --statistics",
    "ridley analyze footage/ --model yolox-nano --output out",
    "ridley analyze 'footage/*.mp4' --pipeline p.yaml --workers 4",
    "ridley analyze clip.mp4 --pipeline p.yaml --centre http://10.0.0.2:8080 --cut frames",
    "ridley analyze https://example.com/clip.mp4 --model yolox-nano",
    "ffmpeg -i in.mov -f matroska - | ridley analyze - --model yolox-nano",
    "ridley analyze 'footage/*.mp4' --pipeline p.yaml --library lib/ --client acme --brand Aurora",
    "ridley analyze picture.jpg --model ./net.onnx --labels labels.txt --normalize unit",
  ]

  /// What a pipeline does not say: where models are, where it runs, and what comes out.
  private static let besidePipelines =
    [
      "pipeline", "output", "force", "json", "video", "quiet", "device", "streams", "batch", "models", "stall-timeout",
      "fetch-limit", "progress", "library", "client", "brand", "campaign", "tags", "workers", "profile",
    ] + CentreOptions.names + BreakOptions.names + ShotOptions.names

  /// Bytes of one file from a server or from standard input.
  static let usualFetchLimit = 8_000_000_000

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let profile = try AnalyzeProfile(arguments)
    let load = try loader(arguments, profile)
    if let word = ["client", "brand", "campaign", "tags"].first(where: { arguments[$0] != nil }) {
      guard arguments["library"] != nil else { throw arguments.refusal("--\(word) is for --library alone") }
      _ = try GroupOptions.group(arguments)
    }
    let inputs = try InputFiles(arguments.positionals, besides: AnalyzeRun.folder(arguments)) { (word) throws(Fault) in
      try LibrarySink.file(ofAsset: word, arguments).map { InputFile(asset: word, path: $0.path, name: $0.name) }
    }
    if !arguments.has("quiet") { for note in inputs.notes { Terminal.complain("ridley: \(note)\n") } }
    // A pipeline's own is known only once it is read.
    let sampling = arguments["pipeline"] == nil ? try sampling(arguments) : nil
    let what = arguments["pipeline"].map { "pipeline \($0)" } ?? "model \(arguments["model"] ?? "")"
    let ledger = try AnalyzeLedger(arguments, work: what, inputs: inputs)
    let stall = try arguments.seconds("stall-timeout") ?? 120
    if let workers = try workers(arguments) { return try share(arguments, ledger, workers, stall, load) }
    return try AnalyzeSupervisor(ledger, stall: stall).run { outlet, first, usesCache in
      self.tell(outlet) { () throws(Fault) in
        // A crash while the first file is opened looks like one of the network's: on the second try nothing is prefetched.
        let path = usesCache ? inputs.files[first].plainPath : nil
        let prefetched = path.flatMap { path in sampling.map { PrefetchedReader(path, $0) } }
        let pipeline = try loaded(load, usesCache)
        let run = try AnalyzeRun(arguments, pipeline, inputs: inputs, prefetched: prefetched, outlet: outlet)
        try run.run(from: first)
        withExtendedLifetime(run) { ChildProcess.leave(ExitCode.success.rawValue) }
      }
    }
  }

  /// `nil` where one process does it all.
  private func workers(_ arguments: Arguments) throws(Fault) -> Int? {
    guard let workers = try arguments.integer("workers", in: 1...ChildGroup.most), workers > 1 else { return nil }
    if arguments.has("video") {
      throw arguments.refusal(
        "--video is drawn from front to back by one process: leave --workers out, or run again with --video alone")
    }
    if arguments["streams"] != nil {
      throw arguments.refusal("--streams and --workers cannot be had together: each worker has one stream")
    }
    return workers
  }

  /// Several processes, each with networks of its own.
  private func share(
    _ arguments: Arguments, _ ledger: AnalyzeLedger, _ workers: Int, _ stall: Double,
    _ load: @escaping (Engine, Bool) throws(Fault) -> LoadedPipeline
  ) throws(Fault) -> ExitCode {
    let pace = ProgressBar.Pace(seconds: try arguments.seconds("progress") ?? 10)
    let title = ledger.files.count > 1 ? "\(workers) workers" : ledger.files[0].name
    let bar = ProgressBar(title, isQuiet: arguments.has("quiet"), pace: pace)
    return try AnalyzeWorkers(ledger, workers: workers, stall: stall, bar: bar).run {
      number, tasks, outlet, scratch, usesCache in
      self.tell(outlet) { () throws(Fault) in
        let pipeline = try loaded(load, usesCache, isTold: number == 0)
        let run = try AnalyzeRun(
          arguments, pipeline, inputs: ledger.inputs, prefetched: nil, outlet: outlet, isWorker: true)
        let worker = AnalyzeWorker(run, scratch: scratch, workers: workers, outlet: outlet)
        try worker.work(tasks)
        withExtendedLifetime(worker) { ChildProcess.leave(ExitCode.success.rawValue) }
      }
    }
  }

  /// In a child: tells its parent why nothing can be analysed.
  private func tell(_ outlet: MessageWriter, _ work: () throws(Fault) -> Never) -> ExitCode {
    do throws(Fault) {
      try work()
    } catch {
      // Nothing listens any more where the parent has ended.
      try? outlet.send(AnalyzeMessage.refused(error).message)
      return ExitCode(error.kind)
    }
  }

  private func loaded(
    _ load: (Engine, Bool) throws(Fault) -> LoadedPipeline, _ usesCache: Bool, isTold: Bool = true
  ) throws(Fault) -> LoadedPipeline {
    let pipeline = try load(try Engine.ofProgram(cacheFolder: EngineCache.standard.folder), usesCache)
    for model in pipeline.models where isTold {
      for note in model.notes { Terminal.complain("ridley: model \(model.name): \(note)\n") }
    }
    return pipeline
  }

  /// Checks the options, and says how the pipeline is loaded: from its file, or as one model over a sampling.
  private func loader(
    _ arguments: Arguments, _ profile: AnalyzeProfile?
  ) throws(Fault) -> (Engine, Bool) throws(Fault) -> LoadedPipeline {
    let options = try loadOptions(arguments)
    let sharesCores = try workers(arguments) != nil
    let asked = try AskedCut(arguments)
    if let path = arguments["pipeline"] {
      let said = self.options.map(\.name).filter { arguments[$0] != nil || arguments.has($0) }
      if let other = said.first(where: { !Self.besidePipelines.contains($0) }) {
        throw arguments.refusal("--\(other) and --pipeline cannot be had together: \(path) says what is done")
      }
      return { (engine, usesCache) throws(Fault) in
        let resolver = try PipelineResolver(
          path, models: arguments["models"], cache: engine.cacheFolder, engine: { () throws(Fault) in engine })
        let models = try resolver.find(mustBeHere: true)
        let pipeline = try BreakOptions.apply(arguments, to: resolver.file.pipeline)
        try ShotOptions.check(arguments, pipeline)
        try profile?.keep(models, options, on: engine)
        let ofModel = { (model: Model) in self.options(options, for: model, usesCache, sharesCores: sharesCores) }
        guard let asked else { return try LoadedPipeline(pipeline, models: models, on: engine, options: ofModel) }
        return try asked.load(pipeline, models: models, on: engine, arguments, options: ofModel)
      }
    }
    if let said = ShotOptions.names.first(where: arguments.has) {
      throw arguments.refusal("--\(said) is about shots, which a model alone does not find: take --pipeline shots")
    }
    if let said = BreakOptions.names.first(where: { arguments[$0] != nil }) {
      throw arguments.refusal("--\(said) is about breaks, which a model alone does not find: take --pipeline breaks")
    }
    guard let name = arguments["model"] else {
      throw arguments.refusal(
        "say which model: --model NAME (see 'ridley model list') or --model FILE; or --pipeline FILE")
    }
    let sampling = try sampling(arguments)
    let overrides = try ModelOptions.overrides(arguments)
    return { (engine, usesCache) throws(Fault) in
      let model = try ModelOptions.resolver(arguments, on: engine).find(name, overrides)
      let options = self.options(options, for: model, usesCache, sharesCores: sharesCores)
      try profile?.keep([model], options, on: engine)
      let loaded =
        if let asked { try asked.load(model, arguments) } else { try LoadedModel(model, options: options, on: engine) }
      return LoadedPipeline(loaded, sampling: sampling)
    }
  }

  /// Which frames the options ask for.
  func sampling(_ arguments: Arguments) throws(Fault) -> Sampling {
    let said = ["every", "fps"].filter { arguments[$0] != nil } + (arguments.has("key-frames") ? ["key-frames"] : [])
    guard said.count <= 1 else {
      throw arguments.refusal("\(said.map { "--" + $0 }.joined(separator: " and ")) cannot be had together")
    }
    if let seconds = try arguments.seconds("every") { return .every(seconds: seconds) }
    if let rate = try arguments.number("fps", in: 0.000_01...1000) { return .fps(rate) }
    return arguments.has("key-frames") ? .keyFrames : .all
  }

  /// As tuned for this model and machine, unless the user says how it shall run.
  private func options(
    _ said: LoadOptions, for model: Model, _ usesCache: Bool, sharesCores: Bool
  ) -> LoadOptions {
    var options = said.tuned(for: model, by: EngineCache.standard.settings)
    if sharesCores { options = options.ofOneStream }
    options.usesCache = usesCache
    options.isWarmed = false  // no picture is waited for more than another
    return options
  }

  private func loadOptions(_ arguments: Arguments) throws(Fault) -> LoadOptions {
    var options = LoadOptions()
    options.device = try ModelOptions.device(arguments)
    options.streams = try arguments.integer("streams", in: 1...256)
    options.batch = try arguments.integer("batch", in: 1...256)
    return options
  }
}
