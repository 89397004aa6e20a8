import Base
import Isolation

/// Has files analysed in a child process, prints what it tells, and goes on with a new one after a crash.
///
/// A file that crashes or hangs its process is one failure among the others. Only this process writes to standard
/// output, in whole pieces, so what it prints is well formed however the child ends.
final class AnalyzeSupervisor {
  /// What is loaded, for a person.
  private let work: String
  private let files: [String]
  private let stall: Double
  private var output: AnalyzeOutput
  private var isReady = false
  /// The file in work.
  private var current: Int?
  /// The first file that was not looked at.
  private var next = 0
  private var failures: [Fault] = []
  private var refusal: Fault?
  /// What earlier runs cached may be damaged: a crash over it is tried once more without.
  private var usesCache = true

  init(_ arguments: Arguments, work: String, files: [String]) throws(Fault) {
    (self.work, self.files) = (work, files)
    stall = try arguments.seconds("stall-timeout") ?? 120
    output = AnalyzeOutput(isJSON: arguments.has("json"))
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
    try output.end()
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
    case .ready(let json):
      isReady = true
      output.begin(json)
    case .file(let number): (current, next) = (number, number + 1)
    case .opened: try output.begin(file: files[current!])
    case .predictions(let json): try output.add(json)
    case .text(let text): try output.add(text: text)
    case .done(let summary, let report):
      current = nil
      try output.end(summary: summary, report: report)
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
    if let current { try fail(Fault(.badInput, reason).at(files[current])) }
  }

  private func fail(_ fault: Fault) throws(Fault) {
    failures.append(fault)
    Terminal.complain(of: fault)
    try output.fail(files[current!], fault)
    current = nil
  }

  private var exitCode: ExitCode {
    if Interrupt.isAsked { return .interrupted }
    guard let first = failures.first else { return .success }
    if files.count == 1 || first.kind == .exhausted { return ExitCode(first.kind) }
    Terminal.complain("ridley: \(failures.count) of \(files.count) files failed\n")
    return .partial
  }
}
