import Analysis
import Base
import Isolation

/// Has files analysed by several child processes, and tells of them in the order of the command line.
///
/// Whole files go to workers while there are as many of them as workers, and parts of files at the end. What a file gives is kept until those
/// before it are told. A worker that crashes or hangs costs the file that it was at, and another takes its place.
final class AnalyzeWorkers {
  private struct Worker {
    var isReady = false
    var usesCache: Bool
    var work: Agenda.Work?
    var asset: String?
  }

  private let ledger: AnalyzeLedger
  private let stall: Double
  private let scratch: ScratchFolder
  private var agenda: Agenda
  private var workers: [Worker]
  /// By file: the frames of its parts, and the asset that it is.
  private var parts: [Int: [Range<Int>]] = [:]
  private var kept: [Int: (asset: String, path: String)] = [:]
  private var began: [Int: Stopwatch] = [:]
  /// What files gave that are not told yet, and the first of those.
  private var spools: [Int: AnalyzeSpool] = [:]
  private var told = 0
  private let bar: ProgressBar

  init(_ ledger: AnalyzeLedger, workers: Int, stall: Double, bar: ProgressBar) throws(Fault) {
    (self.ledger, self.stall, self.bar) = (ledger, stall, bar)
    scratch = try ScratchFolder()
    agenda = Agenda(workers: workers, canBeCut: ledger.files.map { $0.plainPath != nil })
    self.workers = Array(repeating: Worker(usesCache: true), count: workers)
  }

  /// `work` does tasks in the child with a number: it is told where to keep answers, and whether compiled networks that were cached may be taken.
  func run(
    _ work: @escaping (Int, TaskReceiver, MessageWriter, _ scratch: String, _ usesCache: Bool) -> ExitCode
  ) throws(Fault) -> ExitCode {
    try ledger.run { () throws(Fault) in
      let memory = ChildProcess.usualMemory / workers.count
      let group = ChildGroup(workers.count, memory: memory) { [self] number, tasks, outlet in
        work(number, tasks, outlet, scratch.path, workers[number].usesCache).rawValue
      }
      for number in workers.indices { try group.start(number) }
      while !agenda.isDone {
        if Interrupt.isAsked {
          SharedFlags.askToStop()
          agenda.stop()
        }
        handOut(group)
        for event in group.events(stall: patience) { try take(event, group) }
        try ledger.flush()
        bar.show(share: agenda.share, detail: "\(agenda.overCount) of \(ledger.files.count) files")
      }
      bar.clear()
      // Where the run was stopped, files in between may not have been begun.
      while let file = spools.keys.min() {
        told = file
        try tell()
      }
    }
  }

  private func patience(_ number: Int) -> Double {
    let worker = workers[number]
    return !worker.isReady ? IsolatedCommand.patience : worker.work == nil ? .infinity : stall
  }

  private func handOut(_ group: ChildGroup) {
    for number in workers.indices where workers[number].isReady && workers[number].work == nil {
      guard let work = agenda.next() else { return }
      var task = AnalyzeTask(work)
      if case .part(let file, let part) = work { task.frames = parts[file]![part] }
      if began[work.file] == nil { began[work.file] = Stopwatch() }
      (task.kept, task.elapsed) = (kept[work.file], began[work.file]!.seconds)
      (workers[number].work, workers[number].asset) = (work, kept[work.file]?.asset)
      group.send(task.message, to: number)
    }
  }

  private func take(_ event: ChildGroup.Event, _ group: ChildGroup) throws(Fault) {
    switch event {
    case .message(let number, let message): try receive(message, from: number)
    case .ended(let number, let ending):
      try settle(number, ending)
      if !agenda.isDone { try group.start(number) }
    }
  }

