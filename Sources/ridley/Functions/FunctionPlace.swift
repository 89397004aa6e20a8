import Base
import Glibc
import Isolation
import Jobs
import Lambda
import Planning

/// What the platform says of the function, in the environment and with each invocation.
enum FunctionPlace {
  /// - Throws: `usage` where nothing says where invocations come from.
  static func interface() throws(Fault) -> RuntimeInterface {
    guard let address = environment(RuntimeInterface.variable) else {
      throw Fault(
        .usage,
        "nothing calls a function here: \(RuntimeInterface.variable) is not set, as AWS Lambda and its emulators set it"
      )
    }
    return try RuntimeInterface(address)
  }

  /// The options stand above what the platform says; the disk is measured where tasks are done: ``disk(_:)``.
  static func limits(_ arguments: Arguments) throws(Fault) -> WorkLimits {
    let said = environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").flatMap { Int($0) }.map { $0 << 20 }
    let memory = try arguments.bytes("memory") ?? said
    if let memory, memory < 64 << 20 { throw arguments.refusal("a function of less than 64MiB can do nothing") }
    return WorkLimits(memoryBytes: memory, diskBytes: nil, place: "the function")
  }

  /// Bytes that a task may write: what is free now, or the option's number where that is less.
  static func disk(_ arguments: Arguments) throws(Fault) -> Int {
    let folder = environment("TMPDIR") ?? "/tmp"
    let (whole, free) = (try FileSystem.wholeByteCount(in: folder), try FileSystem.freeByteCount(in: folder))
    // As much as the library leaves free for others.
    let usable = max(0, free - min(256 << 20, whole / 16))
    return min(try arguments.bytes("disk") ?? usable, usable)
  }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension WorkLimits {
  /// Private memory of the process that works.
  var processBytes: Int {
    let profile = TaskProfile.local.within(memoryBytes: memoryBytes, diskBytes: nil, of: place)
    return min(ChildProcess.usualMemory, profile.privateBytes ?? .max)
  }
}

/// When an invocation is to be over, on the monotonic clock.
struct FunctionDeadline {
  /// From then on no frame is begun.
  var soft = UInt64.max
  /// What is at work then is ended, so that there is still time to answer.
  var hard = UInt64.max

  init(_ invocation: Invocation) {
    let (left, now) = (min((invocation.deadline ?? .infinity) - Clock.seconds, 1e6), Clock.now)
    // What is over before it begins is no deadline: emulators say such ones, the platform does not.
    guard left > 0 else { return }
    // Half a second is what it takes to end a process, and to answer.
    hard = now + UInt64(max(0, left - max(0.5, min(3, left * 0.05))) * 1e9)
    soft = min(hard, now + UInt64((left - min(10, left * 0.1)) * 1e9))
  }
}

/// One invocation after the other, until the program is asked to end.
struct FunctionLoop {
  let interface: RuntimeInterface

  func run(_ answer: (Invocation) -> Result<[UInt8], FunctionFailure>) throws(Fault) {
    while !Interrupt.isAsked {
      guard let invocation = try interface.next(goesOn: { !Interrupt.isAsked }) else {
        if !Interrupt.isAsked { usleep(200_000) }
        continue
      }
      do throws(Fault) { try give(answer(invocation), to: invocation) } catch {
        guard error.kind == .conflict else { throw error }
        FunctionLog.write("an answer came too late", .warn, request: invocation.id) { $0.field("reason", error.cause) }
      }
    }
  }

  private func give(_ result: Result<[UInt8], FunctionFailure>, to invocation: Invocation) throws(Fault) {
    switch result {
    case .failure(let failure): try interface.fail(invocation, failure)
    case .success(let bytes):
      do throws(Fault) { try interface.answer(invocation, bytes) } catch {
        guard error.kind == .tooLarge else { throw error }
        try interface.fail(invocation, FunctionFailure(.neverDone, error.message))
      }
    }
  }
}
