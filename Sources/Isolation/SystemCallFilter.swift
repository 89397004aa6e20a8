internal import CProcess
internal import Glibc

/// The program by which the kernel answers every system call of a process that only computes (seccomp, in classic BPF).
///
/// Memory without new code, threads, clocks, and descriptors that are there already. Everything else is refused with EPERM, so
/// that libraries which only try something go on without it.
@safe
struct SystemCallFilter {
  private(set) var steps: [sock_filter] = []

  /// Places of a call's facts in what the filter sees (linux/seccomp.h, `struct seccomp_data`).
  private enum Fact {
    static let call: UInt32 = 0
    static let architecture: UInt32 = 4
    /// The lower half of an argument; the machines here are little-endian.
    static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }
    static func upperHalf(_ index: UInt32) -> UInt32 { 20 + 8 * index }
  }

  /// MADV_REMOVE: gives memory back that is shared with the parent, which must never find a hole there.
  private static let removeAdvice: UInt32 = 9
  private static let threadFlag: UInt32 = 0x1_0000  // CLONE_THREAD
  private static let setName: UInt32 = 15  // PR_SET_NAME

  init(process: Int32) {
    add(ridley_load, Fact.architecture)
    add(ridley_if_equal, ridley_architecture, then: 1, otherwise: 0)
    add(ridley_answer, ridley_kill)
    add(ridley_load, Fact.call)
    var index: Int32 = 0
    while case let call = ridley_plain_call(index), call >= 0 {
      when(UInt32(call)) { $0.add(ridley_answer, ridley_allow) }
      index += 1
    }
    // glibc then makes threads the older way, whose arguments can be looked at.
    when(ridley_call_clone3) { $0.add(ridley_answer, ridley_unknown) }
    when(ridley_call_clone) { $0.allowIfAnyBit(0, Self.threadFlag) }
    when(ridley_call_mmap) { $0.refuseIfAnyBit(2, UInt32(PROT_EXEC)) }
    when(ridley_call_mprotect) { $0.refuseIfAnyBit(2, UInt32(PROT_EXEC)) }
    when(ridley_call_madvise) { $0.choose(2, Self.removeAdvice, equal: ridley_refuse, other: ridley_allow) }
    when(ridley_call_tgkill) { $0.choose(0, UInt32(process), equal: ridley_allow, other: ridley_refuse) }
    when(ridley_call_prctl) { $0.choose(0, Self.setName, equal: ridley_allow, other: ridley_refuse) }
    // A thread may step back, and nothing else be moved: PRIO_PROCESS is 0, and so is the caller.
    when(ridley_call_setpriority) {
      for (argument, value) in [(0, 0), (1, 0), (2, UInt32(BackgroundWorker.niceness))] as [(UInt32, UInt32)] {
        $0.add(ridley_load, Fact.argument(argument))
        $0.add(ridley_if_equal, value, then: 1, otherwise: 0)
        $0.add(ridley_answer, ridley_refuse)
      }
      $0.add(ridley_answer, ridley_allow)
    }
    // To the other end of a connection, and to no address.
    when(ridley_call_sendto) { $0.allowIfNull(4) }
    // Limits may be read, not set: the pointer to new ones is null.
    when(ridley_call_prlimit) { $0.allowIfNull(2) }
    add(ridley_answer, ridley_refuse)
  }

  /// For this process, and every thread of it.
  mutating func install() -> Bool {
    unsafe steps.withUnsafeMutableBufferPointer {
      unsafe ridley_gain_nothing() == 0 && ridley_filter_calls($0.baseAddress, UInt16($0.count)) == 0
    }
  }

  private mutating func add(_ code: UInt16, _ value: UInt32, then: UInt8 = 0, otherwise: UInt8 = 0) {
    steps.append(sock_filter(code: code, jt: then, jf: otherwise, k: value))
  }

  /// The steps for one call; they end with an answer.
  private mutating func when(_ call: UInt32, _ body: (inout SystemCallFilter) -> Void) {
    add(ridley_if_equal, call, then: 0, otherwise: 0)
    let jump = steps.count - 1
    body(&self)
    steps[jump].jf = UInt8(steps.count - 1 - jump)
  }

  private mutating func choose(_ argument: UInt32, _ value: UInt32, equal: UInt32, other: UInt32) {
    add(ridley_load, Fact.argument(argument))
    add(ridley_if_equal, value, then: 0, otherwise: 1)
    add(ridley_answer, equal)
    add(ridley_answer, other)
  }

  private mutating func allowIfNull(_ argument: UInt32) {
    add(ridley_load, Fact.upperHalf(argument))
    add(ridley_if_equal, 0, then: 1, otherwise: 0)
    add(ridley_answer, ridley_refuse)
    choose(argument, 0, equal: ridley_allow, other: ridley_refuse)
  }

  private mutating func allowIfAnyBit(_ argument: UInt32, _ bits: UInt32) {
    add(ridley_load, Fact.argument(argument))
    add(ridley_if_any_bit, bits, then: 0, otherwise: 1)
    add(ridley_answer, ridley_allow)
    add(ridley_answer, ridley_refuse)
  }

  private mutating func refuseIfAnyBit(_ argument: UInt32, _ bits: UInt32) {
    add(ridley_load, Fact.argument(argument))
    add(ridley_if_any_bit, bits, then: 0, otherwise: 1)
    add(ridley_answer, ridley_refuse)
    add(ridley_answer, ridley_allow)
  }
}
