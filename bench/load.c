// Load for a server on this machine: many kept-open HTTP/1.1 connections from one thread, and what came of it as JSON.
//
//   load PORT SECONDS [--log FILE] CLIENT... where CLIENT is
//   NAME WORD=VALUE... and every word but one is optional:
//     request=FILE[:ANSWER[:ANSWER...]]  bytes to send, head and body; may be said 64 times, sent in turn. An ANSWER holds
//                                        f32 numbers: an answer with status 200 has to end in the numbers of one of these
//     connections=N   1          each sends its next request as soon as the last is answered
//     rate=R                     instead so many requests a second, whatever comes back, at most N of them under way
//     near=X          0.01       how far a number may be from what is expected, as a share of the largest one
//     drip=MS                    one byte of the request in so many milliseconds
//     idle=1                     connect and say nothing
//     pause=MS                   wait so long between an answer and the next request
//
// A latency runs to the answer's last byte, from when the request's first byte was offered to the system, or from when it was
// due where it had to wait for a connection. late_ms is how long this program itself came too late to its own work at most.
// The log has a line a request: client, request, status (0 lost, -1 late), answer (-1 none of them, -2 not looked at), start and
// end in microseconds of the monotonic clock, bytes of the answer. It ends by itself: what is not answered 30 s after its start is
// late, and GRACE seconds after the end of the run everything is. SIGINT ends the run early.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROGRAM "load"
#include "load.h"

enum { REQUESTS = 64, ANSWERS = 8, CLIENTS = 16, LIMIT = 30, GRACE = 10, STATUSES = 600, RETRY_MS = 20 };
enum { LOST = 0, LATE = -1 };

typedef struct { File sent; File answers[ANSWERS]; int answer_count; } Request;
typedef struct { uint32_t client, request; int32_t status, answer; int64_t start, end; uint64_t bytes; } Event;

typedef struct {
  const char *name;
  Request requests[REQUESTS];
  int request_count, next, connections, idle;
  double rate, near, drip, pause;
  int64_t due;  // when the next request of a rate is due, in microseconds
  uint64_t started;  // of a rate
  int starving;  // something was due, and every connection waited for the server
  uint64_t unsent;  // due, and no connection was free before the end
  uint64_t opened, refused_connections, closed_idle, wrong;
  struct Connection **free;
  int free_count;
} Client;

// A connection is closed (socket -1), free, sending and waiting, or waiting only.
typedef struct Connection {
  Client *client;
  int socket, busy, connected, writing, registered, in_free;
  Request *request;
  size_t sent;
  int64_t start, wake;  // wake: when it has something to do by itself, 0 never
  char *buffer;  // the answer's head and body as far as they are here
  size_t have, room, head, need;  // need: head and body; 0 while the head is not complete
  int status, closing, answered;
} Connection;

static Client clients[CLIENTS];
static int client_count, poll_fd;
static Connection *connections;
static int connection_count;
static Event *events;
static size_t event_count, event_room;
static struct sockaddr_in address;
static int64_t begin, end, late, alarm_at;  // alarm_at: the connections are looked through then, or earlier

static void note(Connection *c, int status, int answer, int64_t at, uint64_t bytes) {
  if (event_count == event_room) {
    event_room = event_room ? event_room * 2 : 1 << 16;
    events = realloc(events, event_room * sizeof *events);
    if (!events) die("out of memory", "");
  }
  events[event_count++] =
      (Event){c->client - clients, c->request - c->client->requests, status, answer, c->start, at, bytes};
}

// How many of the expected answers the numbers at the end of this one are, and which.
static int compared(Connection *c) {
  if (c->status != 200 || c->request->answer_count == 0) return -2;
  for (int k = 0; k < c->request->answer_count; k++) {
    File *wanted = &c->request->answers[k];
    if (c->need - c->head < wanted->count) continue;
    const char *numbers = c->buffer + c->need - wanted->count;
    if (is_near(numbers, wanted, c->client->near)) return k;
  }
  c->client->wrong++;
  return -1;
}

