import Analysis
import Base
import Execution
import Glibc
import Inference
import Isolation
import Media
import Reports
import Vision

/// The child's part of `ridley analyze`: file after file, each with its own report, failures told and passed over.
final class AnalyzeRun {
  private let arguments: Arguments
  private let pipeline: LoadedPipeline
  private let files: [String]
  private let prefetched: PrefetchedReader?
  private let outlet: MessageWriter
  private let teller: any AnalyzeOutputFormatter
  private var folders: Set<String> = []

  init(
    _ arguments: Arguments, _ pipeline: LoadedPipeline, files: [String], prefetched: PrefetchedReader?,
    outlet: MessageWriter
  ) {
    (self.arguments, self.pipeline, self.files, self.prefetched) = (arguments, pipeline, files, prefetched)
    self.outlet = outlet
    teller =
      arguments.has("json")
      ? JSONFormatter(pipeline, outlet: outlet) : TextFormatter(isQuiet: arguments.has("quiet"), outlet: outlet)
  }

  /// Analyses the files from number `first` on; a fault of this is the end of the whole run.
  func run(from first: Int) throws(Fault) {
    try outlet.send(AnalyzeMessage.ready(JSONFormatter.describe(pipeline)).message)
    // Those before have taken their folders.
    for file in files[..<first] { _ = folder(for: file) }
    for (number, file) in files.enumerated().dropFirst(first) where !Interrupt.isAsked {
      try outlet.send(AnalyzeMessage.file(number).message)
      do {
        try analyze(file, number: number)
      } catch {
        try outlet.send(AnalyzeMessage.failed(error).message)
        // What no file can do will fail for the next one too.
        if error.kind == .exhausted { break }
      }
    }
  }

  private func analyze(_ file: String, number: Int) throws(Fault) {
    let analyzer = try Analyzer(file, pipeline: pipeline, prefetched: prefetched)
    let header = header()
    let report = try ReportWriter(
      folder(for: file), header: header, drawing: arguments.has("video") ? analyzer.info : nil)
    let title =
      files.count > 1 ? "[\(number + 1)/\(files.count)] \(FileSystem.name(of: file))" : FileSystem.name(of: file)
    let bar = ProgressBar(title, isQuiet: arguments.has("quiet"))
    defer { bar.clear() }
    try outlet.send(AnalyzeMessage.opened.message)
    try teller.begin()
    var summary = try analyzer.run(
      isStopped: { Interrupt.isAsked },
      progress: {
        SharedFlags.beat()
        Self.show($0, on: bar)
      },
      each: { (frame, stamp, predictions) throws(Fault) in
        SharedFlags.beat()
        try report.add(frame, stamp, predictions)
        try teller.add(stamp, predictions)
      })
    for model in pipeline.models {
      guard model.isTuned, let setting = model.setting else { continue }
      summary.notes.append("\(model.name) run as tuned for this machine: \(setting.text)")
    }
    let finished = try report.finish(summary, index: analyzer.frameIndex)
    bar.clear()
    try teller.end(finished, header, report: report.path)
  }

  private static func show(_ progress: Analyzer.Progress, on bar: ProgressBar) {
    let share = progress.duration.flatMap { $0 > 0 ? progress.position / $0 : nil }
    bar.show(
      share: share,
      detail: {
        let rate = progress.elapsed > 0 ? Double(progress.framesAnalyzed) / progress.elapsed : 0
        var text = "\(progress.framesAnalyzed) frames, \(Int(rate))/s"
        if let share, share > 0.01 {
          text += ", \(NumberFormat.clock(progress.elapsed / share * (1 - min(1, share)))) left"
        }
        return text
      }())
  }

  /// The folder asked for; with several files, one inside it for each, never the same twice.
  private func folder(for file: String) -> String {
    let name = FileSystem.name(of: file)
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    let base = stem.isEmpty ? name : stem
    if let output = arguments["output"], files.count == 1 { return output }
    let parent = arguments["output"] ?? "ridley-report"
    var (path, count) = ("\(parent)/\(base)", 1)
    while !folders.insert(path).inserted {
      count += 1
      path = "\(parent)/\(base)-\(count)"
    }
    return path
  }

  private func header() -> RunHeader {
    let model = pipeline.models[0]
    var header = RunHeader(modelName: model.name, modelDigest: model.digest, task: model.recipe.task)
    header.labels = pipeline.labels
    header.pipelineDigest = pipeline.digest
    header.models = pipeline.isPlain ? [] : pipeline.models.map(\.identity)
    header.tellsTracks = !pipeline.isPlain
    (header.precision, header.device) = (model.precision, model.device)
    header.engine = "OpenVINO \(Engine.version)"
    header.ridleyVersion = Version.text
    header.sampling = samplingText
    header.networkInput = "\(model.input) \(model.recipe.input.color.rawValue)"
    header.started = UTC.text(time(nil))
    return header
  }

  private var samplingText: String {
    switch pipeline.sampling {
    case .all: "every frame"
    case .every(let seconds): "one frame in \(seconds) s"
    case .fps(let rate): "\(rate) frames a second"
    case .keyFrames: "key frames"
    }
  }
}
