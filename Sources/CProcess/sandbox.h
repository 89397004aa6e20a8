#ifndef RIDLEY_CSANDBOX_H
#define RIDLEY_CSANDBOX_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
static const uint32_t ridley_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t ridley_architecture = AUDIT_ARCH_AARCH64;
#endif

/// Calls of a process that computes: its memory, its threads, its clock, and descriptors that it has already. -1 behind the last.
static inline int ridley_plain_call(int index) {
  static const int calls[] = {
      SYS_futex, SYS_recvmsg, SYS_sendmsg, SYS_recvfrom, SYS_times, SYS_pread64, SYS_ppoll,
#ifdef SYS_poll
      SYS_poll,
#endif
      SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_lseek, SYS_close, SYS_munmap, SYS_mremap, SYS_brk, SYS_rt_sigprocmask,
      SYS_rt_sigaction, SYS_rt_sigreturn, SYS_sigaltstack, SYS_sched_yield, SYS_sched_getaffinity, SYS_getcpu,
      SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_nanosleep, SYS_clock_nanosleep, SYS_restart_syscall,
      SYS_getrandom, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getrusage, SYS_sysinfo, SYS_set_robust_list, SYS_rseq,
      SYS_set_tid_address, SYS_membarrier, SYS_exit, SYS_exit_group};
  return index < (int)(sizeof calls / sizeof *calls) ? calls[index] : -1;
}

// Calls that are allowed with some arguments only.
static const uint32_t ridley_call_clone = SYS_clone, ridley_call_clone3 = SYS_clone3, ridley_call_mmap = SYS_mmap,
                      ridley_call_mprotect = SYS_mprotect, ridley_call_madvise = SYS_madvise, ridley_call_tgkill = SYS_tgkill,
                      ridley_call_prctl = SYS_prctl, ridley_call_prlimit = SYS_prlimit64,
                      ridley_call_setpriority = SYS_setpriority, ridley_call_sendto = SYS_sendto;

// Answers of a filter.
static const uint32_t ridley_allow = SECCOMP_RET_ALLOW, ridley_kill = SECCOMP_RET_KILL_PROCESS,
                      ridley_refuse = SECCOMP_RET_ERRNO | EPERM, ridley_unknown = SECCOMP_RET_ERRNO | ENOSYS;

// Steps of a filter.
static const uint16_t ridley_load = BPF_LD | BPF_W | BPF_ABS, ridley_if_equal = BPF_JMP | BPF_JEQ | BPF_K,
                      ridley_if_any_bit = BPF_JMP | BPF_JSET | BPF_K, ridley_answer = BPF_RET | BPF_K;

/// Only by this can a process without rights close doors behind itself, and nothing that it runs opens them again.
static inline int ridley_gain_nothing(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

/// The filter of every thread from now on.
static inline int ridley_filter_calls(struct sock_filter *steps, uint16_t count) {
  struct sock_fprog program = {count, steps};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

// What a test tries from inside: each is 1 where it worked.
static inline int ridley_can_fork(void) {
  long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return child > 0;
}
static inline int ridley_can_run(void) {
  // The file is not there: a refusal comes before it is looked for.
  char *const none[] = {NULL};
  execve("/ridley-sandbox-probe", none, none);
  return errno == ENOENT;
}
static inline int ridley_can_make_code(void) {
  return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
static inline int ridley_can_trace(int process) { return syscall(SYS_pidfd_open, process, 0) >= 0; }

#endif