static void watch(Connection *c, int writing) {
  if (c->registered && c->writing == writing) return;
  struct epoll_event wanted = {EPOLLIN | EPOLLRDHUP | (writing ? EPOLLOUT : 0), {.ptr = c}};
  epoll_ctl(poll_fd, c->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->socket, &wanted);
  c->registered = 1;
  c->writing = writing;
}

static void shut(Connection *c) {
  if (c->socket >= 0) close(c->socket);
  c->socket = -1;
  c->connected = c->registered = c->writing = c->closing = 0;
}

static void open_socket(Connection *c) {
  c->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->socket < 0) die("no socket:", strerror(errno));
  int one = 1;
  setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  connect(c->socket, (struct sockaddr *)&address, sizeof address);  // the outcome comes with the first write
  c->client->opened++;
  c->have = c->need = 0;
  watch(c, 1);
}

static void write_some(Connection *c);

static void wake_at(Connection *c, int64_t at) {
  c->wake = at;
  if (at > 0 && at < alarm_at) alarm_at = at;
}

static void begin_request(Connection *c, int64_t due) {
  Client *client = c->client;
  c->request = &client->requests[client->next++ % client->request_count];
  c->busy = 1;
  c->sent = c->have = c->need = 0;
  c->answered = 0;
  c->start = due;
  wake_at(c, client->drip > 0 ? due : 0);
  if (c->socket < 0) open_socket(c);
  if (c->connected && !client->drip) write_some(c);
}

// Closed loops go on at once; connections of a rate wait until a request is due.
static void next_request(Connection *c, int64_t at) {
  Client *client = c->client;
  c->busy = 0;
  c->wake = 0;
  if (client->idle || at >= end) return;
  if (client->rate > 0) {
    if (!c->in_free) client->free[client->free_count++] = c;
    c->in_free = 1;
  } else if (client->pause > 0) {
    wake_at(c, at + client->pause * 1000);
  } else {
    begin_request(c, at);
  }
}

// The request is over: with an answer, or without one.
static void finish(Connection *c, int status, int64_t at) {
  note(c, status, status > 0 ? compared(c) : -2, at, status > 0 ? c->need : 0);
  c->answered = 1;
  int unsent = c->sent < c->request->sent.count;
  if (status <= 0 || c->closing) shut(c);
  else if (unsent && status < 300) { fprintf(stderr, "load: answered %d before the request was sent\n", status); shut(c); }
  else if (unsent) return;  // the rest of the body goes out before the connection is used again
  next_request(c, at);
}

static void lose(Connection *c, int64_t at) {
  if (!c->busy) {
    if (c->client->idle || c->connected) c->client->closed_idle++;
    shut(c);
    return;
  }
  if (c->answered) {  // it refused, and did not want the rest
    shut(c);
    next_request(c, at);
    return;
  }
  if (!c->connected) {  // nobody listens (yet): try again a little later, the request is still the same one
    c->client->refused_connections++;
    shut(c);
    if (at < end) { wake_at(c, at + RETRY_MS * 1000); return; }
  }
  finish(c, LOST, at);
}

static void write_some(Connection *c) {
  size_t left = c->request->sent.count - c->sent;
  if (c->client->drip > 0 && left > 1) left = 1;
  if (left > 0) {
    ssize_t count = send(c->socket, c->request->sent.bytes + c->sent, left, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) {
      // A server that refuses and closes has answered first: that is read before anything else is concluded.
      if (errno == EPIPE || errno == ECONNRESET) { c->sent = c->request->sent.count; c->closing = 1; watch(c, 0); return; }
      lose(c, now());
      return;
    }
    if (count > 0) c->sent += count;
  }
  if (c->sent == c->request->sent.count) {
    watch(c, 0);
    if (c->answered) next_request(c, now());
  } else {
    watch(c, c->client->drip == 0);
  }
}

