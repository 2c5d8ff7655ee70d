/* The cases that all implementations share: petri-vectors-test …/vectors/petrichor.json */
#define _POSIX_C_SOURCE 200809L
#include "json.h"
#include "petrichor.h"

static int passed, failed;

static void expect(bool holds, const char *what, const json *test) {
  if (holds) {
    passed++;
    return;
  }
  const json *name = json_get(test, "hex") != NULL ? json_get(test, "hex") : json_get(test, "ascii");
  failed++;
  fprintf(stderr, "%s: %s\n", what, name == NULL ? "?" : name->text);
}

static bool same(petri_value value, const json *shown);

static bool same_dict(petri_value value, const json *pairs) {
  petri_iterator iterator = petri_iterate(value);
  petri_value child;
  petri_view key;
  for (const json *pair = pairs->first; pair != NULL; pair = pair->next) {
    size_t size;
    unsigned char *name = json_hex(pair->first, &size);
    bool equal = petri_next(&iterator, &key, &child) == PETRI_OK && key.size == size &&
                 (size == 0 || memcmp(key.data, name, size) == 0) && same(child, pair->first->next);
    free(name);
    if (!equal) return false;
  }
  return petri_next(&iterator, &key, &child) == PETRI_END;
}

/* Whether a value is what the vectors show. */
static bool same(petri_value value, const json *shown) {
  const json *inner;
  int64_t integer;
  double number;
  bool boolean;
  switch (shown->type) {
  case JSON_NULL: return value.type == '~';
  case JSON_TRUE:
  case JSON_FALSE: return petri_bool(value, &boolean) == PETRI_OK && boolean == (shown->type == JSON_TRUE);
  case JSON_NUMBER: return petri_int(value, &integer) == PETRI_OK && integer == strtoll(shown->text, NULL, 10);
  case JSON_STRING: return false;
  case JSON_ARRAY: {
    petri_iterator iterator = petri_iterate(value);
    petri_value child;
    if (value.type != ']') return false;
    for (inner = shown->first; inner != NULL; inner = inner->next) {
      if (petri_next(&iterator, NULL, &child) != PETRI_OK || !same(child, inner)) return false;
    }
    return petri_next(&iterator, NULL, &child) == PETRI_END;
  }
  case JSON_OBJECT: break;
  }
  inner = shown->first;
  if (strcmp(inner->name, "dict") == 0) return value.type == '}' && same_dict(value, inner);
  if (strcmp(inner->name, "int") == 0)
    return value.type == '#' && value.data.size == inner->size && memcmp(value.data.data, inner->text, inner->size) == 0;
  if (strcmp(inner->name, "f") == 0) {
    double expected = strtod(inner->text, NULL);
    return petri_float(value, &number) == PETRI_OK && memcmp(&number, &expected, sizeof number) == 0;
  }
  size_t size;
  unsigned char *bytes = json_hex(inner, &size);
  bool equal = value.type == ',' && value.data.size == size && (size == 0 || memcmp(value.data.data, bytes, size) == 0);
  free(bytes);
  return equal;
}

/* Writes what the vectors show, by the encoder's calls for each type. */
static void encode(petri_encoder *encoder, const json *shown) {
  const json *inner = shown->first;
  size_t size;
  switch (shown->type) {
  case JSON_NULL: petri_put_null(encoder); return;
  case JSON_TRUE:
  case JSON_FALSE: petri_put_bool(encoder, shown->type == JSON_TRUE); return;
  case JSON_NUMBER: petri_put_int(encoder, strtoll(shown->text, NULL, 10)); return;
  case JSON_STRING: return;
  case JSON_ARRAY:
    petri_begin_list(encoder);
    for (; inner != NULL; inner = inner->next) encode(encoder, inner);
    petri_end(encoder);
    return;
  case JSON_OBJECT: break;
  }
  if (strcmp(inner->name, "int") == 0) {
    petri_put_digits(encoder, inner->text, inner->size);
  } else if (strcmp(inner->name, "f") == 0) {
    petri_put_float(encoder, strtod(inner->text, NULL));
  } else if (strcmp(inner->name, "b") == 0) {
    unsigned char *bytes = json_hex(inner, &size);
    petri_put_bytes(encoder, bytes, size);
    free(bytes);
  } else {
    petri_begin_dict(encoder);
    for (const json *pair = inner->first; pair != NULL; pair = pair->next) {
      unsigned char *key = json_hex(pair->first, &size);
      petri_put_key_bytes(encoder, (petri_view){key, size});
      free(key);
      encode(encoder, pair->first->next);
    }
    petri_end(encoder);
  }
}

