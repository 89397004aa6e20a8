import Analysis
import Base
import Execution
import Inference
import Isolation
import Media
import Pipelines
import Predictions
import Reports
import Vision

/// The child's part of `ridley analyze`: file after file, each with its own report, failures told and passed over.
final class AnalyzeRun {
  private let arguments: Arguments
  let pipeline: LoadedPipeline
  let inputs: InputFiles
  private let prefetched: PrefetchedReader?
  private let outlet: MessageWriter
  private let teller: any AnalyzeOutputFormatter
  private let pace: ProgressBar.Pace
  private let fetchLimit: Int
  let library: LibrarySink?
  private let wishes: ShotOptions
  /// It is one of several workers: nothing is drawn on the terminal, and files are decoded on one thread.
  private let isWorker: Bool

  /// Where reports go unless the command line says it.
  static let usualFolder = "ridley-report"

  init(
    _ arguments: Arguments, _ pipeline: LoadedPipeline, inputs: InputFiles, prefetched: PrefetchedReader?,
    outlet: MessageWriter, isWorker: Bool = false
  ) throws(Fault) {
    self.isWorker = isWorker
    (self.arguments, self.pipeline, self.inputs, self.prefetched) = (arguments, pipeline, inputs, prefetched)
    self.outlet = outlet
    library = try LibrarySink(arguments, pipeline)
    wishes = try ShotOptions(arguments)
    fetchLimit = try arguments.bytes("fetch-limit") ?? AnalyzeCommand.usualFetchLimit
    pace = ProgressBar.Pace(seconds: try arguments.seconds("progress") ?? 10)
    teller =
      arguments.has("json")
      ? JSONFormatter(pipeline, outlet: outlet) : TextFormatter(isQuiet: arguments.has("quiet"), outlet: outlet)
  }

  /// Analyses the files from number `first` on; a fault of this is the end of the whole run.
  func run(from first: Int) throws(Fault) {
    try begin()
    for (number, file) in inputs.files.enumerated().dropFirst(first) where !Interrupt.isAsked {
      try outlet.send(AnalyzeMessage.file(number).message)
      // What no file can do will fail for the next one too.
      if try analyze(file, number)?.kind == .exhausted { break }
    }
  }

  /// Everything is loaded.
  func begin() throws(Fault) {
    if !arguments.has("force") { try checkFolders() }
    for file in inputs.files { try wishes.prepare(folder(for: file), file.stem, replaces: arguments.has("force")) }
    try outlet.send(AnalyzeMessage.ready(JSONFormatter.describe(pipeline), labels: pipeline.labels).message)
  }

  /// Analyses one file in one go; why it failed is told, and answered where it was opened.
  @discardableResult func analyze(_ file: InputFile, _ number: Int) throws(Fault) -> Fault? {
    let opened: OpenedInput
    do throws(Fault) {
      opened = try OpenedInput.open(file, limit: fetchLimit, bar: bar(file, number))
    } catch {
      // What cannot be had at all says nothing of the next one.
      try outlet.send(AnalyzeMessage.failed(error).message)
      return nil
    }
    do throws(Fault) {
      try analyze(file, opened, number: number)
      return nil
    } catch {
      try outlet.send(AnalyzeMessage.failed(error).message)
      return error
    }
  }

  /// Before any work: no report of something else is where one will be written.
  private func checkFolders() throws(Fault) {
    if inputs.isList { try ReportIdentity.check(Self.folder(arguments), pipeline: pipeline.digest) }
    for file in inputs.files { try ReportIdentity.check(folder(for: file), pipeline: pipeline.digest) }
  }

  private func bar(_ file: InputFile, _ number: Int) -> ProgressBar {
    let title = inputs.files.count > 1 ? "[\(number + 1)/\(inputs.files.count)] \(file.name)" : file.name
    return ProgressBar(title, isQuiet: isWorker || arguments.has("quiet"), pace: pace)
  }

