#ifndef RIDLEY_CPROCESS_H
#define RIDLEY_CPROCESS_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// Calls that glibc shows only to those who ask for all of it.
extern int memfd_create(const char *name, unsigned int flags);
extern int fallocate(int file, int mode, off_t offset, off_t length);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

/// Ends this process when the one that made it ends. A wrapper, because prctl is variadic.
static inline int ridley_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

/// A pipe that programs started later do not inherit. Swift's own module hides the call.
static inline int ridley_pipe(int ends[2]) { return pipe(ends) || fcntl(ends[0], F_SETFD, FD_CLOEXEC) || fcntl(ends[1], F_SETFD, FD_CLOEXEC); }

static const int ridley_pipe_size = 1031; /* F_SETPIPE_SZ */

/// Two ends of a connection that keeps the borders of messages; programs started later do not inherit them.
static inline int ridley_channel(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

/// A file in memory without a name, -1 where the system gives none.
static inline int ridley_memory_file(void) { return memfd_create("ridley", 3 /* MFD_CLOEXEC | MFD_ALLOW_SEALING */); }

/// A counter that wakes whoever waits for it, -1 where the system gives none.
static inline int ridley_bell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// From now on it keeps its length for ever (F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW), and its bytes too (F_SEAL_WRITE).
static inline int ridley_seal(int file, int bytes_too) { return fcntl(file, 1033 /* F_ADD_SEALS */, 7 | (bytes_too ? 8 : 0)); }
static inline int ridley_is_sealed(int file) { return (fcntl(file, 1034 /* F_GET_SEALS */) & 7) == 7; }

/// Gives the memory of a part back (FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE), or takes it so that touching it cannot fail.
static inline int ridley_punch(int file, off_t offset, off_t length) { return fallocate(file, 3, offset, length); }
static inline int ridley_fill(int file, off_t offset, off_t length) { return fallocate(file, 0, offset, length); }

/// One message, with a descriptor unless it is -1; waits only where it is told to.
static inline ssize_t ridley_send(int socket, const void *bytes, size_t count, int descriptor, int waits) {
  struct iovec part = {(void *)bytes, count};
  union { struct cmsghdr head; char bytes[CMSG_SPACE(sizeof(int))]; } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor >= 0) {
    memset(&control, 0, sizeof control);
    control.head.cmsg_len = CMSG_LEN(sizeof(int));
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(&control.head), &descriptor, sizeof(int));
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL | (waits ? 0 : MSG_DONTWAIT));
}

/// One message; -2 where it was longer than `count`. `descriptor` gets what came with it or -1; where it is null, none is taken.
static inline ssize_t ridley_receive(int socket, void *bytes, size_t count, int *descriptor, int waits) {
  struct iovec part = {bytes, count};
  union { struct cmsghdr head; char bytes[CMSG_SPACE(sizeof(int))]; } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor) {
    *descriptor = -1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
  }
  ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (waits ? 0 : MSG_DONTWAIT));
  if (got < 0) return got;
  struct cmsghdr *head = descriptor ? CMSG_FIRSTHDR(&message) : NULL;
  if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) memcpy(descriptor, CMSG_DATA(head), sizeof(int));
  return message.msg_flags & MSG_TRUNC ? -2 : got;
}

/// What waitpid tells, which are macros in C.
static inline int ridley_exited(int status) { return WIFEXITED(status); }
static inline int ridley_exit_code(int status) { return WEXITSTATUS(status); }
static inline int ridley_end_signal(int status) { return WTERMSIG(status); }

#endif