static petri_status decode_one(const json *test, bool strict, petri_value *value, petri_fault *fault,
                               unsigned char **bytes, size_t *size) {
  petri_limits limits = petri_default_limits();
  size_t used = 0;
  limits.strict = strict;
  *bytes = json_hex(json_get(test, "hex"), size);
  petri_status status = petri_decode(*bytes, *size, &limits, value, &used, fault);
  if (status == PETRI_OK && used != *size) *fault = (petri_fault){status = PETRI_ETRAILING, used};
  return status;
}

static bool faulty(petri_fault fault, const json *test) {
  const json *offset = json_get(test, "offset");
  return strcmp(petri_code(fault.status), json_get(test, "code")->text) == 0 &&
         fault.offset == strtoul(offset->text, NULL, 10);
}

static void run_values(const json *root) {
  static uint8_t buffer[65536];
  petri_value value;
  petri_fault fault;
  unsigned char *bytes;
  size_t size;
  for (const json *test = json_get(root, "accept")->first; test != NULL; test = test->next) {
    for (int strict = 0; strict < 2; strict++) {
      bool good = decode_one(test, strict == 1, &value, &fault, &bytes, &size) == PETRI_OK;
      expect(good && same(value, json_get(test, "value")), "accepts", test);
      free(bytes);
    }
    petri_encoder encoder;
    petri_view view = {NULL, 0};
    petri_encode_into(&encoder, buffer, sizeof buffer);
    encode(&encoder, json_get(test, "value"));
    expect(petri_encoded(&encoder, &view) == PETRI_OK, "encodes", test);
    bytes = json_hex(json_get(test, "hex"), &size);
    bool equal = view.size == size && memcmp(view.data, bytes, size) == 0;
    expect(equal == (json_get(test, "canonical")->type == JSON_TRUE), "encodes to the same bytes where canonical", test);
    free(bytes);
  }
  for (const json *test = json_get(root, "lenient")->first; test != NULL; test = test->next) {
    bool good = decode_one(test, false, &value, &fault, &bytes, &size) == PETRI_OK;
    expect(good && same(value, json_get(test, "value")), "accepts when not strict", test);
    free(bytes);
    decode_one(test, true, &value, &fault, &bytes, &size);
    expect(faulty(fault, test), "rejects when strict", test);
    free(bytes);
  }
  for (const json *test = json_get(root, "reject")->first; test != NULL; test = test->next) {
    decode_one(test, false, &value, &fault, &bytes, &size);
    expect(faulty(fault, test), "rejects", test);
    free(bytes);
  }
}

static void run_stream(const json *test, size_t step) {
  static uint8_t memory[1 << 20];
  const json *ascii = json_get(test, "ascii"), *expected = json_get(test, "messages")->first;
  size_t size = ascii == NULL ? 0 : ascii->size, used;
  const uint8_t *bytes = ascii == NULL ? json_hex(json_get(test, "hex"), &size) : (const uint8_t *)ascii->text;
  petri_parser parser;
  petri_event event;
  petri_status status = PETRI_MORE;
  petri_parser_init(&parser, NULL, PETRI_MESSAGES, memory, sizeof memory);
  for (size_t start = 0; start < size && status >= 0; start += step) {
    size_t length = size - start < step ? size - start : step;
    for (size_t at = 0;; at += used) {
      status = petri_feed(&parser, bytes + start + at, length - at, &used, &event);
      if (status != PETRI_OK) break;
      bool equal = expected != NULL && same(event.header, json_get(expected, "header")) &&
                   same(event.body, json_get(expected, "body"));
      expect(equal, "reads the message", test);
      if (expected != NULL) expected = expected->next;
    }
  }
  expect(expected == NULL, "reads all messages", test);
  const char *end = status < 0 ? petri_code(status) : petri_parser_idle(&parser) ? "clean" : petri_code(PETRI_ECUT);
  expect(strcmp(end, json_get(test, "end")->text) == 0, "ends as it should", test);
  const json *offset = json_get(test, "offset");
  expect(offset == NULL || parser.fault.offset == strtoul(offset->text, NULL, 10), "says where", test);
}

int main(int count, char **arguments) {
  if (count != 2) return fprintf(stderr, "usage: petri-vectors-test FILE\n"), 2;
  const json *root = json_file(arguments[1]);
  run_values(root);
  for (const json *test = json_get(root, "streams")->first; test != NULL; test = test->next) {
    for (size_t step = 1; step < 4; step++) run_stream(test, step);
    run_stream(test, 1 << 20);
  }
  printf("vectors: %d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
