// Load for a gRPC server on this machine: many kept-open HTTP/2 connections from one thread, each with one message under way, and what came
// of it as JSON, as load.c does it over HTTP/1.1.
//
//   load_rpc PORT SECONDS CONNECTIONS unary|stream NEAR PATH REQUEST:ANSWER...
//
// A REQUEST is a file with one message, sent in turn. An ANSWER holds f32 numbers: an answer is right where it ends in them, each as near as
// NEAR, a share of the largest one. unary makes a call of each message, stream one call a connection. A latency runs from when
// the message's first byte was offered to the system to the end of its answer: of the call, or of the message in a stream.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROGRAM "load_rpc"
#include "load.h"

enum { PREFIX = 5, WINDOW = 16 << 20, GRACE = 10 };

typedef struct { File message, answer; } Request;

typedef struct {
  int socket, writing, busy;
  nghttp2_session *session;
  int32_t stream;
  Request *request;
  size_t sent;  // of prefix and message
  char *in;  // prefixes and messages that came
  size_t have, room;
  const uint8_t *out;  // what nghttp2 gave and the socket did not take
  size_t left;
  int status;
  int64_t start;
} Connection;

static Request *requests;
static int request_count, next_number, streams, poll_fd, open_count;
static double near_share;
static const char *path;
static char authority[32];
static int64_t end, *times;
static size_t good, inside, wrong, failed, time_room;

static int is_right(const Connection *c, size_t stop) {
  const File *wanted = &c->request->answer;
  if (stop < PREFIX + wanted->count) return 0;
  return is_near(c->in + stop - wanted->count, wanted, near_share);
}

static void finish(Connection *c, int is_good, size_t stop) {
  int64_t at = now();
  c->busy = 0;
  if (!is_good) { failed++; return; }
  if (!is_right(c, stop)) { wrong++; return; }
  if (good == time_room) times = realloc(times, (time_room = time_room ? time_room * 2 : 1 << 14) * sizeof *times);
  times[good++] = at - c->start;
  inside += at <= end;
}

static ssize_t read_message(nghttp2_session *session, int32_t stream, uint8_t *room, size_t count, uint32_t *flags,
                            nghttp2_data_source *source, void *context) {
  (void)session, (void)stream, (void)source;
  Connection *c = context;
  size_t left = c->request ? c->request->message.count - c->sent : 0;
  if (left == 0) {
    if (streams && now() < end) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return 0;
  }
  if (count > left) count = left;
  memcpy(room, c->request->message.bytes + c->sent, count);
  c->sent += count;
  if (!streams && c->sent == c->request->message.count) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return count;
}

static void begin_call(Connection *c) {
#define FIELD(name, value) {(uint8_t *)name, (uint8_t *)(value), sizeof name - 1, strlen(value), NGHTTP2_NV_FLAG_NONE}
  nghttp2_nv fields[] = {FIELD(":method", "POST"), FIELD(":scheme", "http"), FIELD(":path", path), FIELD(":authority", authority),
                         FIELD("content-type", "application/grpc"), FIELD("te", "trailers")};
  nghttp2_data_provider data = {.read_callback = read_message};
  c->have = 0;
  c->status = -1;
  c->stream = nghttp2_submit_request(c->session, NULL, fields, sizeof fields / sizeof *fields, &data, NULL);
  if (c->stream < 0) die("no stream:", nghttp2_strerror(c->stream));
}

static void ask(Connection *c) {
  if (now() >= end) {
    c->request = NULL;
    if (streams) nghttp2_session_resume_data(c->session, c->stream);
    return;
  }
  c->request = &requests[next_number++ % request_count];
  c->sent = 0;
  c->busy = 1;
  c->start = now();
  if (streams && c->stream > 0) nghttp2_session_resume_data(c->session, c->stream);
  else begin_call(c);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t count, void *context) {
  (void)session, (void)flags, (void)stream;
  Connection *c = context;
  if (c->room < c->have + count) c->in = realloc(c->in, c->room = (c->have + count) * 2);
  memcpy(c->in + c->have, bytes, count);
  c->have += count;
  while (streams && c->have >= PREFIX) {
    uint32_t size;
    memcpy(&size, c->in + 1, 4);
    size_t stop = PREFIX + ntohl(size);
    if (c->have < stop) break;
    finish(c, 1, stop);
    memmove(c->in, c->in + stop, c->have -= stop);
    ask(c);
  }
  return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_count,
                     const uint8_t *value, size_t count, uint8_t flags, void *context) {
  (void)session, (void)frame, (void)flags, (void)count;
  if (name_count == 11 && !memcmp(name, "grpc-status", 11)) ((Connection *)context)->status = atoi((const char *)value);
  return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t code, void *context) {
  (void)session, (void)stream;
  Connection *c = context;
  if (c->busy) finish(c, code == 0 && c->status == 0 && !streams, c->have);
  c->stream = 0;
  if (now() < end) ask(c);
  else if (c->socket >= 0) { close(c->socket); c->socket = -1; open_count--; }
  return 0;
}

