internal import Base
internal import Isolation
internal import Synchronization

/// Who has the process of a session before and after it.
protocol SessionOwner: AnyObject, Sendable {
  /// It holds nothing any more.
  func giveBack(_ process: DecoderProcess)
  /// It is of no use any more.
  func drop(_ process: DecoderProcess)
}

/// One file or live source in one process, from opening to the last frame that is held; then the process goes back to its owner.
///
/// Any thread; calls take turns.
final class Session: Sendable {
  private struct State {
    var released: [Int] = []
    var lastFrame = 0
    var isCancelled = false
    var isClosed = false
    /// Why nothing more comes.
    var failure: Fault?
  }

  let memory: SharedMemory
  private let process: DecoderProcess
  private let owner: any SessionOwner
  private let deadline: UInt64
  /// Nanoseconds that each answer may take.
  private let patience: UInt64
  private let state = Mutex(State())
  private let turn = Mutex(())

  init(_ process: DecoderProcess, of owner: any SessionOwner, deadline: UInt64, patience: UInt64 = .max) {
    (self.process, self.owner, self.deadline, memory) = (process, owner, deadline, process.memory)
    self.patience = patience
    process.jobs.wrappingAdd(1, ordering: .relaxed)
  }

  deinit { close() }

  /// Sends a request and waits for its answer; a fault that the child tells is thrown.
  func call(_ request: Request, descriptor: Int32? = nil) throws(Fault) -> Answer {
    try turn.withLock { _ throws(Fault) -> Answer in
      let released = try begin()
      do throws(DecoderProcess.Failure) {
        let (end, isOver) = Clock.now.addingReportingOverflow(patience)
        let latest = min(deadline, isOver ? .max : end)
        let answer = try process.call(request, released: released, descriptor: descriptor, deadline: latest) {
          state.withLock { $0.isCancelled }
        }
        if case .failed(let fault) = answer { throw DecoderProcess.Failure(fault: fault, isEnd: false) }
        return answer
      } catch {
        throw error.isEnd ? lose(error.fault) : error.fault
      }
    }
  }

  private func begin() throws(Fault) -> [Int] {
    try state.withLock { state throws(Fault) -> [Int] in
      if let failure = state.failure { throw failure }
      guard !state.isCancelled else { throw Self.cancelled }
      guard !state.isClosed else { throw Fault(.closed, "this reader was closed before") }
      guard Clock.now < deadline else { throw DecoderProcess.late }
      let now = state.released.prefix(Message.mostReleased)
      state.released.removeFirst(now.count)
      return Array(now)
    }
  }

  /// The process is gone; its place is filled anew at once.
  private func lose(_ fault: Fault) -> Fault {
    let (fault, isFirst) = state.withLock { state in
      let fault = state.isCancelled ? Self.cancelled : fault
      state.failure = fault
      defer { state.isClosed = true }
      return (fault, !state.isClosed)
    }
    if isFirst { owner.drop(process) }
    return fault
  }

  /// An answer that does not fit the question: the process is not to be trusted.
  func refuse(_ answer: Answer) -> Fault { turn.withLock { _ in lose(FieldReader.nonsense) } }

  private static let cancelled = Fault(.closed, "it was given up before it was done")

  /// The thread that waits for the process ends it soon, unless it is done before.
  func cancel() {
    state.withLock { $0.isCancelled = true }
  }

  /// Gives the process back; frames that are still held cannot be rendered any more.
  func close() {
    turn.withLock { _ in
      let isFirst = state.withLock { state in
        defer { state.isClosed = true }
        return !state.isClosed
      }
      if isFirst { owner.giveBack(process) }
    }
  }

  var processID: Int32 { process.process.id }

  func newFrame() -> Int {
    state.withLock { state in
      state.lastFrame += 1
      return state.lastFrame
    }
  }

  /// Told to the child with the next request.
  func release(_ frame: Int) { state.withLock { $0.released.append(frame) } }
}