  private func receive(_ message: Message, from number: Int) throws(Fault) {
    let said = AnalyzeMessage(message)
    switch said {
    case .ready(let json, let labels):
      workers[number].isReady = true
      return try ledger.begin(json, labels: labels)
    case .refused(let fault): throw fault
    default: break
    }
    guard let said, let work = workers[number].work else {
      throw Fault(.bug, "a child process said what nobody understands")
    }
    switch said {
    case .asset(let id): workers[number].asset = id
    case .opened, .predictions, .events, .text: try keep(.said(message), of: work.file)
    case .done: try end(number, .said(message))
    case .failed(let fault):
      // What no file can do will fail for the next one too.
      if fault.kind == .exhausted { agenda.stop() }
      try end(number, .failed(fault, asset: workers[number].asset))
    default: try receive(said, about: work, from: number)
    }
  }

  /// What came of a plan or a part.
  private func receive(_ said: AnalyzeMessage, about work: Agenda.Work, from number: Int) throws(Fault) {
    let file = work.file
    workers[number].work = nil
    switch said {
    case .planned(let ranges, let asset):
      (parts[file], kept[file]) = (ranges, asset)
      agenda.plan(file, parts: ranges.count)
    case .answered(let part): agenda.answer(file, part: part)
    case .stopped(let part): agenda.answer(file, part: part, isStopped: true)
    case .doubtful: agenda.doubt(file)
    default: throw Fault(.bug, "a child process said what nobody understands")
    }
  }

  /// A file is done or has failed, and the worker is free.
  private func end(_ number: Int, _ ending: AnalyzeSpool.Entry) throws(Fault) {
    guard let work = workers[number].work else { return }
    workers[number].work = nil
    guard !agenda.isOver(work.file) else { return }
    agenda.end(work.file)
    try keep(ending, of: work.file)
  }

  /// A worker is gone, and the file that it was at is to blame.
  private func settle(_ number: Int, _ ending: ChildProcess.Ending) throws(Fault) {
    Terminal.wipe()
    let worker = workers[number]
    workers[number] = Worker(usesCache: worker.usesCache)
    let reason = ending.reason ?? "its process ended before its work"
    if !worker.isReady {
      guard worker.usesCache else { throw Fault(.badInput, "\(ledger.work): \(reason) while it was loaded") }
      workers[number].usesCache = false
      Terminal.complain(
        "ridley: \(ledger.work): \(reason) while it was loaded; once more, without what earlier runs kept of it\n")
    }
    guard let work = worker.work, agenda.needs(work) else { return }
    agenda.end(work.file)
    let fault = Fault(.badInput, reason).at(ledger.files[work.file].shown)
    try keep(.failed(fault, asset: worker.asset), of: work.file)
  }
}

// Telling in order.
extension AnalyzeWorkers {
  private func keep(_ entry: AnalyzeSpool.Entry, of file: Int) throws(Fault) {
    if file == told {
      try tell(entry, of: file)
    } else if file > told {
      if spools[file] == nil { spools[file] = AnalyzeSpool("\(scratch.path)/\(file).told") }
      try spools[file]!.add(entry)
    }
    while spools[told] != nil { try tell() }
  }

  /// Tells what is kept of the file whose turn it is.
  private func tell() throws(Fault) {
    guard let spool = spools.removeValue(forKey: told) else { return }
    let file = told
    try spool.forEach { (entry) throws(Fault) in try tell(entry, of: file) }
  }

  private func tell(_ entry: AnalyzeSpool.Entry, of file: Int) throws(Fault) {
    switch entry {
    case .failed(let fault, let asset):
      told = file + 1
      try ledger.fail(file, asset: asset, fault)
    case .said(let message):
      switch AnalyzeMessage(message) {
      case .opened: try ledger.open(file)
      case .events(let json): try ledger.add(events: json)
      case .predictions(let json): try ledger.add(predictions: json)
      case .text(let text): try ledger.add(text: text)
      case .done(let summary, let folder, let entry):
        told = file + 1
        try ledger.end(file, summary: summary, report: folder, entry)
      default: throw Fault(.bug, "a child process said what nobody understands")
      }
    }
  }
}
