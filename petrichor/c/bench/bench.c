/*
 * A header of six fields and a body of 1 KiB: nanoseconds to encode both, and to decode both from one buffer.
 * petri-bench [ROUNDS] prints one JSON object; bench/compare.py sets it beside tnetstring3.
 */
#define _POSIX_C_SOURCE 200809L
#include "petrichor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static size_t encode(uint8_t *buffer, size_t room, const uint8_t *body, int64_t id) {
  petri_encoder encoder;
  petri_view view = {NULL, 0};
  petri_encode_into(&encoder, buffer, room);
  petri_begin_dict(&encoder);
  petri_put_key(&encoder, "user");
  petri_put_text(&encoder, "zed");
  petri_put_key(&encoder, "ident");
  petri_put_text(&encoder, "0123456789abcdef0123456789abcdef");
  petri_put_key(&encoder, "version");
  petri_put_text(&encoder, "0.1");
  petri_put_key(&encoder, "id");
  petri_put_int(&encoder, id);
  petri_put_key(&encoder, "urgent");
  petri_put_bool(&encoder, true);
  petri_put_key(&encoder, "path");
  petri_put_text(&encoder, "/some/where/else");
  petri_end(&encoder);
  petri_put_bytes(&encoder, body, 1024);
  petri_encoded(&encoder, &view);
  return view.size;
}

int main(int count, char **arguments) {
  static uint8_t body[1024], buffer[4096];
  long rounds = count > 1 ? atol(arguments[1]) : 1000000;
  double best_encode = 1e18, best_decode = 1e18;
  uint64_t check = 0;
  for (int turn = 0; turn < 3; turn++) {
    double start = now();
    for (long i = 0; i < rounds; i++) check += encode(buffer, sizeof buffer, body, 1000000 + i % 1000);
    double each = (now() - start) / (double)rounds;
    if (each < best_encode) best_encode = each;
  }
  size_t size = encode(buffer, sizeof buffer, body, 1000000);
  for (int turn = 0; turn < 3; turn++) {
    petri_parser parser;
    petri_event event;
    petri_parser_init(&parser, NULL, PETRI_MESSAGES, NULL, 0);
    double start = now();
    for (long i = 0; i < rounds; i++) {
      size_t used;
      petri_value id;
      int64_t number = 0;
      if (petri_feed(&parser, buffer, size, &used, &event) != PETRI_OK || used != size) return 1;
      if (petri_get(event.header, "id", &id) != PETRI_OK || petri_int(id, &number) != PETRI_OK) return 1;
      check += (uint64_t)number + event.body.data.size;
    }
    double each = (now() - start) / (double)rounds;
    if (each < best_decode) best_decode = each;
  }
  printf("{\"encode_ns\": %.1f, \"decode_ns\": %.1f, \"bytes\": %zu, \"check\": %llu}\n", best_encode, best_decode, size,
         (unsigned long long)check);
  return 0;
}