  private func analyze(_ file: InputFile, _ opened: OpenedInput, number: Int) throws(Fault) {
    let kept = try library?.begin(file, path: opened.path) { (id) throws(Fault) in
      try outlet.send(AnalyzeMessage.asset(id).message)
    }
    let bar = bar(file, number)
    defer { bar.clear() }
    let light = try rendition(of: kept ?? opened.path, file.shown, bar)
    defer { withExtendedLifetime(light) {} }
    // Frames of windows wait long for their answers: the few pictures that are shown are found again.
    let keepsPictures = !pipeline.hasWindows || arguments.has("video")
    let analyzer = try Analyzer(
      light?.path ?? kept ?? opened.path, pipeline: pipeline, prefetched: prefetched,
      decoderThreads: isWorker ? 1 : 0, naming: (file.name, file.shown), standIn: light?.standIn,
      keepsPictures: keepsPictures)
    let header = header()
    let report = try report(file, header, analyzer, light, keepsPictures: keepsPictures)
    try outlet.send(AnalyzeMessage.opened.message)
    try teller.begin()
    let summary = try analyzer.run(
      isStopped: { Interrupt.isAsked },
      progress: {
        SharedFlags.beat()
        Self.show($0, on: bar)
      },
      happened: { (happenings) throws(Fault) in
        try report.add(happenings)
        try teller.add(happenings, file.name)
      },
      each: { (frame, stamp, predictions) throws(Fault) in
        SharedFlags.beat()
        if let frame { try report.add(frame, stamp, predictions) } else { try report.add(stamp, predictions) }
        try library?.add(stamp, predictions)
        try teller.add(stamp, predictions)
      })
    let files = ShotFiles(wishes, of: kept ?? opened.path, file, analyzer.info, analyzer.frameIndex, bar)
    // The index is of the file that it was made of, and a copy is gone with this run.
    try finish(
      summary, header, report, files, index: analyzer.frameIndex, isKept: kept != nil || opened.isOriginal)
  }

  /// The files of a report, before anything is told; pictures that are not kept are found again in the end.
  private func report(
    _ file: InputFile, _ header: RunHeader, _ analyzer: Analyzer, _ light: ScratchRendition?, keepsPictures: Bool
  ) throws(Fault) -> ReportWriter {
    var drawn = analyzer.info
    if let light { drawn.size = light.standIn.rendition.size }
    var pictures: ((FrameStamp) throws(Fault) -> Frame)?
    if !keepsPictures {
      pictures = { (stamp) throws(Fault) in
        SharedFlags.beat()
        return try analyzer.picture(at: stamp.index)
      }
    }
    return try ReportWriter(
      folder(for: file), header: header, drawing: arguments.has("video") ? drawn : nil, watched: watched(file),
      pictures: pictures)
  }

  /// The rendition that the pipeline asks for; `nil` where the film is taken as it is.
  private func rendition(of path: String, _ shown: String, _ bar: ProgressBar) throws(Fault) -> ScratchRendition? {
    guard let settings = pipeline.pipeline.proxy else { return nil }
    do throws(Fault) {
      guard let film = try StandIn.film(path, settings) else { return nil }
      return try ScratchRendition(of: path, film, settings) { (time) throws(Fault) in
        SharedFlags.beat()
        guard !Interrupt.isAsked else { throw Fault(.closed, "stopped while the rendition was made") }
        bar.show(share: nil, detail: "a rendition of \(settings.text), \(NumberFormat.clock(time))")
      }
    } catch { throw error.at(shown) }
  }

