import Analysis
import Base
import Inference
import Isolation
import Media
import ModelHub

/// Runs a model over videos and pictures: the main job.
struct AnalyzeCommand: Command {
  let path = ["analyze"]
  let summary = "Run a model over videos and pictures and report what it sees"
  let positionals = [
    Positional(name: "file", help: "a video or picture, or a quoted pattern such as 'footage/*.mp4'", repeats: true)
  ]
  let options: [Option] =
    [
      .value("model", "NAME|FILE", "a model of 'ridley model list', or any network file (required)"),
      .value("output", "FOLDER", "where reports go (default ridley-report/<file>)"),
      .flag("json", "print one JSON object with every prediction"),
      .flag("video", "write an annotated MP4 of the analysed frames; for a picture, a JPEG"),
      .flag("quiet", "print nothing but errors"),
      .value("every", "TIME", "look at one frame in so much time: 500ms, 1s, 2m"),
      .value("fps", "N", "look at so many frames a second"),
      .flag("key-frames", "look at key frames only: the quickest"),
      .value("device", "NAME", "where the network runs (default CPU)"),
      .value(
        "streams", "N", "inferences at the same time (default: as 'ridley tune' found for this model, else one a core)"),
      .value("batch", "N", "pictures in one inference, at most (default: as tuned, else 1)"),
      .value("stall-timeout", "TIME", "give a file up when nothing comes of it for so long (default 2m)"),
    ] + ModelChoice.options
  let examples = [
    "ridley analyze clip.mp4 --model line-inspector",
    "ridley analyze clip.mp4 --model yolox-nano --every 1s --output out --video",
    "ridley analyze 'footage/*.mp4' --model yolox-nano --json > found.json",
    "ridley analyze picture.jpg --model ./net.onnx --labels labels.txt --normalize unit",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let name = arguments["model"] else {
      throw arguments.refusal("say which model: --model NAME (see 'ridley model list') or --model FILE")
    }
    let sampling = try sampling(arguments)
    let options = try loadOptions(arguments)
    let files = try FilePattern.expand(arguments.positionals)
    let foreman = try AnalyzeForeman(arguments, model: name, files: files)
    return try foreman.run { outlet, first, trustsKept in
      do throws(Fault) {
        let engine = try Engine(cacheFolder: EngineCache.folder)
        let model = try ModelChoice.find(name, arguments, on: engine)
        let tuned = tuned(model, arguments)
        var options = tuned ?? options
        options.trustsKept = trustsKept
        let loaded = try LoadedModel(model, options: options, on: engine)
        let run = AnalyzeRun(arguments, loaded, sampling: sampling, files: files, outlet: outlet)
        run.isTuned = tuned != nil
        try run.run(from: first)
        return .success
      } catch {
        // Nobody listens any more where the parent has ended.
        try? outlet.send(AnalyzeMessage.refused(error).message)
        return ExitCode(error.kind)
      }
    }
  }

  private func sampling(_ arguments: Arguments) throws(Fault) -> Sampling {
    let said = ["every", "fps"].filter { arguments[$0] != nil } + (arguments.has("key-frames") ? ["key-frames"] : [])
    guard said.count <= 1 else {
      throw arguments.refusal("\(said.map { "--" + $0 }.joined(separator: " and ")) cannot be had together")
    }
    if let seconds = try arguments.seconds("every") { return .every(seconds: seconds) }
    if let rate = try arguments.number("fps", in: 0.000_01...1000) { return .fps(rate) }
    return arguments.has("key-frames") ? .keyFrames : .all
  }

  /// What was tuned for this model and machine, unless the user says how it shall run.
  private func tuned(_ model: Model, _ arguments: Arguments) -> LoadedModel.Options? {
    guard arguments["streams"] == nil, arguments["batch"] == nil else { return nil }
    let device = arguments["device"] ?? "CPU"
    let precision = CompileOptions.Precision(of: model)
    return EngineCache.settings?.find(model.networkDigest, device: device, precision: precision).map {
      LoadedModel.Options($0, device: device)
    }
  }

  private func loadOptions(_ arguments: Arguments) throws(Fault) -> LoadedModel.Options {
    var options = LoadedModel.Options()
    options.device = arguments["device"] ?? "CPU"
    options.streams = try arguments.integer("streams", in: 1...256)
    options.batch = try arguments.integer("batch", in: 1...256) ?? 1
    return options
  }
}
