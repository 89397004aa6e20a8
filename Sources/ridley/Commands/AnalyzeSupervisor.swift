import Base
import Isolation

/// Has files analysed in a child process, and goes on with a new one after a crash.
///
/// A file that crashes or hangs its process is one failure among the others.
final class AnalyzeSupervisor {
  private let ledger: AnalyzeLedger
  private let stall: Double
  private var isReady = false
  /// The file in work.
  private var current: Int?
  /// The asset that it is, in the library where there is one.
  private var asset: String?
  /// The first file that was not looked at.
  private var next = 0
  private var refusal: Fault?
  /// What earlier runs cached may be damaged: a crash over it is tried once more without.
  private var usesCache = true

  init(_ ledger: AnalyzeLedger, stall: Double) { (self.ledger, self.stall) = (ledger, stall) }

  /// `work` analyses the files from the given one on, in the child; it is told whether compiled networks that were
  /// cached may be taken.
  func run(_ work: (MessageWriter, Int, Bool) -> ExitCode) throws(Fault) -> ExitCode {
    try ledger.run { () throws(Fault) in try runAll(work) }
  }

  private func runAll(_ work: (MessageWriter, Int, Bool) -> ExitCode) throws(Fault) {
    repeat {
      let first = next
      isReady = false
      let ending = try ChildProcess.run(
        stall: { isReady ? stall : IsolatedCommand.patience }, isStopped: { Interrupt.isAsked },
        receive: { (message) throws(Fault) in try receive(message) },
        caughtUp: { () throws(Fault) in try ledger.flush() },
        work: { work($0, first, usesCache).rawValue })
      if let refusal { throw refusal }
      guard let reason = ending.reason else { break }
      try settle(reason)
    } while next < ledger.files.count && !Interrupt.isAsked
  }

  private func receive(_ message: Message) throws(Fault) {
    switch AnalyzeMessage(message) {
    case .ready(let json, let labels):
      isReady = true
      try ledger.begin(json, labels: labels)
    case .file(let number): (current, next, asset) = (number, number + 1, nil)
    case .asset(let id): asset = id
    case .opened: try ledger.open(current!)
    case .predictions(let json): try ledger.add(predictions: json)
    case .events(let json): try ledger.add(events: json)
    case .text(let text): try ledger.add(text: text)
    case .done(let summary, let folder, let entry):
      defer { current = nil }
      try ledger.end(current!, summary: summary, report: folder, entry)
    case .failed(let fault): try fail(fault)
    case .refused(let fault): refusal = fault
    case .planned, .answered, .doubtful, .stopped, nil:
      throw Fault(.bug, "a child process said what nobody understands")
    }
  }

  /// The child is gone, and the file that it was at is to blame.
  private func settle(_ reason: String) throws(Fault) {
    Terminal.wipe()
    guard isReady || usesCache else { throw Fault(.badInput, "\(ledger.work): \(reason) while it was loaded") }
    if !isReady {
      usesCache = false
      Terminal.complain(
        "ridley: \(ledger.work): \(reason) while it was loaded; once more, without what earlier runs kept of it\n")
    }
    if let current { try fail(Fault(.badInput, reason).at(ledger.files[current].shown)) }
  }

  private func fail(_ fault: Fault) throws(Fault) {
    defer { current = nil }
    try ledger.fail(current!, asset: asset, fault)
  }
}