static void read_head(Connection *c) {
  char *stop = memmem(c->buffer, c->have, "\r\n\r\n", 4);
  if (!stop) return;
  c->head = stop + 4 - c->buffer;
  c->status = c->have > 12 ? atoi(c->buffer + 9) : 0;
  size_t length = 0;
  int known = c->status == 204 || c->status == 304;
  for (char *line = c->buffer; line < stop; line = (char *)memchr(line, '\n', c->buffer + c->head - line) + 1) {
    if (!strncasecmp(line, "content-length:", 15)) { length = strtoull(line + 15, NULL, 10); known = 1; }
    if (!strncasecmp(line, "connection: close", 17)) c->closing = 1;
  }
  if (!known || c->status < 200 || c->status >= STATUSES) { c->status = 0; c->need = c->head; return; }
  c->need = c->head + length;
}

static void read_some(Connection *c) {
  for (;;) {
    if (c->room < c->have + 16384 || c->room < c->need) {
      c->room = c->need > c->have + 16384 ? c->need : c->have + 65536;
      c->buffer = realloc(c->buffer, c->room);
      if (!c->buffer) die("out of memory", "");
    }
    size_t wanted = c->room - c->have;
    ssize_t count = recv(c->socket, c->buffer + c->have, wanted, 0);
    int64_t at = count < 0 && errno == EAGAIN ? 0 : now();
    if (at == 0) return;
    if (count <= 0) { lose(c, at); return; }
    if (!c->busy || c->answered) { shut(c); if (c->busy) next_request(c, at); return; }  // it said more than it was asked
    c->have += count;
    if (c->need == 0) read_head(c);
    if (c->need > 0 && c->have >= c->need) { finish(c, c->status, at); return; }
    if ((size_t)count < wanted) return;
  }
}

static void serve(Connection *c, uint32_t what) {
  if (c->socket >= 0 && !c->connected && (what & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->socket, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) { lose(c, now()); return; }
    c->connected = 1;
    if (c->busy && !c->client->drip) write_some(c); else watch(c, 0);
    return;
  }
  if (c->socket >= 0 && (what & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP))) read_some(c);
  if (c->socket >= 0 && c->busy && (what & EPOLLOUT) && c->sent < c->request->sent.count && c->registered) write_some(c);
}

// What never reached a server is not waited for.
static int is_waiting(const Connection *c) { return c->busy && c->connected && !c->answered && !c->client->drip; }

static void give_up(Connection *c, int64_t at) {
  c->closing = 1;
  finish(c, LATE, at);
}

static void rouse(Connection *c, int64_t at) {
  c->wake = 0;
  if (!c->busy) begin_request(c, at);
  else if (c->socket < 0) open_socket(c);
  else {
    wake_at(c, at + c->client->drip * 1000);
    if (c->connected && c->sent < c->request->sent.count) write_some(c);
  }
}

