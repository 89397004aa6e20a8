import Base
import Execution
import Inference
import Isolation
import Loading

/// Has files looked at by both versions in child processes; one that crashes or hangs costs the file that it was at.
final class TrialWorkers {
  /// Why files could not be looked at, by their places.
  private(set) var failures: [Int: String] = [:]

  private let plan: TrialPlan
  private let arguments: Arguments
  private let work: String
  private let sampling: Sampling
  private let stall: Double
  private let bar: ProgressBar
  /// By child: the file that it is at.
  private var current: [Int?]
  private var isReady: [Bool]
  private var next = 0
  private var done = 0

  private enum Kind: UInt8 { case ready = 1, done, failed, refused }

  init(
    _ plan: TrialPlan, _ arguments: Arguments, work: String, sampling: Sampling, workers: Int, stall: Double,
    _ bar: ProgressBar
  ) {
    (self.plan, self.arguments, self.work, self.sampling) = (plan, arguments, work, sampling)
    (self.stall, self.bar) = (stall, bar)
    let count = min(workers, max(1, plan.files.count))
    (current, isReady) = (Array(repeating: nil, count: count), Array(repeating: false, count: count))
  }

  /// Until every file was looked at; a fault is the end of all.
  func run() throws(Fault) {
    let memory = ChildProcess.usualMemory / current.count
    let group = ChildGroup(current.count, memory: memory) { [self] _, tasks, outlet in
      perform(tasks, outlet).rawValue
    }
    for number in current.indices { try group.start(number) }
    while done < plan.files.count {
      guard !Interrupt.isAsked else {
        SharedFlags.askToStop()
        throw Fault(.closed, "stopped; the same command goes on where this one was")
      }
      for number in current.indices where isReady[number] && current[number] == nil && next < plan.files.count {
        current[number] = next
        var fields = FieldWriter()
        fields.add(next)
        group.send(Message(kind: Kind.done.rawValue, bytes: fields.bytes), to: number)
        next += 1
      }
      let patience = { [self] (number: Int) in
        isReady[number] ? current[number] == nil ? .infinity : stall : IsolatedCommand.patience
      }
      for event in group.events(stall: patience) { try take(event, group) }
      bar.show(share: Double(done) / Double(plan.files.count), detail: "\(done) of \(plan.files.count) files")
    }
    bar.clear()
  }

  private func take(_ event: ChildGroup.Event, _ group: ChildGroup) throws(Fault) {
    switch event {
    case .message(let number, let message):
      switch Kind(rawValue: message.kind) {
      case .ready: isReady[number] = true
      case .done: end(number, nil)
      case .failed: end(number, Fault(message.bytes).message)
      case .refused: throw Fault(message.bytes)
      case nil: throw Fault(.bug, "a child process said what nobody understands")
      }
    case .ended(let number, let ending):
      let reason = ending.reason ?? "its process ended before its work"
      guard isReady[number] else { throw Fault(.badInput, "\(plan.newer.name): \(reason) while it was loaded") }
      isReady[number] = false
      if current[number] != nil { end(number, reason) }
      if done < plan.files.count { try group.start(number) }
    }
  }

  private func end(_ number: Int, _ reason: String?) {
    guard let file = current[number] else { return }
    if let reason { failures[file] = reason }
    current[number] = nil
    done += 1
  }

  /// In a child: both networks are loaded once, and tasks are done until none comes.
  private func perform(_ tasks: TaskReceiver, _ outlet: MessageWriter) -> ExitCode {
    do throws(Fault) {
      let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
      let loading = TrialLoading(arguments)
      let older = LoadedPipeline(try loading.load(plan.older, on: engine), sampling: sampling)
      let newer = LoadedPipeline(try loading.load(plan.newer, on: engine), sampling: sampling)
      let answers = TrialAnswers(folder: work)
      try outlet.send(Message(kind: Kind.ready.rawValue))
      while let task = tasks.next() {
        var fields = FieldReader(task.bytes)
        let file = plan.files[try fields.integer(in: 0...plan.files.count - 1)]
        do throws(Fault) {
          try answers.make(plan.older, file) { () throws(Fault) in older }
          try answers.make(plan.newer, file) { () throws(Fault) in newer }
          try outlet.send(Message(kind: Kind.done.rawValue))
        } catch {
          try outlet.send(Message(kind: Kind.failed.rawValue, bytes: error.bytes))
        }
      }
      // The system takes the networks back quicker than their owners.
      ChildProcess.leave(ExitCode.success.rawValue)
    } catch {
      try? outlet.send(Message(kind: Kind.refused.rawValue, bytes: error.bytes))
      return ExitCode(error.kind)
    }
  }
}
