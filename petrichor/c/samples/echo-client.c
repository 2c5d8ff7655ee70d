/*
 * The echo client of the protocol's first description.
 *   echo-client HOST PORT USER       then a line a message
 */
#define _POSIX_C_SOURCE 200809L
#include "petrichor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *grow(void *user, void *old, size_t size) {
  (void)user;
  return realloc(old, size);
}

static void print_body(const char *before, petri_value body) {
  printf("%s%.*s\n", before, (int)body.data.size, (const char *)body.data.data);
}

static petri_status converse(petri_conn *conn) {
  char line[4096];
  petri_status status = PETRI_OK;
  petri_message reply;
  while (status == PETRI_OK && printf("> ") > 0 && fflush(stdout) == 0 && fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    status = petri_request(conn, (petri_view){NULL, 0}, petri_text(line), &reply);
    if (status == PETRI_OK) print_body("", reply.body);
  }
  return status;
}

int main(int count, char **arguments) {
  static uint8_t input[65536];
  uint8_t header[512];
  petri_encoder encoder;
  petri_conn conn;
  petri_message answer;
  petri_view ident;
  int fd = -1;
  if (count != 4) return fprintf(stderr, "usage: echo-client HOST PORT USER\n"), 2;

  petri_encode_into(&encoder, header, sizeof header);
  petri_begin_dict(&encoder);
  petri_put_key(&encoder, "user");
  petri_put_text(&encoder, arguments[3]);
  petri_put_key(&encoder, "version");
  petri_put_text(&encoder, "0.1");
  petri_end(&encoder);
  petri_status status = petri_encoded(&encoder, &ident);

  if (status == PETRI_OK) status = petri_dial(arguments[1], arguments[2], 10000, &fd);
  petri_conn_init(&conn, petri_fd_io(&fd), NULL, input, sizeof input, NULL, 0);
  conn.parser.resize = grow;
  if (status == PETRI_OK) status = petri_connect(&conn, ident, petri_text(""), &answer);
  if (status == PETRI_OK) {
    bool allowed = petri_connect_allowed(answer.header, false);
    print_body(allowed ? "CONNECTED " : "YOU WERE DENIED ", answer.body);
    if (!allowed) return 1;
    status = converse(&conn);
  }
  if (fd >= 0) close(fd);
  free(conn.parser.memory);
  if (status != PETRI_OK) fprintf(stderr, "echo-client: %s\n", petri_code(status));
  return status == PETRI_OK ? 0 : 1;
}