// What is due now; gives the microseconds until something is due again.
static int64_t turn(int64_t at) {
  int64_t soonest = at + 100000;
  for (Client *client = clients; client < clients + client_count; client++) {
    if (client->rate <= 0) continue;
    while (client->due <= at && client->due < end && client->free_count > 0) {
      Connection *c = client->free[--client->free_count];
      c->in_free = 0;
      if (!client->starving && at - client->due > late) late = at - client->due;
      begin_request(c, client->starving ? client->due : at);
      client->due = begin + ++client->started * 1e6 / client->rate;
    }
    client->starving = client->due <= at && client->due < end;
    if (client->due < end && client->free_count > 0 && client->due < soonest) soonest = client->due;
  }
  if (at >= alarm_at) {
    alarm_at = at + 1000000;
    for (Connection *c = connections; c < connections + connection_count; c++) {
      if (is_waiting(c) && at - c->start > LIMIT * 1000000LL) give_up(c, at);
      else if (c->wake > 0 && c->wake <= at) rouse(c, at);
      if (c->wake > 0 && c->wake < alarm_at) alarm_at = c->wake;
    }
  }
  if (alarm_at < soonest) soonest = alarm_at;
  return soonest > at ? soonest - at : 0;
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void quantiles(const char *label, int64_t *times, size_t count) {
  qsort(times, count, sizeof *times, ascending);
  printf("\"%s\":{", label);
  const struct { const char *name; double share; } wanted[] = {{"p50", .5}, {"p90", .9}, {"p95", .95}, {"p99", .99}, {"max", 1}};
  for (int k = 0; k < 5; k++) {
    size_t rank = ceil(wanted[k].share * count);
    printf("%s\"%s\":%.3f", k ? "," : "", wanted[k].name, count ? times[rank ? rank - 1 : 0] / 1000.0 : 0.0);
  }
  printf("}");
}

static void tell(const Client *client, double seconds, int64_t *good, int64_t *bad) {
  size_t statuses[STATUSES + 1] = {0}, good_count = 0, bad_count = 0, requests = 0, inside = 0;
  uint64_t bytes = 0;
  for (size_t k = 0; k < event_count; k++) {
    const Event *e = &events[k];
    if (&clients[e->client] != client) continue;
    requests++;
    bytes += e->bytes;
    statuses[e->status == LATE ? STATUSES : e->status]++;
    if (e->status == 200) good[good_count++] = e->end - e->start;
    else bad[bad_count++] = e->end - e->start;
    inside += e->status == 200 && e->end <= end;
  }
  printf("{\"name\":\"%s\",\"connections\":%d,\"requests\":%zu,\"statuses\":{", client->name, client->connections, requests);
  int first = 1;
  for (int s = 1; s < STATUSES; s++)
    if (statuses[s]) printf("%s\"%d\":%zu", first ? "" : ",", s, statuses[s]), first = 0;
  printf("},\"lost\":%zu,\"late\":%zu,\"wrong\":%lu,\"unsent\":%lu,\"opened\":%lu,\"connections_refused\":%lu,\"closed_idle\":%lu,",
    statuses[LOST], statuses[STATUSES], client->wrong, client->unsent, client->opened, client->refused_connections,
    client->closed_idle);
  printf("\"answer_bytes\":%lu,\"good_per_second\":%.2f,", bytes, inside / seconds);
  quantiles("good_ms", good, good_count);
  printf(",");
  quantiles("other_ms", bad, bad_count);
  printf("}");
}

static void parse_request(Client *client, char *words) {
  if (client->request_count == REQUESTS) die("too many requests for", client->name);
  Request *request = &client->requests[client->request_count++];
  request->sent = whole(strsep(&words, ":"), 0);
  for (char *word; (word = strsep(&words, ":"));) {
    if (request->answer_count == ANSWERS) die("too many answers for", client->name);
    request->answers[request->answer_count++] = whole(word, 0);
  }
}

static void parse(int count, char **words) {
  Client *client = NULL;
  for (int k = 0; k < count; k++) {
    char *value = strchr(words[k], '=');
    if (!value) {
      if (client_count == CLIENTS) die("too many clients:", words[k]);
      client = &clients[client_count++];
      *client = (Client){.name = words[k], .connections = 1, .near = 0.01};
      continue;
    }
    *value++ = 0;
    if (!client) die("a client's name is missing before", words[k]);
    if (!strcmp(words[k], "request")) parse_request(client, value);
    else if (!strcmp(words[k], "connections")) client->connections = atoi(value);
    else if (!strcmp(words[k], "rate")) client->rate = atof(value);
    else if (!strcmp(words[k], "near")) client->near = atof(value);
    else if (!strcmp(words[k], "drip")) client->drip = atof(value);
    else if (!strcmp(words[k], "pause")) client->pause = atof(value);
    else if (!strcmp(words[k], "idle")) client->idle = atoi(value);
    else die("unknown word", words[k]);
  }
  for (Client *each = clients; each < clients + client_count; each++) {
    if (!each->idle && each->request_count == 0) die("no request for", each->name);
    if (each->connections < 1 || each->connections > 15000) die("connections from 1 to 15000 for", each->name);
    connection_count += each->connections;
  }
  if (client_count == 0) die("no client:", "see the head of load.c");
}

static void make_connections(void) {
  connections = calloc(connection_count, sizeof *connections);
  Connection *c = connections;
  for (Client *client = clients; client < clients + client_count; client++) {
    client->free = calloc(client->connections, sizeof *client->free);
    client->due = begin;
    for (int k = 0; k < client->connections; k++, c++) {
      *c = (Connection){.client = client, .socket = -1};
      if (client->idle) open_socket(c);
      else next_request(c, begin);
    }
  }
}

static int outstanding(void) {
  int count = 0;
  for (Connection *c = connections; c < connections + connection_count; c++)
    count += is_waiting(c);
  return count;
}

static volatile sig_atomic_t is_told_to_end;

static void stop(int number) { is_told_to_end = number; }

static void run(void) {
  struct epoll_event ready[256];
  for (int64_t at = now(); at < end || (outstanding() && at < end + GRACE * 1000000LL); at = now()) {
    if (is_told_to_end && at < end) end = at;
    int64_t wait = turn(at);
    if (at < end && end - at < wait) wait = end - at;
    struct timespec time = {wait / 1000000, wait % 1000000 * 1000};
    int count = epoll_pwait2(poll_fd, ready, 256, &time, NULL);
    if (count == 0 && now() - at - wait > late) late = now() - at - wait;
    for (int k = 0; k < count; k++) serve(ready[k].data.ptr, ready[k].events);
  }
  int64_t at = now();
  for (Connection *c = connections; c < connections + connection_count; c++)
    if (is_waiting(c)) give_up(c, at);
  for (Client *client = clients; client < clients + client_count; client++)
    if (client->rate > 0 && client->due < end) client->unsent = (end - client->due) / 1e6 * client->rate;
}

static void write_log(const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) die("cannot write", path);
  for (Event *e = events; e < events + event_count; e++)
    fprintf(
      file, "%s %u %d %d %ld %ld %lu\n", clients[e->client].name, e->request, e->status, e->answer, e->start, e->end, e->bytes);
  if (fclose(file)) die("cannot write", path);
}

