/* Connections over memory and sockets, limits, encoder misuse: what the shared vectors do not show. */
#define _POSIX_C_SOURCE 200809L
#include "petrichor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int passed, failed;

static void expect_at(bool holds, const char *what, int line) {
  if (holds) passed++;
  else failed++, fprintf(stderr, "line %d: %s\n", line, what);
}
#define EXPECT(what) expect_at((what), #what, __LINE__)

/* A peer in memory: what it says, what it was told, and a clock that a read moves on. */
typedef struct peer {
  const char *says;
  size_t at, size, step, heard;
  char told[4096];
  int64_t time, per_read;
} peer;

static ptrdiff_t peer_read(void *user, void *into, size_t room, int64_t deadline) {
  peer *self = user;
  size_t left = self->size - self->at, count = left < self->step ? left : self->step;
  self->time += self->per_read;
  if (deadline != 0 && self->time >= deadline) return PETRI_ETIMEOUT;
  if (count > room) count = room;
  memcpy(into, self->says + self->at, count);
  self->at += count;
  return (ptrdiff_t)count;
}

/* Takes at most 7 bytes at a time, so that every gathered write goes in parts. */
static ptrdiff_t peer_write(void *user, const petri_view *pieces, size_t count, int64_t deadline) {
  peer *self = user;
  size_t taken = 0;
  (void)deadline;
  for (size_t i = 0; i < count; i++) {
    for (size_t at = 0; at < pieces[i].size && taken < 7; at++, taken++) {
      if (self->heard < sizeof self->told - 1) self->told[self->heard++] = (char)pieces[i].data[at];
    }
  }
  return (ptrdiff_t)taken;
}

static int64_t peer_now(void *user) { return ((peer *)user)->time; }

static uint8_t input[64], memory[512];

static petri_conn meet(peer *self, const char *says, size_t step) {
  petri_conn conn;
  memset(self, 0, sizeof *self);
  self->says = says;
  self->size = strlen(says);
  self->step = step;
  self->time = 1;
  petri_conn_init(&conn, (petri_io){self, peer_read, peer_write, peer_now}, NULL, input, sizeof input, memory,
                  sizeof memory);
  return conn;
}

static petri_view view(const char *text) { return (petri_view){(const uint8_t *)text, strlen(text)}; }

static void test_handshakes(void) {
  peer self;
  petri_message message;
  petri_value value;
  for (size_t step = 1; step < 100; step += 9) {
    petri_conn conn = meet(&self, "31:7:allowed,4:true!5:ident,3:abc,}7:WELCOME,0:}5:hello,", step);
    EXPECT(petri_connect(&conn, view("13:4:user,3:zed,}"), petri_text(""), &message) == PETRI_OK);
    EXPECT(strcmp(self.told, "13:4:user,3:zed,}0:,") == 0);
    EXPECT(petri_connect_allowed(message.header, true) && petri_is_text(message.body, "WELCOME"));
    EXPECT(petri_get(message.header, "ident", &value) == PETRI_OK && petri_is_text(value, "abc"));
    EXPECT(petri_get(message.header, "none", &value) == PETRI_END);
    EXPECT(petri_request(&conn, view(""), petri_text("hello"), &message) == PETRI_OK);
    EXPECT(petri_is_text(message.body, "hello"));
    EXPECT(petri_recv(&conn, &message) == PETRI_END);
    EXPECT(petri_request(&conn, view(""), petri_text(""), &message) == PETRI_ENOREPLY);
    EXPECT(petri_recv(&conn, &message) == PETRI_ECLOSED);
  }
  petri_conn conn = meet(&self, "0:}0:,", 100);
  EXPECT(petri_accept(&conn, &message) == PETRI_OK);
  EXPECT(petri_peer_allowed(&conn, view("34:1:a,1:1#7:allowed,5:false!1:b,1:2#}"), petri_text("")) == PETRI_OK);
  EXPECT(strcmp(self.told, "33:7:allowed,4:true!1:a,1:1#1:b,1:2#}0:,") == 0);
  conn = meet(&self, "", 100);
  EXPECT(petri_peer_denied(&conn, view(""), petri_text("NO")) == PETRI_OK);
  EXPECT(strcmp(self.told, "18:7:allowed,5:false!}2:NO,") == 0);
  conn = meet(&self, "", 100);
  EXPECT(petri_connect(&conn, view(""), petri_text(""), &message) == PETRI_ENOREPLY);
}

