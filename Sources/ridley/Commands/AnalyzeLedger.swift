import Analysis
import Base
import Isolation
import Reports

/// What became of the files of a run: prints it, keeps count of failures, and writes what is told of all files together.
///
/// Only this process writes to standard output, in whole pieces, so what it prints is well formed however its children end. Files are told
/// one after the other.
final class AnalyzeLedger {
  /// What is loaded, for a person.
  let work: String
  let inputs: InputFiles
  var files: [InputFile] { inputs.files }
  /// Where a list of files is told of together, and how far that is.
  private let folder: String
  private let isQuiet: Bool
  private let library: String?
  private var report: RunReport?
  private var output: AnalyzeOutput
  private var failures: [Fault] = []

  init(_ arguments: Arguments, work: String, inputs: InputFiles) throws(Fault) {
    (self.work, self.inputs) = (work, inputs)
    (folder, isQuiet) = (AnalyzeRun.folder(arguments), arguments.has("quiet"))
    output = AnalyzeOutput(isJSON: arguments.has("json"))
    library = try arguments["library"].map { (folder) throws(Fault) in try LibraryPlace.folder(folder) }
  }

  /// Runs to the end, and answers how it went.
  func run(_ body: () throws(Fault) -> Void) throws(Fault) -> ExitCode {
    Interrupt.watch()
    do throws(Fault) {
      try body()
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

  /// Everything is loaded; again after a restart.
  func begin(_ loaded: [UInt8], labels: [String]) throws(Fault) {
    output.begin(loaded)
    if inputs.isList, report == nil { report = try RunReport(folder, loaded: loaded, labels: labels) }
  }

  func open(_ file: Int) throws(Fault) { try output.begin(file: files[file].shown) }
  func add(predictions json: [UInt8]) throws(Fault) { try output.add(json) }
  func add(events json: [UInt8]) throws(Fault) { try output.add(events: json) }
  func add(text: [UInt8]) throws(Fault) { try output.add(text: text) }
  func flush() throws(Fault) { try output.flush() }

  func end(_ file: Int, summary: [UInt8], report folder: String, _ entry: RunEntry) throws(Fault) {
    var entry = entry
    entry.report = files[file].stem
    try output.end(summary: summary, report: folder)
    try report?.add(entry)
  }

  /// `asset` is what the file is in the library, where there is one.
  func fail(_ file: Int, asset: String?, _ fault: Fault) throws(Fault) {
    failures.append(fault)
    Terminal.complain(of: fault)
    if let asset, let library { LibrarySink.note(fault, of: asset, in: library) }
    let file = files[file]
    try output.fail(file.shown, fault)
    var entry = RunEntry(file: file.name, path: file.shown)
    entry.fault = fault
    try report?.add(entry)
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