  /// Puts parts of a film together that were looked at by several workers, in the seconds that have passed since.
  func merge(
    _ file: InputFile, path: String, index: FrameIndex, parts: Int, isStopped: Bool, elapsed: Double,
    open: (Int) throws(Fault) -> FrameAnswerReader
  ) throws(Fault) {
    let clock = Stopwatch()
    _ = try library?.begin(file, path: path) { (id) throws(Fault) in
      try outlet.send(AnalyzeMessage.asset(id).message)
    }
    let merge = try ChunkMerge(path, index: index, pipeline: pipeline, naming: (file.name, file.shown))
    let header = header()
    let report = try ReportWriter(folder(for: file), header: header, watched: watched(file)) { (stamp) throws(Fault) in
      SharedFlags.beat()
      return try merge.frame(at: stamp.index)
    }
    try outlet.send(AnalyzeMessage.opened.message)
    try teller.begin()
    var summary = try merge.run(
      parts: parts, isStopped: isStopped, open: open, beat: { SharedFlags.beat() },
      happened: { (happenings) throws(Fault) in
        try report.add(happenings)
        try teller.add(happenings, file.name)
      },
      each: { (stamp, predictions) throws(Fault) in
        try report.add(stamp, predictions)
        try library?.add(stamp, predictions)
        try teller.add(stamp, predictions)
      })
    summary.secondsElapsed = elapsed + clock.seconds
    let files = ShotFiles(wishes, of: path, file, merge.info, merge.frameIndex, bar(file, 0))
    try finish(summary, header, report, files, index: isStopped ? nil : merge.frameIndex, isKept: true)
  }

  /// The name of a file in which something may happen.
  private func watched(_ file: InputFile) -> String? { pipeline.pipeline.watches ? file.name : nil }

  private func finish(
    _ summary: FileSummary, _ header: RunHeader, _ report: ReportWriter, _ files: ShotFiles,
    index: PackedFrameIndex?, isKept: Bool
  ) throws(Fault) {
    var summary = summary
    // What was found is kept, whatever becomes of clips and pictures.
    let failure = files.write(beside: report.path, header, &summary)
    for model in pipeline.models {
      guard model.isTuned, let setting = model.setting else { continue }
      summary.notes.append("\(model.name) run as tuned for this machine: \(setting.text)")
    }
    let finished = try report.finish(summary, index: isKept ? index : nil)
    try library?.finish(finished, index: index)
    if let failure { throw failure }
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

  /// The folder of the whole run.
  static func folder(_ arguments: Arguments) -> String { arguments["output"] ?? usualFolder }

  /// The folder asked for; with a list of files, one inside it for each.
  ///
  /// Where none was asked for, a report of another model keeps its folder and this one gets another.
  private func folder(for file: InputFile) -> String {
    if let output = arguments["output"], !inputs.isList { return output }
    let folder = "\(Self.folder(arguments))/\(file.stem)"
    guard !inputs.isList, !arguments.has("force") else { return folder }
    return ReportIdentity.free(folder, pipeline: pipeline.digest)
  }

  private func header() -> RunHeader {
    guard let model = pipeline.models.first else { return headerWithoutModel }
    var header = RunHeader(modelName: model.name, modelDigest: model.digest, task: model.recipe.task)
    header.labels = pipeline.labels
    header.pipelineDigest = pipeline.digest
    header.models = pipeline.isPlain ? [] : pipeline.models.map(\.identity)
    header.tellsTracks = !pipeline.isPlain
    (header.precision, header.device) = (model.precision, model.device)
    header.engine = model.engine
    header.ridleyVersion = Version.text
    header.sampling = samplingText
    header.networkInput = "\(model.input) \(model.recipe.input.color.rawValue)"
    header.started = UTC.text(Clock.date)
    return header
  }

  /// Of a pipeline that asks no network.
  private var headerWithoutModel: RunHeader {
    var header = RunHeader(modelName: "built-in", modelDigest: Version.text, task: .shotBoundary)
    (header.pipelineDigest, header.ridleyVersion, header.sampling) = (pipeline.digest, Version.text, samplingText)
    (header.engine, header.precision, header.device, header.networkInput) = ("none", "none", "none", "none")
    header.started = UTC.text(Clock.date)
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
