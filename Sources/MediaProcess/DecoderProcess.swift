internal import Base
internal import Isolation
internal import Synchronization

/// The parent's side of one media process: a request goes there, its answer comes back, or the process is given up.
///
/// One thread at a time calls; ``kill()`` comes from any.
final class DecoderProcess: Sendable {
  let process: SpawnedProcess
  let memory: SharedMemory
  /// Requests that opened a file.
  let jobs = Atomic<Int>(0)
  private let hasGreeted = Atomic<Bool>(false)
  private let greeted: @Sendable (Sandbox.Report) -> Void

  /// Starts one, which is ready some 50 ms later; that need not be waited for.
  ///
  /// `greeted` is told what the child closed behind itself, before its first answer.
  init(_ options: MediaPool.Options, greeted: @escaping @Sendable (Sandbox.Report) -> Void) throws(Fault) {
    memory = try SharedMemory(byteCount: options.sharedByteCount)
    process = try SpawnedProcess(program: options.program, arguments: options.arguments)
    self.greeted = greeted
    let setUp = Request.setUp(
      parent: Int(ChildSide.ownID), memory: options.memory, sharedByteCount: memory.byteCount)
    do throws(Fault) {
      try process.channel.send(setUp.message(), descriptor: memory.descriptor)
    } catch {
      throw Self.stillborn(process.end())
    }
  }

  /// Why there is no answer.
  struct Failure: Error {
    let fault: Fault
    /// Not the child's own word: the process has ended.
    var isEnd = true
  }

  private static func stillborn(_ ending: ChildProcess.Ending) -> Fault {
    Fault(.unavailable, "the media process does not start", cause: "\(ending)")
  }

  static let late = Fault(.exhausted, "it was not decoded within the time that was left for it, so it was given up")

  /// `isUnwanted` is asked some times a second while the child works: once true it may still finish what takes a moment, so that it need
  /// not be started anew.
  ///
  /// - Throws: a failure after which the process is of no use, and has ended.
  func call(
    _ request: Request, released: [Int], descriptor: Int32? = nil, deadline: UInt64,
    isUnwanted: () -> Bool = { false }
  ) throws(Failure) -> Answer {
    do throws(Fault) {
      try process.channel.send(request.message(released: released), descriptor: descriptor)
    } catch {
      throw ended()
    }
    if isStillborn { try greet(until: deadline) }
    return try receive(until: deadline, isUnwanted)
  }

  private func greet(until deadline: UInt64) throws(Failure) {
    guard case .ready(let report) = try receive(until: deadline) else { throw nonsense() }
    hasGreeted.store(true, ordering: .relaxed)
    greeted(report)
  }

  /// False for one that died in its sleep, or says what it was not asked for.
  func isUsable() -> Bool {
    let channel = process.channel
    guard channel.isAwry else { return true }
    guard isStillborn else { return false }
    do throws(Failure) { try greet(until: 0) } catch { return false }
    return !channel.isAwry
  }

  /// Has it let go of what it holds; false where it does not listen.
  func reset() -> Bool {
    do throws(Fault) {
      try process.channel.send(Request.close.message())
      memory.trim()
      return true
    } catch {
      return false
    }
  }

  /// It never said a word: another one would hardly do better.
  var isStillborn: Bool { !hasGreeted.load(ordering: .relaxed) }

  /// What is not wanted any more gets so long to end by itself: about what a new process costs.
  private static let grace: UInt64 = 50_000_000

  private func receive(until deadline: UInt64, _ isUnwanted: () -> Bool = { false }) throws(Failure) -> Answer {
    var received = MessageChannel.Received.late
    repeat {
      let wasUnwanted = isUnwanted()
      received = process.channel.receive(until: min(deadline, Clock.now + Self.grace))
      guard case .late = received, !wasUnwanted else { break }
    } while Clock.now < deadline
    switch received {
    case .message(let message, _):
      do throws(Fault) { return try Answer(message) } catch { throw nonsense() }
    case .ended: throw ended()
    case .broken: throw nonsense()
    case .late:
      _ = process.end()
      throw Failure(fault: Self.late)
    }
  }

  private func nonsense() -> Failure {
    _ = process.end()
    return Failure(fault: FieldReader.nonsense)
  }

  private func ended() -> Failure {
    let ending = process.end()
    if isStillborn {
      return Failure(fault: Self.stillborn(ending))
    }
    // One that hangs up and lives on is killed by the question for its end.
    let reason = ending.reason ?? "the process that worked on it ended too early"
    return Failure(fault: Fault(ending.isFromOutside ? .unavailable : .badInput, reason))
  }
}
