#ifndef RIDLEY_CPROCESS_H
#define RIDLEY_CPROCESS_H

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/// Ends this process when the one that made it ends. A wrapper, because prctl is variadic.
static inline int ridley_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

/// A pipe that programs started later do not inherit. Swift's own module hides the call.
static inline int ridley_pipe(int ends[2]) { return pipe(ends) || fcntl(ends[0], F_SETFD, FD_CLOEXEC) || fcntl(ends[1], F_SETFD, FD_CLOEXEC); }

/// A file in memory without a name, -1 where the system gives none. glibc shows the call only to those who ask for all of it.
extern int memfd_create(const char *name, unsigned int flags);
static inline int ridley_memory_file(void) { return memfd_create("ridley", 1 /* MFD_CLOEXEC */); }

/// What waitpid tells, which are macros in C.
static inline int ridley_exited(int status) { return WIFEXITED(status); }
static inline int ridley_exit_code(int status) { return WEXITSTATUS(status); }
static inline int ridley_end_signal(int status) { return WTERMSIG(status); }

#endif
