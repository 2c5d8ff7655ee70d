/*
 * What must hold for any bytes at all, as a libFuzzer target; tests/fuzz-driver.c runs it without clang.
 *
 *  - Nothing reads or writes outside its memory, loops for ever or stops the process (the sanitizers watch).
 *  - A value that decodes can be walked to its end, and written again it is the same bytes.
 *  - A stream cut anywhere tells the same events and the same fault as in one piece, in each of the three modes.
 */
#include "petrichor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MEMORY 4096

static void must(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "does not hold: %s\n", what);
  abort();
}

static void copy(petri_encoder *encoder, petri_value value) {
  petri_iterator iterator = petri_iterate(value);
  petri_value child;
  petri_view key;
  petri_status status;
  int64_t integer;
  double number;
  bool boolean;
  if (value.type == '#') {
    status = petri_int(value, &integer);
    must(status == PETRI_OK || status == PETRI_ERANGE, "a checked integer reads");
  } else if (value.type == '^') {
    must(petri_float(value, &number) == PETRI_OK, "a checked float reads");
  } else if (value.type == '!') {
    must(petri_bool(value, &boolean) == PETRI_OK, "a checked boolean reads");
  }
  if (value.type != '}' && value.type != ']') {
    petri_put_value(encoder, value);
    return;
  }
  if (value.type == '}') petri_begin_dict(encoder);
  else petri_begin_list(encoder);
  while ((status = petri_next(&iterator, &key, &child)) == PETRI_OK) {
    if (value.type == '}') petri_put_key_bytes(encoder, key);
    copy(encoder, child);
  }
  must(status == PETRI_END, "a checked container can be walked");
  petri_end(encoder);
}

static void decode(const uint8_t *data, size_t size, const petri_limits *limits) {
  static uint8_t again[MEMORY];
  petri_value value, found;
  petri_fault fault;
  petri_encoder encoder;
  petri_view view;
  size_t used = 0;
  petri_status status = petri_decode(data, size, limits, &value, &used, &fault);
  must(status == fault.status && fault.offset <= size, "a fault is in the input");
  if (status == PETRI_OK) {
    must(used <= size, "a value ends in the input");
    petri_encode_into(&encoder, again, sizeof again);
    copy(&encoder, value);
    must(petri_encoded(&encoder, &view) == PETRI_OK, "a decoded value can be written");
    must(view.size == used && memcmp(view.data, data, used) == 0, "written again it is the same");
    petri_get(value, "allowed", &found);
    petri_connect_allowed(value, size % 2 == 0);
  }
  /* Bytes that nobody checked are safe to walk as well. */
  petri_iterator iterator = petri_iterate((petri_value){size % 2 == 0 ? '}' : ']', {data, size}});
  while (petri_next(&iterator, &view, &found) == PETRI_OK) {
  }
}

typedef struct trace {
  uint64_t digest;
  petri_fault fault;
  size_t events;
  bool idle;
} trace;

static void mix(trace *into, const void *bytes, size_t size) {
  const uint8_t *at = bytes;
  for (size_t i = 0; i < size; i++) into->digest = (into->digest ^ at[i]) * 1099511628211u;
}

static void mix_value(trace *into, petri_value value) {
  mix(into, &value.data.size, sizeof value.data.size);
  mix(into, value.data.data, value.data.size);
  mix(into, &value.type, 1);
}

/* Feeds the input in pieces whose sizes follow from `cuts`; 0 is one piece. Each piece is memory of its own. */
static trace feed(const uint8_t *data, size_t size, const petri_limits *limits, petri_mode mode, uint32_t cuts) {
  static uint8_t memory[MEMORY];
  trace result = {.digest = 1469598103934665603u};
  petri_parser parser;
  petri_event event;
  petri_parser_init(&parser, limits, mode, memory, sizeof memory);
  for (size_t start = 0; start < size;) {
    cuts = cuts == 0 ? 0 : cuts * 1664525u + 1013904223u;
    size_t length = cuts == 0 ? size - start : 1 + (cuts >> 24) % 11;
    if (length > size - start) length = size - start;
    uint8_t *chunk = malloc(length);
    must(chunk != NULL, "there is memory");
    memcpy(chunk, data + start, length);
    for (size_t at = 0;;) {
      size_t used = 0;
      petri_status status = petri_feed(&parser, chunk + at, length - at, &used, &event);
      must(used <= length - at, "no more is used than there is");
      at += used;
      if (status == PETRI_MORE) {
        must(at == length, "more is asked for when all is used");
        break;
      }
      if (status < 0) {
        must(petri_feed(&parser, chunk, length, &used, &event) == status && used == 0, "a fault stays");
        free(chunk);
        result.fault = parser.fault;
        return result;
      }
      result.events += event.kind != PETRI_EVENT_BODY_PART;
      if (event.kind == PETRI_EVENT_MESSAGE || event.kind == PETRI_EVENT_HEADER) mix_value(&result, event.header);
      if (event.kind == PETRI_EVENT_MESSAGE || event.kind == PETRI_EVENT_VALUE) mix_value(&result, event.body);
      if (event.kind == PETRI_EVENT_BODY_BEGIN) mix(&result, &event.size, sizeof event.size);
      if (event.kind == PETRI_EVENT_BODY_PART) mix(&result, event.part.data, event.part.size);
      if (event.kind == PETRI_EVENT_BODY_END) mix(&result, &event.body.type, 1);
      if (event.kind == PETRI_EVENT_BODY_BEGIN && size % 3 == 0) {
        size_t skip = petri_body_left(&parser) < length - at ? petri_body_left(&parser) : length - at;
        mix(&result, chunk + at, skip);
        must(petri_body_taken(&parser, skip) == PETRI_OK, "a body can be taken past the parser");
        at += skip;
      }
    }
    free(chunk);
    start += length;
  }
  result.idle = petri_parser_idle(&parser);
  return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  petri_limits limits = petri_default_limits();
  if (size < 2 || size > 2000) return 0;
  uint8_t flags = data[0];
  uint32_t cuts = (uint32_t)data[1] * 2 + 1;
  petri_mode mode = flags % 3 == 0 ? PETRI_MESSAGES : flags % 3 == 1 ? PETRI_PARTS : PETRI_VALUES;
  limits.strict = (flags & 4) != 0;
  if ((flags & 8) != 0) limits.header = limits.body = (petri_part_limits){100, 3, 5, 3};
  data += 2;
  size -= 2;
  decode(data, size, &limits);
  trace whole = feed(data, size, &limits, mode, 0), cut = feed(data, size, &limits, mode, cuts);
  must(whole.digest == cut.digest && whole.events == cut.events && whole.idle == cut.idle, "a cut changes nothing");
  must(whole.fault.status == cut.fault.status && whole.fault.offset == cut.fault.offset, "nor does it change a fault");
  return 0;
}
