/*
 * The echo server of the protocol's first description. It lets in whoever says a user, each in a process of its own.
 *   echo-server PORT       0: any that is free
 */
#define _POSIX_C_SOURCE 200809L
#include "petrichor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *grow(void *user, void *old, size_t size) {
  (void)user;
  return realloc(old, size);
}

/* The dict's bytes as they came: a value's data lie between its prefix and its type. */
static petri_status encode_value(petri_value value, uint8_t *buffer, size_t room, petri_view *view) {
  petri_encoder encoder;
  petri_encode_into(&encoder, buffer, room);
  petri_put_value(&encoder, value);
  return petri_encoded(&encoder, view);
}

static petri_status answer(petri_conn *conn, const petri_message *hello) {
  static const char reply[] = "28:5:ident,1:C,7:version,3:0.1,}";
  petri_view header = {(const uint8_t *)reply, sizeof reply - 1};
  petri_value user;
  if (petri_get(hello->header, "user", &user) != PETRI_OK) {
    petri_status status = petri_peer_denied(conn, header, petri_text("YOU ARE NOT ON THE LIST"));
    return status == PETRI_OK ? PETRI_END : status;
  }
  printf("ACCEPTED %.*s\n", (int)user.data.size, (const char *)user.data.data);
  fflush(stdout);
  return petri_peer_allowed(conn, header, petri_text("WELCOME"));
}

static void serve(int fd) {
  static uint8_t input[65536], header[66000];
  petri_conn conn;
  petri_message message;
  petri_view view;
  petri_conn_init(&conn, petri_fd_io(&fd), NULL, input, sizeof input, NULL, 0);
  conn.parser.resize = grow;
  petri_status status = petri_accept(&conn, &message);
  if (status == PETRI_OK) status = answer(&conn, &message);
  while (status == PETRI_OK) {
    status = petri_recv(&conn, &message);
    if (status == PETRI_OK) status = encode_value(message.header, header, sizeof header, &view);
    if (status == PETRI_OK) status = petri_send(&conn, view, message.body);
  }
  printf("DONE %s\n", petri_code(status));
  fflush(stdout);
  /* Half-closed, so that a denied peer reads why: the process ends when the peer does, or after a second. */
  shutdown(fd, SHUT_WR);
  alarm(1);
  while (read(fd, input, sizeof input) > 0) {
  }
  free(conn.parser.memory);
}

int main(int count, char **arguments) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  if (count != 2) return fprintf(stderr, "usage: echo-server PORT\n"), 2;
  address.sin_port = htons((uint16_t)atoi(arguments[1]));
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    return perror("echo-server"), 1;
  signal(SIGCHLD, SIG_IGN);
  printf("RUNNING 127.0.0.1 %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0) return perror("echo-server"), 1;
    if (fork() == 0) {
      close(listener);
      serve(fd);
      return 0;
    }
    close(fd);
  }
}
