import Analysis
import Base
import Isolation
import Reports

/// Has files analysed in a child process, prints what it tells, and goes on with a new one after a crash.
///
/// A file that crashes or hangs its process is one failure among the others. Only this process writes to standard
/// output, in whole pieces, so what it prints is well formed however the child ends.
final class AnalyzeSupervisor {
  /// What is loaded, for a person.
  private let work: String
  private let inputs: InputFiles
  private var files: [InputFile] { inputs.files }
  /// Where a list of files is told of together, and how far that is.
  private let folder: String
  private let isQuiet: Bool
  private var report: RunReport?
  private let stall: Double
  private var output: AnalyzeOutput
  private var isReady = false
  /// The file in work.
  private var current: Int?
  /// The asset that it is, in the library where there is one.
  private var asset: String?
  private let library: String?
  /// The first file that was not looked at.
  private var next = 0
  private var failures: [Fault] = []
  private var refusal: Fault?
  /// What earlier runs cached may be damaged: a crash over it is tried once more without.
  private var usesCache = true

  init(_ arguments: Arguments, work: String, inputs: InputFiles) throws(Fault) {
    (self.work, self.inputs) = (work, inputs)
    (folder, isQuiet) = (AnalyzeRun.folder(arguments), arguments.has("quiet"))
    stall = try arguments.seconds("stall-timeout") ?? 120
    output = AnalyzeOutput(isJSON: arguments.has("json"))
    library = try arguments["library"].map { (folder) throws(Fault) in try LibraryPlace.folder(folder) }
  }

  /// `work` analyses the files from the given one on, in the child; it is told whether compiled networks that were
  /// cached may be taken.
  func run(_ work: (MessageWriter, Int, Bool) -> ExitCode) throws(Fault) -> ExitCode {
    Interrupt.watch()
    do throws(Fault) {
      try runAll(work)
    } catch {
      guard output.hasBegun else { throw error }
      Terminal.complain(of: error)
      try? output.end(error)
      return ExitCode(error.kind)
    }
    try finishReport()
    try output.end(report: report?.path)
    return exitCode
  }

  private func runAll(_ work: (MessageWriter, Int, Bool) -> ExitCode) throws(Fault) {
    repeat {
      let first = next
      isReady = false
      let ending = try ChildProcess.run(
        stall: { isReady ? stall : IsolatedCommand.patience }, isStopped: { Interrupt.isAsked },
        receive: { (message) throws(Fault) in try receive(message) },
        caughtUp: { () throws(Fault) in try output.flush() },
        work: { work($0, first, usesCache).rawValue })
      if let refusal { throw refusal }
      guard let reason = ending.reason else { break }
      try settle(reason)
    } while next < files.count && !Interrupt.isAsked
  }

  private func receive(_ message: Message) throws(Fault) {
    switch AnalyzeMessage(message) {
    case .ready(let json, let labels):
      isReady = true
      output.begin(json)
      if inputs.isList, report == nil { report = try RunReport(folder, loaded: json, labels: labels) }
    case .file(let number): (current, next, asset) = (number, number + 1, nil)
    case .asset(let id): asset = id
    case .opened: try output.begin(file: files[current!].shown)
    case .predictions(let json): try output.add(json)
    case .text(let text): try output.add(text: text)
    case .done(let summary, let folder, var entry):
      entry.report = current.map { files[$0].stem }
      current = nil
      try output.end(summary: summary, report: folder)
      try report?.add(entry)
    case .failed(let fault): try fail(fault)
    case .refused(let fault): refusal = fault
    case nil: throw Fault(.bug, "a child process said what nobody understands")
    }
  }

  /// The child is gone, and the file that it was at is to blame.
  private func settle(_ reason: String) throws(Fault) {
    Terminal.wipe()
    guard isReady || usesCache else { throw Fault(.badInput, "\(work): \(reason) while it was loaded") }
    if !isReady {
      usesCache = false
      Terminal.complain(
        "ridley: \(work): \(reason) while it was loaded; once more, without what earlier runs kept of it\n")
    }
    if let current { try fail(Fault(.badInput, reason).at(files[current].shown)) }
  }

  private func fail(_ fault: Fault) throws(Fault) {
    failures.append(fault)
    Terminal.complain(of: fault)
    if let asset, let library { LibrarySink.note(fault, of: asset, in: library) }
    let file = files[current!]
    try output.fail(file.shown, fault)
    var entry = RunEntry(file: file.name, path: file.shown)
    entry.fault = fault
    try report?.add(entry)
    current = nil
  }

  /// What the files gave together, where there is a list of them.
  private func finishReport() throws(Fault) {
    guard let report else { return }
    try report.finish(work: work, version: Version.text, interrupted: Interrupt.isAsked)
    let count = report.entries.reduce(0) { $0 + $1.predictions }
    guard !isQuiet else { return }
    try output.add(
      text:
        "all together: \(count) predictions in \(report.entries.count) files: \(report.path)/report.html, predictions.csv\n"
    )
  }

  private var exitCode: ExitCode {
    if Interrupt.isAsked { return .interrupted }
    guard let first = failures.first else { return .success }
    if files.count == 1 || first.kind == .exhausted { return ExitCode(first.kind) }
    Terminal.complain("ridley: \(failures.count) of \(files.count) files failed\n")
    return .partial
  }
}
