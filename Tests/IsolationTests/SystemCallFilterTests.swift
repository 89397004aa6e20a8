import CProcess
import Testing

@testable import Isolation

struct SystemCallFilterTests {
  /// Runs the filter as the kernel does: one load, comparisons, an answer.
  private func answer(_ call: Int, _ arguments: [UInt64] = [], architecture: UInt32 = ridley_architecture) -> UInt32 {
    let arguments = arguments + Array(repeating: 0, count: 6 - arguments.count)
    var facts: [UInt32] = [UInt32(call), architecture, 0, 0]
    for argument in arguments { facts += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)] }
    let steps = SystemCallFilter(process: 77).steps
    var (place, value) = (0, UInt32(0))
    while true {
      let step = steps[place]
      place += 1
      switch step.code {
      case ridley_load: value = facts[Int(step.k / 4)]
      case ridley_if_equal: place += Int(value == step.k ? step.jt : step.jf)
      case ridley_if_any_bit: place += Int(value & step.k != 0 ? step.jt : step.jf)
      default: return step.k
      }
    }
  }

  @Test("What computing needs is allowed, the rest refused")
  func calls() {
    for call in [SYS_futex, SYS_recvmsg, SYS_sendmsg, SYS_pread64, SYS_munmap, SYS_exit_group, SYS_getrandom] {
      #expect(answer(Int(call)) == ridley_allow)
    }
    for call in [
      SYS_openat, SYS_openat2, SYS_socket, SYS_connect, SYS_execve, SYS_execveat, SYS_ptrace, SYS_kill, SYS_tkill,
      SYS_process_vm_writev, SYS_memfd_create, SYS_bpf, SYS_io_uring_setup, SYS_unshare, SYS_mount, SYS_ioctl,
      SYS_fcntl,
      SYS_fallocate, SYS_ftruncate, SYS_setrlimit, SYS_pidfd_getfd, SYS_userfaultfd, SYS_shmget,
    ] {
      #expect(answer(Int(call)) == ridley_refuse, "call \(call)")
    }
    #expect(answer(Int(SYS_clone3)) == ridley_unknown)
    #expect(answer(Int(SYS_futex), architecture: 1) == ridley_kill)
  }

  @Test("Some are allowed with harmless arguments only")
  func arguments() {
    #expect(answer(Int(SYS_clone), [0x3d0f00]) == ridley_allow, "a thread")
    #expect(answer(Int(SYS_clone), [17]) == ridley_refuse, "a process")
    for call in [SYS_mmap, SYS_mprotect] {
      #expect(answer(Int(call), [0, 0, 3]) == ridley_allow)
      #expect(answer(Int(call), [0, 0, 5]) == ridley_refuse, "code")
    }
    #expect(answer(Int(SYS_madvise), [0, 0, 4]) == ridley_allow)
    #expect(answer(Int(SYS_madvise), [0, 0, 9]) == ridley_refuse, "a hole in shared memory")
    #expect(answer(Int(SYS_tgkill), [77, 78, 6]) == ridley_allow, "itself")
    #expect(answer(Int(SYS_tgkill), [1, 1, 6]) == ridley_refuse)
    #expect(answer(Int(SYS_prctl), [15]) == ridley_allow, "a thread's name")
    #expect(answer(Int(SYS_prctl), [1]) == ridley_refuse)
    #expect(answer(Int(SYS_sendto), [5, 1 << 40, 10, 0, 0, 0]) == ridley_allow, "over a connection")
    for address in [8, 1 << 32] as [UInt64] {
      #expect(answer(Int(SYS_sendto), [5, 1 << 40, 10, 0, address, 16]) == ridley_refuse, "to an address")
    }
    #expect(answer(Int(SYS_prlimit64), [0, 3, 0]) == ridley_allow)
    #expect(answer(Int(SYS_prlimit64), [0, 3, 1 << 32]) == ridley_refuse)
    #expect(answer(Int(SYS_prlimit64), [0, 3, 8]) == ridley_refuse)
  }

  @Test("What stays open is said in one line")
  func warnings() {
    #expect(Sandbox.Report(filtersCalls: true, landlock: 1).warning == nil)
    for report in [(true, 0), (false, 4), (false, 0)].map(Sandbox.Report.init) {
      #expect(report.warning?.contains("\n") == false)
    }
  }
}
