import Analysis
import Base
import Execution
import Glibc
import Inference
import Isolation
import Loading
import Media
import Pipelines
import Predictions
import Reports

/// Says what a lighter rendition of a film does to a pipeline's answers.
struct PipelineDriftCommand: Command {
  let path = ["pipeline", "drift"]
  let summary = "Measure what a smaller, slower rendition of a film does to a pipeline's answers"
  let positionals = [
    Positional(name: "pipeline", help: "a pipeline in YAML; see docs/pipelines.md"),
    Positional(name: "film", help: "a film that is like those that the pipeline is meant for"),
  ]
  let options = [
    Option.value(
      "proxy", "LINES[@FPS]", "the rendition: its height, and frames a second (default the pipeline's, else 360p)"),
    Option.value("overlap", "0..1", "from which intersection over union two boxes are of one thing (default 0.5)"),
    Option.value("keep", "FILE", "keep the rendition in this file"),
    Option.value("models", "FOLDER", "look for models in this folder first"),
    Option.flag("json", "print one JSON object"),
  ]
  let examples = [
    "ridley pipeline drift masks.yaml clip.mp4 --proxy 360p",
    "ridley pipeline drift masks.yaml clip.mp4 --proxy 240p@5 --json",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let least = try arguments.number("overlap", in: 0.01...1) ?? 0.5
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let resolver = try PipelineResolver(
      arguments.positionals[0], models: arguments["models"], cache: engine.cacheFolder,
      engine: { () throws(Fault) in engine })
    let settings = try Self.settings(arguments, resolver.file.pipeline)
    guard resolver.file.pipeline.sample != .keyFrames else {
      throw Fault(
        .badInput,
        "\(arguments.positionals[0]): sample: key-frames looks at other frames of a rendition than of its film: take {every: 1s} to compare them"
      )
    }
    let models = try resolver.find(mustBeHere: true)
    let pipeline = try LoadedPipeline(resolver.file.pipeline, models: models, on: engine) { (model) in
      var options = LoadOptions().tuned(for: model, by: EngineCache.standard.settings)
      options.isWarmed = false
      return options
    }
    let (file, folder) = try Self.place(arguments)
    defer {
      if let folder {
        try? FileSystem.remove(file)
        rmdir(folder)
      }
    }
    let report = try measure(arguments.positionals[1], pipeline, settings, least, file, arguments.has("json"))
    try Terminal.print(arguments.has("json") ? report.json : report.text)
    return .success
  }

  private func measure(
    _ film: String, _ pipeline: LoadedPipeline, _ settings: Rendition.Settings, _ least: Double, _ file: String,
    _ isQuiet: Bool
  ) throws(Fault) -> DriftReport {
    let bar = ProgressBar("rendition", isQuiet: isQuiet, pace: ProgressBar.Pace(seconds: 10))
    let made = Stopwatch()
    let rendition: Rendition
    do throws(Fault) {
      rendition = try Rendition.make(of: film, at: file, settings) { (time) throws(Fault) in
        try Self.goOn()
        bar.show(share: nil, detail: NumberFormat.clock(time))
      }
    } catch { throw error.at(FileName.shown(film)) }
    bar.clear()
    var report = DriftReport(film: film, pipeline: pipeline, settings: settings, rendition: rendition, least: least)
    report.makingSeconds = made.seconds
    report.byteCount = (try FileSystem.byteCount(of: film), try FileSystem.byteCount(of: file))
    var light: [Int: [Prediction]] = [:]
    var spans = SpanCollector()
    let standIn = StandIn(rendition, for: try MediaReader(film).info)
    report.light = try run(file, standIn, pipeline, "rendition", isQuiet) { (frame, predictions) throws(Fault) in
      light[frame.index] = predictions
      spans.add(predictions, time: frame.time)
    }
    report.lightSpans = spans.spans
    spans = SpanCollector()
    report.full = try run(film, nil, pipeline, "film", isQuiet) { (frame, predictions) throws(Fault) in
      spans.add(predictions, time: frame.time)
      guard let other = light.removeValue(forKey: frame.index) else { return }
      report.agreement.add(reference: predictions, other: other)
    }
    report.fullSpans = spans.spans
    return report
  }

  /// One run, with how many frames it looked at and how long it took.
  private func run(
    _ path: String, _ standIn: StandIn?, _ pipeline: LoadedPipeline, _ title: String, _ isQuiet: Bool,
    _ each: (FrameStamp, [Prediction]) throws(Fault) -> Void
  ) throws(Fault) -> DriftReport.Run {
    let analyzer = try Analyzer(path, pipeline: pipeline, standIn: standIn)
    let bar = ProgressBar(title, isQuiet: isQuiet, pace: ProgressBar.Pace(seconds: 10))
    defer { bar.clear() }
    let before = ProcessFigures.now.cpuSeconds
    let summary = try analyzer.run(
      isStopped: { Interrupt.isAsked },
      progress: { progress in
        SharedFlags.beat()
        let share = progress.duration.flatMap { $0 > 0 ? progress.position / $0 : nil }
        bar.show(share: share, detail: "\(progress.framesAnalyzed) frames")
      },
      each: { (_, frame, predictions) throws(Fault) in try each(frame, predictions) })
    try Self.goOn()
    return DriftReport.Run(
      frames: summary.framesAnalyzed, cpuSeconds: ProcessFigures.now.cpuSeconds - before)
  }

  private static func goOn() throws(Fault) {
    SharedFlags.beat()
    guard !Interrupt.isAsked else { throw Fault(.closed, "stopped before there was anything to compare") }
  }

  /// What the command line says, else the pipeline.
  private static func settings(_ arguments: Arguments, _ pipeline: Pipeline) throws(Fault) -> Rendition.Settings {
    guard let text = arguments["proxy"] else { return pipeline.proxy ?? Rendition.Settings(height: 360) }
    guard let settings = Rendition.Settings(parsing: text) else {
      throw arguments.refusal("--proxy takes \(Rendition.Settings.expected), not '\(text)'")
    }
    return settings
  }

  /// Where the rendition is written, and the folder that goes with it when it is not kept.
  private static func place(_ arguments: Arguments) throws(Fault) -> (file: String, folder: String?) {
    if let file = arguments["keep"] {
      guard FileSystem.kind(of: file) == nil else {
        throw Fault(.usage, "--keep \(FileName.shown(file)): there is something of that name, which is not replaced")
      }
      return (file, nil)
    }
    let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    var pattern = Array("\(wanted)/ridley-drift-XXXXXX".utf8CString)
    guard mkdtemp(&pattern) != nil else { throw SystemError.last.fault("make a folder in", wanted) }
    let folder = String(decoding: pattern.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    return ("\(folder)/rendition.mp4", folder)
  }
}