static double cpu_seconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **words) {
  const char *log = NULL;
  if (count < 4) die("PORT SECONDS CLIENT... are needed:", "see the head of load.c");
  double seconds = atof(words[2]);
  if (seconds <= 0 || seconds > 3600) die("not a number of seconds:", words[2]);
  address = (struct sockaddr_in){AF_INET, htons(atoi(words[1])), {htonl(INADDR_LOOPBACK)}, {0}};
  int used = 3;
  if (!strcmp(words[3], "--log") && count > 4) log = words[4], used = 5;
  parse(count - used, words + used);
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  begin = now();
  end = begin + seconds * 1e6;
  make_connections();
  signal(SIGINT, stop);
  double before = cpu_seconds();
  run();
  seconds = (end - begin) / 1e6;
  if (log) write_log(log);
  int64_t *good = malloc((event_count + 1) * sizeof *good), *bad = malloc((event_count + 1) * sizeof *bad);
  printf("{\"begin\":%ld,\"seconds\":%.3f,\"cpu_seconds\":%.4f,\"late_ms\":%.1f,\"clients\":[", begin, seconds,
    cpu_seconds() - before, late / 1000.0);
  for (int k = 0; k < client_count; k++) {
    if (k) printf(",");
    tell(&clients[k], seconds, good, bad);
  }
  printf("]}\n");
  return 0;
}
