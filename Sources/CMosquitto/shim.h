// MQTT as Swift sees it: libmosquitto writes and reads packets; sockets, and the waiting for them, are ours.
#include <mosquitto.h>
#include <sys/socket.h>
#include <sys/un.h>

/// Has a socket wait for a local connection under a name; its structure's last member is an array, which Swift has as a tuple.
static inline int ridley_listen_local(int socket, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  for (size_t i = 0; path[i]; i++) {
    if (i + 1 >= sizeof address.sun_path) return -1;
    address.sun_path[i] = path[i];
  }
  return bind(socket, (struct sockaddr *)&address, sizeof address) || listen(socket, 1) ? -1 : 0;
}
