// What a server on Linux calls that Swift's own module of glibc leaves out.
#ifndef RIDLEY_CEPOLL_H
#define RIDLEY_CEPOLL_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

// glibc shows these only to those who ask for all of it.
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

/// `epoll_event` is packed on x86-64, which Swift cannot express; its fields are touched here.
static inline int ridley_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t tag) {
  struct epoll_event event = {.events = events, .data = {.u64 = tag}};
  return epoll_ctl(epoll, operation, fd, &event);
}
static inline uint32_t ridley_event_bits(const struct epoll_event *events, int place) { return events[place].events; }
static inline uint64_t ridley_event_tag(const struct epoll_event *events, int place) { return events[place].data.u64; }

static inline int ridley_accept(int listener, struct sockaddr_storage *address) {
  socklen_t length = sizeof *address;
  return accept4(listener, (struct sockaddr *)address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/// Sends parts as one; never raises SIGPIPE.
static inline ssize_t ridley_send(int fd, struct iovec *parts, int count) {
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
  return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// This thread takes no signals: they are the main thread's, and writing to a closed connection is an error code.
static inline void ridley_block_signals(void) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, 0);
}

/// An address that tells threads apart. Opaque, because `pthread_self` is const in glibc and its value may be reused.
static __attribute__((noinline)) void *ridley_thread(void) {
  static _Thread_local char here;
  __asm__ volatile("");
  return &here;
}

#endif