// As large as the server takes them.
static ssize_t frame_size(nghttp2_session *session, uint8_t type, int32_t stream, int32_t session_window, int32_t stream_window,
                          uint32_t most, void *context) {
  (void)session, (void)type, (void)stream, (void)context;
  int32_t window = session_window < stream_window ? session_window : stream_window;
  return window < (int32_t)most ? window : (int32_t)most;
}

static void flush(Connection *c) {
  while (c->socket >= 0) {
    if (c->left == 0) {
      ssize_t count = nghttp2_session_mem_send(c->session, &c->out);
      if (count < 0) die("cannot send:", nghttp2_strerror(count));
      if (count == 0) break;
      c->left = count;
    }
    ssize_t sent = send(c->socket, c->out, c->left, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) die("the server closed a connection:", strerror(errno));
    if (sent < 0) break;
    c->out += sent;
    c->left -= sent;
  }
  int wants = c->left > 0;
  if (c->socket < 0 || wants == c->writing) return;
  c->writing = wants;
  struct epoll_event wanted = {EPOLLIN | (wants ? EPOLLOUT : 0), {.ptr = c}};
  epoll_ctl(poll_fd, EPOLL_CTL_MOD, c->socket, &wanted);
}

static void serve(Connection *c, uint32_t what) {
  static uint8_t room[1 << 18];
  if (what & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
    ssize_t count = recv(c->socket, room, sizeof room, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) die("the server closed a connection", "");
    if (count > 0) {
      ssize_t taken = nghttp2_session_mem_recv(c->session, room, count);
      if (taken < 0) die("not HTTP/2:", nghttp2_strerror(taken));
    }
  }
  flush(c);
}

static void connect_all(Connection *all, int count, int port, nghttp2_session_callbacks *callbacks) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW}, {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
  for (Connection *c = all; c < all + count; c++) {
    c->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(c->socket, (struct sockaddr *)&address, sizeof address)) die("nobody listens:", strerror(errno));
    int one = 1;
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event wanted = {EPOLLIN, {.ptr = c}};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->socket, &wanted);
    nghttp2_session_client_new(&c->session, callbacks, c);
    nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0, WINDOW);
    if (fcntl(c->socket, F_SETFL, O_NONBLOCK)) die("no socket:", strerror(errno));
  }
  open_count = count;
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

int main(int count, char **words) {
  if (count < 8) die("see the head of", "load_rpc.c");
  int port = atoi(words[1]), connection_count = atoi(words[3]);
  double seconds = atof(words[2]);
  streams = !strcmp(words[4], "stream");
  near_share = atof(words[5]);
  path = words[6];
  snprintf(authority, sizeof authority, "127.0.0.1:%d", port);
  request_count = count - 7;
  requests = calloc(request_count, sizeof *requests);
  for (int k = 0; k < request_count; k++) {
    char *name = words[7 + k], *answer = strchr(name, ':');
    if (!answer) die("an answer is missing behind", name);
    *answer++ = 0;
    requests[k] = (Request){whole(name, PREFIX), whole(answer, 0)};
    uint32_t size = htonl(requests[k].message.count - PREFIX);
    requests[k].message.bytes[0] = 0;
    memcpy(requests[k].message.bytes + 1, &size, 4);
  }
  nghttp2_session_callbacks *callbacks;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, frame_size);
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  Connection *all = calloc(connection_count, sizeof *all);
  connect_all(all, connection_count, port, callbacks);
  int64_t begin = now();
  end = begin + seconds * 1e6;
  for (Connection *c = all; c < all + connection_count; c++) { ask(c); flush(c); }
  while (open_count > 0 && now() < end + GRACE * 1000000LL) {
    struct epoll_event ready[64];
    int found = epoll_wait(poll_fd, ready, 64, 1000);
    for (int k = 0; k < found; k++)
      if (((Connection *)ready[k].data.ptr)->socket >= 0) serve(ready[k].data.ptr, ready[k].events);
  }
  size_t late = 0;
  for (Connection *c = all; c < all + connection_count; c++) late += c->busy;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  qsort(times, good, sizeof *times, ascending);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
#define RANK(share) (good ? times[(size_t)ceil((share) * good) - 1] / 1000.0 : 0.0)
  printf("{\"requests\":%zu,\"wrong\":%zu,\"failed\":%zu,\"late\":%zu,\"good_per_second\":%.2f,\"good_ms\":{\"p50\":%.3f,\"p99\":%.3f},"
         "\"cpu_seconds\":%.3f}\n", good + wrong + failed + late, wrong, failed, late, inside / seconds, RANK(.5), RANK(.99), cpu);
  return 0;
}
