/* The peers of the interop matrix: petri-interop server PORT | client HOST PORT CASES. See petrichor/interop/README.md. */
#define _POSIX_C_SOURCE 200809L
#include "petrichor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM (4u << 20)

static uint8_t input[65536], header_room[70000], body_room[ROOM];

static void *grow(void *user, void *old, size_t size) {
  (void)user;
  return realloc(old, size);
}

/* Writes a value by the calls of its type, so that the encoder is on the way too. */
static void copy(petri_encoder *encoder, petri_value value) {
  petri_iterator iterator = petri_iterate(value);
  petri_value child;
  petri_view key;
  int64_t integer;
  double number;
  bool boolean;
  switch (value.type) {
  case '#':
    if (petri_int(value, &integer) == PETRI_OK) petri_put_int(encoder, integer);
    else petri_put_digits(encoder, (const char *)value.data.data, value.data.size);
    return;
  case '^':
    petri_float(value, &number);
    petri_put_float(encoder, number);
    return;
  case '!':
    petri_bool(value, &boolean);
    petri_put_bool(encoder, boolean);
    return;
  case '~': petri_put_null(encoder); return;
  case '}': petri_begin_dict(encoder); break;
  case ']': petri_begin_list(encoder); break;
  default: petri_put_bytes(encoder, value.data.data, value.data.size); return;
  }
  while (petri_next(&iterator, &key, &child) == PETRI_OK) {
    if (value.type == '}') petri_put_key_bytes(encoder, key);
    copy(encoder, child);
  }
  petri_end(encoder);
}

static petri_status write_value(petri_value value, uint8_t *room, size_t size, petri_view *view) {
  petri_encoder encoder;
  petri_encode_into(&encoder, room, size);
  copy(&encoder, value);
  return petri_encoded(&encoder, view);
}

static petri_status read_value(petri_view bytes, petri_value *value) {
  size_t used;
  return petri_decode(bytes.data, bytes.size, NULL, value, &used, NULL);
}

/* Equal as values: dicts in any order, numbers by what they are. */
static bool same(petri_value a, petri_value b) {
  petri_iterator left = petri_iterate(a), right = petri_iterate(b);
  petri_value x, y;
  petri_view key;
  double p, q;
  size_t count = 0;
  if (a.type != b.type) return false;
  if (a.type == '^') return petri_float(a, &p) == PETRI_OK && petri_float(b, &q) == PETRI_OK && p == q;
  if (a.type == ']') {
    while (petri_next(&left, NULL, &x) == PETRI_OK) {
      if (petri_next(&right, NULL, &y) != PETRI_OK || !same(x, y)) return false;
    }
    return petri_next(&right, NULL, &y) == PETRI_END;
  }
  if (a.type != '}') return a.data.size == b.data.size && memcmp(a.data.data, b.data.data, a.data.size) == 0;
  for (; petri_next(&left, &key, &x) == PETRI_OK; count++) {
    char name[64];
    if (key.size >= sizeof name) return false;
    memcpy(name, key.data, key.size);
    name[key.size] = 0;
    if (petri_get(b, name, &y) != PETRI_OK || !same(x, y)) return false;
  }
  while (petri_next(&right, &key, &y) == PETRI_OK) count--;
  return count == 0;
}

static petri_conn meet(int *fd) {
  petri_conn conn;
  petri_conn_init(&conn, petri_fd_io(fd), NULL, input, sizeof input, NULL, 0);
  conn.parser.resize = grow;
  return conn;
}

static void serve(int fd) {
  petri_conn conn = meet(&fd);
  petri_message message;
  petri_value user, body;
  petri_view header = {NULL, 0}, bytes;
  petri_status status = petri_accept(&conn, &message);
  if (status == PETRI_OK && petri_get(message.header, "user", &user) != PETRI_OK) {
    petri_peer_denied(&conn, header, petri_text("YOU ARE NOT ON THE LIST"));
    return;
  }
  if (status == PETRI_OK) status = petri_peer_allowed(&conn, header, petri_text("WELCOME"));
  while (status == PETRI_OK && (status = petri_recv(&conn, &message)) == PETRI_OK) {
    status = write_value(message.header, header_room, sizeof header_room, &header);
    if (status == PETRI_OK) status = write_value(message.body, body_room, sizeof body_room, &bytes);
    if (status == PETRI_OK) status = read_value(bytes, &body);
    if (status == PETRI_OK) status = petri_send(&conn, header, body);
  }
  if (status != PETRI_END) fprintf(stderr, "server: %s\n", petri_code(status));
}