static bool allowed(const char *header, bool strict) {
  petri_value value;
  size_t used;
  return petri_decode((const uint8_t *)header, strlen(header), NULL, &value, &used, NULL) == PETRI_OK &&
         petri_connect_allowed(value, strict);
}

static void test_allowed(void) {
  EXPECT(allowed("0:}", false) && !allowed("0:}", true));
  EXPECT(allowed("17:7:allowed,4:true!}", false) && allowed("17:7:allowed,4:true!}", true));
  EXPECT(!allowed("18:7:allowed,5:false!}", false));
  EXPECT(!allowed("14:7:allowed,1:1#}", false) && !allowed("13:7:allowed,0:~}", false));
}

static petri_status recv_of(const char *says, petri_message *message) {
  peer self;
  petri_conn conn = meet(&self, says, 5);
  return petri_recv(&conn, message);
}

static void test_ends(void) {
  petri_message message;
  EXPECT(recv_of("", &message) == PETRI_END);
  EXPECT(recv_of("0:}0:~", &message) == PETRI_OK && message.body.type == '~');
  EXPECT(recv_of("0:}", &message) == PETRI_ECUT);
  EXPECT(recv_of("0:}5:hel", &message) == PETRI_ECUT);
  EXPECT(recv_of("5:hello,0:,", &message) == PETRI_EHEADER);
  EXPECT(recv_of("0:]0:,", &message) == PETRI_EHEADER);
  EXPECT(recv_of("GET / HTTP/1.1", &message) == PETRI_ESIZE);
  EXPECT(recv_of("65537:", &message) == PETRI_ETOOLARGE);
  EXPECT(recv_of("0:}16777217:", &message) == PETRI_ETOOLARGE);
  EXPECT(recv_of("0:}999999999:", &message) == PETRI_ETOOLARGE);
  EXPECT(recv_of("0:}600:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &message) == PETRI_ECUT);
}

static void test_chunks(void) {
  peer self;
  petri_value value;
  petri_message message;
  petri_conn conn = meet(&self, "0:~1:7#0:}5:hello,", 4);
  EXPECT(petri_read_chunk(&conn, &value) == PETRI_OK && value.type == '~');
  EXPECT(petri_read_chunk(&conn, &value) == PETRI_OK && value.type == '#');
  EXPECT(petri_recv(&conn, &message) == PETRI_OK && petri_is_text(message.body, "hello"));
  EXPECT(petri_read_chunk(&conn, &value) == PETRI_END);
}

static void test_deadlines(void) {
  peer self;
  petri_message message;
  petri_conn conn = meet(&self, "0:}5:hello,", 1);
  self.per_read = 3000;
  EXPECT(petri_accept(&conn, &message) == PETRI_EHANDSHAKE);
  conn = meet(&self, "0:}5:hello,", 1);
  self.per_read = 9000;
  EXPECT(petri_recv(&conn, &message) == PETRI_ESLOW);
  conn = meet(&self, "0:}5:hello,", 1);
  self.per_read = 2000;
  EXPECT(petri_recv(&conn, &message) == PETRI_OK);
  conn = meet(&self, "0:}5:hello,", 1);
  self.per_read = 2000;
  conn.idle_ms = 1000;
  EXPECT(petri_recv(&conn, &message) == PETRI_EIDLE);
  /* Slower than message_ms as a whole, but faster than message_rate all along. */
  conn = meet(&self, "0:}400:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxx,", 20);
  self.per_read = 10;
  conn.message_ms = 100;
  conn.message_rate = 1000;
  EXPECT(petri_recv(&conn, &message) == PETRI_OK && message.body.data.size == 400);
  conn = meet(&self, "0:}4097:", 100);
  EXPECT(petri_accept(&conn, &message) == PETRI_ETOOLARGE);
  conn = meet(&self, "0:}400:", 100);
  conn.parser.room = 8;
  EXPECT(petri_recv(&conn, &message) == PETRI_ECUT);
}

static petri_status decode(const char *text, const petri_limits *limits) {
  petri_value value;
  size_t used;
  return petri_decode((const uint8_t *)text, strlen(text), limits, &value, &used, NULL);
}

static void test_limits(void) {
  petri_limits limits = petri_default_limits();
  limits.body = (petri_part_limits){.size = 40, .depth = 2, .elements = 4, .keys = 2};
  limits.number = 3;
  EXPECT(decode("3:0:]]", &limits) == PETRI_OK && decode("6:3:0:]]]", &limits) == PETRI_EDEPTH);
  EXPECT(decode("9:0:~0:~0:~]", &limits) == PETRI_OK && decode("12:0:~0:~0:~0:~]", &limits) == PETRI_ECOUNT);
  EXPECT(decode("14:1:a,0:~1:b,0:~}", &limits) == PETRI_OK);
  EXPECT(decode("21:1:a,0:~1:b,0:~1:c,0:~}", &limits) == PETRI_ECOUNT);
  EXPECT(decode("3:123#", &limits) == PETRI_OK && decode("4:1234#", &limits) == PETRI_ETOOLARGE);
  EXPECT(decode("41:x,", &limits) == PETRI_ETOOLARGE && decode("40:x,", &limits) == PETRI_ETRUNCATED);
}

/* `levels` lists in each other, written from the inside out; answers how many bytes, which end at `end`. */
static size_t nest(uint8_t *end, int levels) {
  size_t size = 0;
  for (int level = 0; level < levels; level++) {
    uint8_t prefix[12];
    size_t lead = petri_prefix(prefix, size);
    memmove(end - size - 1, end - size, size);
    end[-1] = ']';
    size += lead + 1;
    memcpy(end - size, prefix, lead);
  }
  return size;
}

static void test_nesting(void) {
  static uint8_t text[100000];
  uint8_t *end = text + sizeof text;
  petri_value value;
  size_t used, size = nest(end, 64);
  EXPECT(petri_decode(end - size, size, NULL, &value, &used, NULL) == PETRI_OK);
  size = nest(end, 65);
  EXPECT(petri_decode(end - size, size, NULL, &value, &used, NULL) == PETRI_EDEPTH);
  size = nest(end, 10000);
  EXPECT(petri_decode(end - size, size, NULL, &value, &used, NULL) == PETRI_EDEPTH);
}

/* A dict of `count` keys of which the one before the last comes again at the end. */
static petri_status many_keys(int count, bool repeat, petri_key *room, size_t room_count, petri_fault *fault) {
  static uint8_t buffer[1 << 20];
  petri_limits limits = petri_default_limits();
  petri_encoder encoder;
  petri_view bytes;
  petri_value value;
  size_t used;
  limits.keys = room;
  limits.keys_count = room_count;
  petri_encode_into(&encoder, buffer, sizeof buffer);
  petri_begin_dict(&encoder);
  for (int i = 0; i < count; i++) {
    char key[16];
    snprintf(key, sizeof key, "k%d", repeat && i == count - 1 ? count - 3 : i * 7919 % count);
    petri_put_key(&encoder, key);
    petri_put_null(&encoder);
  }
  petri_end(&encoder);
  if (petri_encoded(&encoder, &bytes) != PETRI_OK) return PETRI_EWRONG;
  return petri_decode(bytes.data, bytes.size, &limits, &value, &used, fault);
}

static void test_keys(void) {
  static petri_key room[60000];
  petri_fault fault;
  EXPECT(many_keys(256, false, NULL, 0, &fault) == PETRI_OK);
  EXPECT(many_keys(256, true, NULL, 0, &fault) == PETRI_EDUPLICATE && fault.offset > 100);
  EXPECT(many_keys(257, false, NULL, 0, &fault) == PETRI_ENOSPACE);
  EXPECT(many_keys(50001, false, room, 60000, &fault) == PETRI_OK);
  EXPECT(many_keys(50001, true, room, 60000, &fault) == PETRI_EDUPLICATE);
}

static void test_encoder(void) {
  char buffer[64];
  petri_encoder encoder;
  petri_view bytes;
  petri_encode_into(&encoder, buffer, sizeof buffer);
  petri_begin_dict(&encoder);
  petri_put_int(&encoder, 1);
  EXPECT(petri_encoded(&encoder, &bytes) == PETRI_EWRONG);
  petri_encode_into(&encoder, buffer, sizeof buffer);
  petri_begin_list(&encoder);
  EXPECT(petri_encoded(&encoder, &bytes) == PETRI_EWRONG);
  petri_put_key(&encoder, "k");
  EXPECT(encoder.status == PETRI_EWRONG);
  petri_encode_into(&encoder, buffer, 10);
  petri_put_bytes(&encoder, "01234567", 8);
  EXPECT(encoder.status == PETRI_ENOSPACE);
  petri_encode_into(&encoder, buffer, sizeof buffer);
  petri_put_float(&encoder, 1e308 * 10);
  EXPECT(encoder.status == PETRI_EFLOAT);
  petri_encode_into(&encoder, buffer, sizeof buffer);
  petri_put_digits(&encoder, "007", 3);
  EXPECT(encoder.status == PETRI_EINTEGER);
  for (int i = 0; i < 70; i++) petri_begin_list(&encoder);
  EXPECT(petri_encoded(&encoder, &bytes) != PETRI_OK);
}

static void test_floats(void) {
  uint64_t state = 88172645463325252u;
  char buffer[64];
  int same = 0;
  for (int i = 0; i < 20000; i++) {
    double value, back;
    petri_encoder encoder;
    petri_value read;
    petri_view bytes;
    size_t used;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memcpy(&value, &state, sizeof value);
    petri_encode_into(&encoder, buffer, sizeof buffer);
    petri_put_float(&encoder, value);
    if (petri_encoded(&encoder, &bytes) != PETRI_OK) {
      same += value != value || value > 1.7e308 || value < -1.7e308;
      continue;
    }
    same += petri_decode(bytes.data, bytes.size, NULL, &read, &used, NULL) == PETRI_OK &&
            petri_float(read, &back) == PETRI_OK && memcmp(&value, &back, sizeof value) == 0;
  }
  EXPECT(same == 20000);
}

static void test_parts(void) {
  static const char stream[] = "0:}10:0123456789,";
  petri_parser parser;
  petri_event event;
  size_t used;
  const uint8_t *at = (const uint8_t *)stream;
  petri_parser_init(&parser, NULL, PETRI_PARTS, NULL, 0);
  EXPECT(petri_feed(&parser, at, 10, &used, &event) == PETRI_OK && event.kind == PETRI_EVENT_HEADER);
  at += used;
  EXPECT(petri_feed(&parser, at, 7, &used, &event) == PETRI_OK && event.kind == PETRI_EVENT_BODY_BEGIN && event.size == 10);
  at += used;
  EXPECT(petri_body_left(&parser) == 10);
  EXPECT(petri_feed(&parser, at, 4, &used, &event) == PETRI_OK && event.kind == PETRI_EVENT_BODY_PART && used == 4);
  EXPECT(event.part.data == at && event.part.size == 4);
  at += used;
  EXPECT(petri_body_taken(&parser, 7) == PETRI_EWRONG && petri_body_taken(&parser, 6) == PETRI_OK);
  at += 6;
  EXPECT(petri_feed(&parser, at, 1, &used, &event) == PETRI_OK && event.kind == PETRI_EVENT_BODY_END);
  EXPECT(event.body.type == ',' && petri_parser_idle(&parser));
}

/* A socket whose other end neither reads nor writes. */
static void test_sockets(void) {
  static uint8_t large[8 << 20];
  int pair[2];
  petri_conn conn;
  petri_message message;
  EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  petri_conn_init(&conn, petri_fd_io(&pair[0]), NULL, input, sizeof input, memory, sizeof memory);
  conn.write_ms = 50;
  EXPECT(petri_send(&conn, view(""), petri_bytes(large, sizeof large)) == PETRI_ENOTREADING);
  petri_conn_init(&conn, petri_fd_io(&pair[0]), NULL, input, sizeof input, memory, sizeof memory);
  conn.handshake_ms = 50;
  EXPECT(petri_accept(&conn, &message) == PETRI_EHANDSHAKE);
  close(pair[0]);
  petri_conn_init(&conn, petri_fd_io(&pair[1]), NULL, input, sizeof input, memory, sizeof memory);
  EXPECT(petri_send(&conn, view(""), petri_text("gone")) == PETRI_EIO);
  close(pair[1]);
  int fd = -1;
  EXPECT(petri_dial("127.0.0.1", "1", 1000, &fd) == PETRI_EIO && fd == -1);
}

int main(void) {
  test_handshakes();
  test_allowed();
  test_ends();
  test_chunks();
  test_deadlines();
  test_limits();
  test_nesting();
  test_keys();
  test_encoder();
  test_floats();
  test_parts();
  test_sockets();
  printf("unit: %d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