static int run_server(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_port = htons((uint16_t)atoi(port));
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    return perror("server"), 1;
  signal(SIGCHLD, SIG_IGN);
  printf("RUNNING 127.0.0.1 %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    if (fork() == 0) {
      close(listener);
      serve(fd);
      close(fd);
      _exit(0);
    }
    close(fd);
  }
}

static int fail(const char *what, petri_status status) {
  fprintf(stderr, "client: %s: %s\n", what, petri_code(status));
  return 1;
}

static int unhex(const char *line, uint8_t *out) {
  int size = 0;
  for (; line[0] > ' ' && line[1] > ' '; line += 2) {
    char digits[3] = {line[0], line[1], 0};
    out[size++] = (uint8_t)strtol(digits, NULL, 16);
  }
  return size;
}

static petri_status exchange(petri_conn *conn, int number, petri_value body) {
  petri_encoder encoder;
  petri_view header;
  petri_message reply;
  petri_value n;
  int64_t back = -1;
  petri_encode_into(&encoder, header_room, sizeof header_room);
  petri_begin_dict(&encoder);
  petri_put_key(&encoder, "n");
  petri_put_int(&encoder, number);
  petri_end(&encoder);
  petri_status status = petri_encoded(&encoder, &header);
  if (status == PETRI_OK) status = petri_request(conn, header, body, &reply);
  if (status != PETRI_OK) return status;
  if (petri_get(reply.header, "n", &n) != PETRI_OK || petri_int(n, &back) != PETRI_OK || back != number)
    return PETRI_EWRONG;
  return same(reply.body, body) ? PETRI_OK : PETRI_EWRONG;
}

static int run_client(const char *host, const char *port, const char *cases) {
  static char line[100000];
  static uint8_t bytes[50000];
  petri_view stranger = {(const uint8_t *)"0:}", 3}, known = {(const uint8_t *)"11:4:user,1:C,}", 15};
  petri_message answer;
  int fd = -1, count = 0;
  petri_status status = petri_dial(host, port, 10000, &fd);
  petri_conn conn = meet(&fd);
  if (status == PETRI_OK) status = petri_connect(&conn, stranger, petri_text(""), &answer);
  if (status != PETRI_OK) return fail("connect", status);
  if (petri_connect_allowed(answer.header, false) || !petri_is_text(answer.body, "YOU ARE NOT ON THE LIST"))
    return fail("a stranger was not denied", PETRI_EWRONG);
  close(fd);
  status = petri_dial(host, port, 10000, &fd);
  conn = meet(&fd);
  if (status == PETRI_OK) status = petri_connect(&conn, known, petri_text(""), &answer);
  if (status != PETRI_OK) return fail("connect", status);
  if (!petri_connect_allowed(answer.header, true) || !petri_is_text(answer.body, "WELCOME"))
    return fail("not welcome", PETRI_EWRONG);
  FILE *file = fopen(cases, "r");
  if (file == NULL) return perror(cases), 1;
  while (fgets(line, sizeof line, file) != NULL) {
    petri_value value;
    petri_view view, raw = {bytes, (size_t)unhex(line, bytes)};
    status = read_value(raw, &value);
    if (status == PETRI_OK) status = write_value(value, body_room, sizeof body_room, &view);
    if (status == PETRI_OK) status = read_value(view, &value);
    if (status == PETRI_OK) status = exchange(&conn, count++, value);
    if (status != PETRI_OK) return fail(line, status);
  }
  fclose(file);
  for (size_t i = 0; i < 1 << 20; i++) body_room[i] = (uint8_t)(i * 31);
  status = exchange(&conn, count++, petri_bytes(body_room, 1 << 20));
  if (status != PETRI_OK) return fail("a large body", status);
  close(fd);
  printf("OK %d\n", count);
  return 0;
}

int main(int count, char **arguments) {
  if (count == 3 && strcmp(arguments[1], "server") == 0) return run_server(arguments[2]);
  if (count == 5 && strcmp(arguments[1], "client") == 0) return run_client(arguments[2], arguments[3], arguments[4]);
  return fprintf(stderr, "usage: petri-interop server PORT | client HOST PORT CASES\n"), 2;
}
