/* Petrichor in C11. The header tells what there is; this file goes: names, values, checking, encoding, parser, connections. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "petrichor.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A size has at most nine digits, so offsets inside one value fit 32 bits. */
#define SIZE_DIGITS 9
#define NUMBER_BYTES 4300

/* ------------------------------------------------------------------------------------------------------ names */

const char *petri_code(petri_status status) {
  switch (status) {
  case PETRI_OK: return "OK";
  case PETRI_MORE: return "MORE";
  case PETRI_END: return "END";
  case PETRI_ETRUNCATED: return "ERR_TNS_TRUNCATED";
  case PETRI_ESIZE: return "ERR_TNS_SIZE";
  case PETRI_ETYPE: return "ERR_TNS_TYPE";
  case PETRI_EINTEGER: return "ERR_TNS_INTEGER";
  case PETRI_EFLOAT: return "ERR_TNS_FLOAT";
  case PETRI_EBOOLEAN: return "ERR_TNS_BOOLEAN";
  case PETRI_ENULL: return "ERR_TNS_NULL";
  case PETRI_EKEY: return "ERR_TNS_KEY";
  case PETRI_EDICT: return "ERR_TNS_DICT";
  case PETRI_EDUPLICATE: return "ERR_TNS_DUPLICATE_KEY";
  case PETRI_EOVERRUN: return "ERR_TNS_OVERRUN";
  case PETRI_EDEPTH: return "ERR_TNS_DEPTH";
  case PETRI_ECOUNT: return "ERR_TNS_COUNT";
  case PETRI_ETOOLARGE: return "ERR_TNS_TOO_LARGE";
  case PETRI_ETRAILING: return "ERR_TNS_TRAILING";
  case PETRI_EHEADER: return "ERR_PETRICHOR_HEADER";
  case PETRI_ECUT: return "ERR_PETRICHOR_TRUNCATED";
  case PETRI_ENOREPLY: return "ERR_PETRICHOR_CLOSED_BEFORE_REPLY";
  case PETRI_EHANDSHAKE: return "ERR_PETRICHOR_HANDSHAKE_TIMEOUT";
  case PETRI_ESLOW: return "ERR_PETRICHOR_MESSAGE_TIMEOUT";
  case PETRI_EIDLE: return "ERR_PETRICHOR_IDLE_TIMEOUT";
  case PETRI_ENOTREADING: return "ERR_PETRICHOR_PEER_NOT_READING";
  case PETRI_ETIMEOUT: return "ERR_PETRICHOR_TIMEOUT";
  case PETRI_EIO: return "ERR_PETRICHOR_IO";
  case PETRI_ENOSPACE: return "ERR_PETRICHOR_MEMORY";
  case PETRI_ERANGE: return "ERR_PETRICHOR_RANGE";
  case PETRI_EWRONG: return "ERR_PETRICHOR_WRONG_USE";
  case PETRI_ECLOSED: return "ERR_PETRICHOR_CLOSED";
  }
  return "ERR_PETRICHOR_UNKNOWN";
}

petri_limits petri_default_limits(void) {
  petri_limits limits = {
      .header = {.size = 64 * 1024, .depth = 16, .elements = 65536, .keys = 256},
      .body = {.size = 16 * 1024 * 1024, .depth = 64, .elements = 65536, .keys = 65536},
      .number = NUMBER_BYTES,
  };
  return limits;
}

static bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }

static bool is_type(uint8_t byte) { return memchr(",#^!~}]", byte, 7) != NULL; }

/* ----------------------------------------------------------------------------------------------------- checking */

/* Reads `SIZE:` at data[*at]. PETRI_OK with *at behind the colon; PETRI_MORE at the end; PETRI_ESIZE with *at at fault. */
static inline petri_status read_size(const uint8_t *data, size_t end, size_t *at, uint32_t *size) {
  size_t start = *at, position = start;
  /* Nearly every value inside a header has one digit. */
  if (end - start > 1 && data[start + 1] == ':' && is_digit(data[start])) {
    *size = (uint32_t)(data[start] - '0');
    *at = start + 2;
    return PETRI_OK;
  }
  uint32_t value = 0;
  for (; position < end; position++) {
    uint8_t byte = data[position];
    if (is_digit(byte)) {
      if (position - start == SIZE_DIGITS || (position > start && value == 0)) break;
      value = value * 10 + (uint32_t)(byte - '0');
    } else if (byte == ':' && position > start) {
      *at = position + 1;
      *size = value;
      return PETRI_OK;
    } else {
      break;
    }
  }
  *at = position;
  return position == end ? PETRI_MORE : PETRI_ESIZE;
}

/* What the checks of numbers answer: nothing is wrong, or the index of the first wrong byte. */
#define NOTHING_WRONG SIZE_MAX

static size_t wrong_in_integer(const uint8_t *data, size_t size, bool strict) {
  size_t at = 0, first;
  bool negative = size > 0 && data[0] == '-';
  if (negative || (size > 0 && data[0] == '+')) at++;
  first = at;
  while (at < size && is_digit(data[at])) at++;
  if (at != size || at == first) return at;
  if (strict && data[0] == '+') return 0;
  if (strict && data[first] == '0' && (size - first > 1 || negative)) return first;
  return NOTHING_WRONG;
}

/* A float's text to a double, in whatever locale: strtod wants that locale's decimal point. */
static double text_to_double(const uint8_t *data, size_t size) {
  char text[NUMBER_BYTES + 16], sample[16];
  size_t out = 0, point;
  int length = snprintf(sample, sizeof sample, "%.1f", 0.5);
  point = length > 2 && length < (int)sizeof sample ? (size_t)length - 2 : 0;
  for (size_t at = 0; at < size && out + point + 2 < sizeof text; at++) {
    if (data[at] == '.') {
      memcpy(text + out, sample + 1, point);
      out += point;
    } else {
      text[out++] = (char)data[at];
    }
  }
  text[out] = 0;
  return strtod(text, NULL);
}

static size_t skip_digits(const uint8_t *data, size_t at, size_t size) {
  while (at < size && is_digit(data[at])) at++;
  return at;
}

static size_t wrong_in_float(const uint8_t *data, size_t size, bool strict) {
  size_t at = 0, first;
  long exponent = 0;
  if (size > 0 && (data[0] == '-' || data[0] == '+')) at++;
  if (strict && at == 1 && data[0] == '+') return 0;
  first = at;
  at = skip_digits(data, at, size);
  if (at == first) return at;
  if (strict && data[first] == '0' && at - first > 1) return first;
  if (at < size && data[at] == '.') {
    size_t fraction = at + 1;
    at = skip_digits(data, fraction, size);
    if (at == fraction) return at;
  }
  if (at < size && (data[at] | 0x20) == 'e') {
    bool negative = false;
    at++;
    if (at < size && (data[at] == '-' || data[at] == '+')) negative = data[at++] == '-';
    size_t digits = at;
    for (; at < size && is_digit(data[at]); at++) {
      if (exponent < 100000) exponent = exponent * 10 + (data[at] - '0');
    }
    if (at == digits) return at;
    if (negative) exponent = 0;
  }
  if (at != size) return at;
  /* Far from a double's range there is nothing to convert. */
  if ((long)size + exponent < DBL_MAX_10_EXP - 8) return NOTHING_WRONG;
  double value = text_to_double(data, size);
  return value <= DBL_MAX && value >= -DBL_MAX ? NOTHING_WRONG : 0;
}

static bool is_utf8(const uint8_t *data, size_t size) {
  size_t at = 0;
  uint8_t seen = 0;
  for (size_t i = 0; i < size; i++) seen |= data[i];
  if (seen < 0x80) return true; /* ASCII, as keys mostly are */
  while (at < size) {
    uint8_t lead = data[at++];
    if (lead < 0x80) continue;
    size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || size - at < more) return false;
    uint8_t next = data[at];
    /* No longer form than needed, no half of a surrogate pair, nothing beyond U+10FFFF. */
    if ((lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) || (lead == 0xf0 && next < 0x90) ||
        (lead == 0xf4 && next > 0x8f))
      return false;
    for (; more > 0; more--) {
      if ((data[at++] & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

/* PETRI_OK, or what is wrong with a value that is no container and at which of its bytes, the type byte being the last. */
static petri_status check_scalar(uint8_t type, const uint8_t *data, size_t size, const petri_limits *limits,
                                 size_t *wrong) {
  size_t longest = limits->number < NUMBER_BYTES ? limits->number : NUMBER_BYTES;
  *wrong = 0;
  switch (type) {
  case ',': return PETRI_OK;
  case '#':
  case '^':
    *wrong = longest;
    if (size > longest) return PETRI_ETOOLARGE;
    *wrong = type == '#' ? wrong_in_integer(data, size, limits->strict) : wrong_in_float(data, size, limits->strict);
    if (*wrong == NOTHING_WRONG) return PETRI_OK;
    return type == '#' ? PETRI_EINTEGER : PETRI_EFLOAT;
  case '!':
    return (size == 4 && memcmp(data, "true", 4) == 0) || (size == 5 && memcmp(data, "false", 5) == 0)
               ? PETRI_OK
               : PETRI_EBOOLEAN;
  case '~': return size == 0 ? PETRI_OK : PETRI_ENULL;
  default: *wrong = size; return PETRI_ETYPE;
  }
}

/* The keys of the dicts that are open: a stack in the validator's frame, which goes on in the caller's memory. */
typedef struct key_stack {
  petri_key held[PETRI_KEYS_HELD];
  petri_key *more;
  size_t more_count;
  const uint8_t *data;
} key_stack;

static inline petri_key *key_at(key_stack *keys, size_t index) {
  return index < PETRI_KEYS_HELD ? &keys->held[index] : &keys->more[index - PETRI_KEYS_HELD];
}

static int compare_keys(const uint8_t *data, const petri_key *a, const petri_key *b) {
  if (a->size != b->size) return a->size < b->size ? -1 : 1;
  return memcmp(data + a->offset, data + b->offset, a->size);
}

static void sift_down(key_stack *keys, size_t base, size_t root, size_t count) {
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count &&
        compare_keys(keys->data, key_at(keys, base + child), key_at(keys, base + child + 1)) < 0)
      child++;
    petri_key *a = key_at(keys, base + root), *b = key_at(keys, base + child);
    if (compare_keys(keys->data, a, b) >= 0) return;
    petri_key swap = *a;
    *a = *b;
    *b = swap;
  }
}

#define FEW_KEYS 16

/* Whether the key at `index` equals an earlier one of a dict of few keys. */
static bool repeats(key_stack *keys, size_t base, size_t index) {
  const petri_key *key = key_at(keys, index);
  for (size_t at = base; at < index; at++) {
    const petri_key *other = key_at(keys, at);
    if (other->size == key->size && memcmp(keys->data + other->offset, keys->data + key->offset, key->size) == 0)
      return true;
  }
  return false;
}

/* A heap sort, whose time no choice of keys can spoil, then equal neighbours. The offset of the first repeated key, or 0. */
static uint32_t find_duplicate(key_stack *keys, size_t base, size_t count) {
  uint32_t found = 0;
  for (size_t root = count / 2; root-- > 0;) sift_down(keys, base, root, count);
  for (size_t left = count; left-- > 1;) {
    petri_key *a = key_at(keys, base), *b = key_at(keys, base + left);
    petri_key swap = *a;
    *a = *b;
    *b = swap;
    sift_down(keys, base, 0, left);
  }
  for (size_t at = 1; at < count; at++) {
    const petri_key *a = key_at(keys, base + at - 1), *b = key_at(keys, base + at);
    if (compare_keys(keys->data, a, b) != 0) continue;
    uint32_t later = a->offset > b->offset ? a->offset : b->offset;
    if (found == 0 || later < found) found = later;
  }
  return found;
}

typedef struct frame {
  uint32_t end;      /* where this container's data end */
  uint32_t keys;     /* where its keys begin on the stack */
  uint32_t keys_end; /* and end */
  bool dict, has_key;
} frame;

typedef struct checker {
  const petri_limits *limits;
  const petri_part_limits *part;
  frame frames[PETRI_DEPTH_MAX];
  uint32_t depth;
  petri_fault fault;
  key_stack keys;
} checker;

static bool fail_at(checker *check, petri_status status, size_t offset) {
  check->fault.status = status;
  check->fault.offset = offset;
  return false;
}

static bool open_container(checker *check, uint8_t type, size_t start, size_t size) {
  uint32_t most = check->part->depth < PETRI_DEPTH_MAX ? check->part->depth : PETRI_DEPTH_MAX;
  if (check->depth >= most) return fail_at(check, PETRI_EDEPTH, start);
  uint32_t keys = check->depth == 0 ? 0 : check->frames[check->depth - 1].keys_end;
  frame *top = &check->frames[check->depth++];
  top->end = (uint32_t)(start + size);
  top->keys = top->keys_end = keys;
  top->dict = type == '}';
  top->has_key = false;
  return true;
}

/* A key whose prefix begins at `child`. */
static bool take_key(checker *check, frame *top, uint8_t type, size_t child, size_t start, size_t size) {
  if (top->keys_end - top->keys >= check->part->keys) return fail_at(check, PETRI_ECOUNT, child);
  if (type != ',') return fail_at(check, PETRI_EKEY, start + size);
  if (!is_utf8(check->keys.data + start, size)) return fail_at(check, PETRI_EKEY, start);
  if (top->keys_end >= PETRI_KEYS_HELD + check->keys.more_count) return fail_at(check, PETRI_ENOSPACE, child);
  petri_key *key = key_at(&check->keys, top->keys_end);
  key->offset = (uint32_t)start;
  key->size = (uint32_t)size;
  if (top->keys_end - top->keys < FEW_KEYS && repeats(&check->keys, top->keys, top->keys_end))
    return fail_at(check, PETRI_EDUPLICATE, child);
  top->keys_end++;
  top->has_key = true;
  return true;
}

static bool close_container(checker *check) {
  frame *top = &check->frames[--check->depth];
  size_t count = top->keys_end - top->keys;
  if (top->has_key) return fail_at(check, PETRI_EDICT, top->end);
  if (count <= FEW_KEYS) return true;
  uint32_t offset = find_duplicate(&check->keys, top->keys, count);
  if (offset == 0) return true;
  size_t at = offset - 1; /* the colon; the digits of the size are before it */
  while (at > 0 && is_digit(check->keys.data[at - 1])) at--;
  return fail_at(check, PETRI_EDUPLICATE, at);
}

/*
 * Checks the value of `type` whose data are data[start, start + size). Containers are walked without recursion: what a
 * peer nests costs one frame each, and there are PETRI_DEPTH_MAX of them. Offsets are those of `data`.
 */
static bool check_value(checker *check, const uint8_t *data, uint8_t type, size_t start, size_t size) {
  uint32_t elements = 1;
  size_t at = start, wrong = 0;
  if (type != '}' && type != ']') {
    petri_status status = check_scalar(type, data + start, size, check->limits, &wrong);
    return status == PETRI_OK || fail_at(check, status, start + wrong);
  }
  check->depth = 0;
  check->keys.data = data;
  check->keys.more = check->limits->keys;
  check->keys.more_count = check->limits->keys == NULL ? 0 : check->limits->keys_count;
  if (!open_container(check, type, start, size)) return false;
  while (check->depth > 0) {
    frame *top = &check->frames[check->depth - 1];
    if (at == top->end) {
      if (!close_container(check)) return false;
      at++;
      continue;
    }
    size_t child = at;
    uint32_t length = 0;
    petri_status status = read_size(data, top->end, &at, &length);
    if (status == PETRI_ESIZE) return fail_at(check, status, at);
    if (status == PETRI_MORE) return fail_at(check, PETRI_EOVERRUN, top->end);
    if (length >= top->end - at) return fail_at(check, PETRI_EOVERRUN, child);
    uint8_t kind = data[at + length];
    if (top->dict && !top->has_key) {
      if (!take_key(check, top, kind, child, at, length)) return false;
      at += length + 1;
      continue;
    }
    top->has_key = false;
    if (++elements > check->part->elements) return fail_at(check, PETRI_ECOUNT, at);
    if (kind == '}' || kind == ']') {
      if (!open_container(check, kind, at, length)) return false;
      continue;
    }
    if (kind != ',') {
      status = check_scalar(kind, data + at, length, check->limits, &wrong);
      if (status != PETRI_OK) return fail_at(check, status, at + wrong);
    }
    at += length + 1;
  }
  return true;
}

/* The one place that has the validator's frames on its stack: some 5 KiB, none of it set before it is used. */
static petri_status check_part(const petri_limits *limits, const petri_part_limits *part, const uint8_t *data,
                               petri_value value, size_t start, petri_fault *fault) {
  checker check;
  if (value.type == ',') return PETRI_OK;
  check.limits = limits;
  check.part = part;
  if (check_value(&check, data, value.type, start, value.data.size)) return PETRI_OK;
  *fault = check.fault;
  return fault->status;
}

petri_status petri_decode(const uint8_t *data, size_t size, const petri_limits *limits, petri_value *value,
                          size_t *used, petri_fault *fault) {
  petri_fault here = {PETRI_OK, 0};
  petri_limits defaults;
  uint32_t length = 0;
  size_t at = 0;
  if (limits == NULL) {
    defaults = petri_default_limits();
    limits = &defaults;
  }
  petri_status status = read_size(data, size, &at, &length);
  if (status == PETRI_ESIZE) {
    here = (petri_fault){PETRI_ESIZE, at};
  } else if (status == PETRI_MORE) {
    here = (petri_fault){PETRI_ETRUNCATED, size};
  } else if (length > limits->body.size) {
    here = (petri_fault){PETRI_ETOOLARGE, 0};
  } else if (length >= size - at) {
    here = (petri_fault){PETRI_ETRUNCATED, size};
  } else {
    value->type = data[at + length];
    value->data = (petri_view){data + at, length};
    *used = at + length + 1;
    check_part(limits, &limits->body, data, *value, at, &here);
  }
  if (fault != NULL) *fault = here;
  return here.status;
}

/* ------------------------------------------------------------------------------------------------------- values */

petri_iterator petri_iterate(petri_value container) {
  petri_iterator iterator = {container.data.data, container.data.data, container.type == '}'};
  if ((container.type == '}' || container.type == ']') && container.data.size > 0)
    iterator.end = container.data.data + container.data.size;
  return iterator;
}

static petri_status next_value(petri_iterator *iterator, petri_value *value) {
  size_t at = 0, room = (size_t)(iterator->end - iterator->at);
  uint32_t length = 0;
  if (room == 0) return PETRI_END;
  petri_status status = read_size(iterator->at, room, &at, &length);
  if (status == PETRI_ESIZE) return status;
  if (status == PETRI_MORE || length >= room - at) return PETRI_EOVERRUN;
  value->data = (petri_view){iterator->at + at, length};
  value->type = iterator->at[at + length];
  iterator->at += at + length + 1;
  return PETRI_OK;
}

petri_status petri_next(petri_iterator *iterator, petri_view *key, petri_value *value) {
  petri_value name = {',', {NULL, 0}};
  if (iterator->dict) {
    petri_status status = next_value(iterator, &name);
    if (status != PETRI_OK) return status;
    if (name.type != ',') return PETRI_EKEY;
  }
  if (key != NULL) *key = name.data;
  petri_status status = next_value(iterator, value);
  return status == PETRI_END && iterator->dict ? PETRI_EDICT : status;
}

petri_status petri_get(petri_value dict, const char *key, petri_value *value) {
  petri_iterator iterator = petri_iterate(dict);
  size_t size = strlen(key);
  petri_view name;
  petri_value found;
  if (dict.type != '}') return PETRI_EWRONG;
  for (;;) {
    petri_status status = petri_next(&iterator, &name, &found);
    if (status != PETRI_OK) return status;
    if (name.size == size && (size == 0 || memcmp(name.data, key, size) == 0)) break;
  }
  *value = found;
  return PETRI_OK;
}

petri_status petri_int(petri_value value, int64_t *result) {
  const uint8_t *at = value.data.data, *end = at + value.data.size;
  bool negative = false;
  uint64_t sum = 0, most;
  if (value.type != '#') return PETRI_EWRONG;
  if (wrong_in_integer(at, value.data.size, false) != NOTHING_WRONG) return PETRI_EINTEGER;
  if (*at == '-' || *at == '+') negative = *at++ == '-';
  most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
  for (; at < end; at++) {
    uint64_t digit = (uint64_t)(*at - '0');
    if (sum >= 900000000000000000 && sum > (most - digit) / 10) return PETRI_ERANGE;
    sum = sum * 10 + digit;
  }
  *result = negative && sum > 0 ? -(int64_t)(sum - 1) - 1 : (int64_t)sum;
  return PETRI_OK;
}

petri_status petri_float(petri_value value, double *result) {
  if (value.type != '^' && value.type != '#') return PETRI_EWRONG;
  if (value.data.size > NUMBER_BYTES) return PETRI_ETOOLARGE;
  if (wrong_in_float(value.data.data, value.data.size, false) != NOTHING_WRONG) return PETRI_EFLOAT;
  *result = text_to_double(value.data.data, value.data.size);
  return PETRI_OK;
}

petri_status petri_bool(petri_value value, bool *result) {
  if (value.type != '!') return PETRI_EWRONG;
  *result = value.data.size == 4;
  return PETRI_OK;
}

bool petri_is_text(petri_value value, const char *text) {
  size_t size = strlen(text);
  return value.type == ',' && value.data.size == size && (size == 0 || memcmp(value.data.data, text, size) == 0);
}

petri_value petri_bytes(const void *data, size_t size) {
  return (petri_value){',', {data, size}};
}

petri_value petri_text(const char *text) { return petri_bytes(text, strlen(text)); }

/* ----------------------------------------------------------------------------------------------------- encoding */

static size_t digits_of(uint8_t *into, uint64_t value) {
  uint8_t reversed[20];
  size_t count = 0;
  do {
    reversed[count++] = (uint8_t)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  for (size_t i = 0; i < count; i++) into[i] = reversed[count - 1 - i];
  return count;
}

size_t petri_prefix(uint8_t *into, size_t size) {
  if (size > 999999999) return 0;
  size_t count = digits_of(into, size);
  into[count] = ':';
  return count + 1;
}

void petri_encode_into(petri_encoder *encoder, void *buffer, size_t room) {
  encoder->buffer = buffer;
  encoder->room = room;
  encoder->size = 0;
  encoder->status = PETRI_OK;
  encoder->depth = 0;
}

/* Room for `size` bytes of a value, which must not stand where a key is due. */
static uint8_t *claim(petri_encoder *encoder, size_t size, bool key) {
  if (encoder->status != PETRI_OK) return NULL;
  if (encoder->depth > 0 && encoder->open[encoder->depth - 1].dict) {
    if (encoder->open[encoder->depth - 1].key == key) {
      encoder->status = PETRI_EWRONG;
      return NULL;
    }
    encoder->open[encoder->depth - 1].key = key;
  } else if (key) {
    encoder->status = PETRI_EWRONG;
    return NULL;
  }
  if (size > encoder->room - encoder->size) {
    encoder->status = PETRI_ENOSPACE;
    return NULL;
  }
  uint8_t *at = encoder->buffer + encoder->size;
  encoder->size += size;
  return at;
}

static void put(petri_encoder *encoder, uint8_t type, const void *data, size_t size, bool key) {
  uint8_t prefix[12];
  size_t lead = petri_prefix(prefix, size);
  if (lead == 0) {
    if (encoder->status == PETRI_OK) encoder->status = PETRI_ETOOLARGE;
    return;
  }
  uint8_t *at = claim(encoder, lead + size + 1, key);
  if (at == NULL) return;
  for (size_t i = 0; i < lead; i++) at[i] = prefix[i];
  if (size > 0) memcpy(at + lead, data, size);
  at[lead + size] = type;
}

void petri_put_bytes(petri_encoder *encoder, const void *data, size_t size) { put(encoder, ',', data, size, false); }
void petri_put_text(petri_encoder *encoder, const char *text) { put(encoder, ',', text, strlen(text), false); }
void petri_put_bool(petri_encoder *encoder, bool value) {
  put(encoder, '!', value ? "true" : "false", value ? 4 : 5, false);
}
void petri_put_null(petri_encoder *encoder) { put(encoder, '~', NULL, 0, false); }
void petri_put_key(petri_encoder *encoder, const char *key) { put(encoder, ',', key, strlen(key), true); }
void petri_put_key_bytes(petri_encoder *encoder, petri_view key) { put(encoder, ',', key.data, key.size, true); }
void petri_put_value(petri_encoder *encoder, petri_value value) {
  put(encoder, value.type, value.data.data, value.data.size, false);
}

void petri_put_int(petri_encoder *encoder, int64_t value) {
  uint8_t text[24];
  size_t size = 0;
  uint64_t magnitude = value < 0 ? (uint64_t)(-(value + 1)) + 1 : (uint64_t)value;
  if (value < 0) text[size++] = '-';
  size += digits_of(text + size, magnitude);
  put(encoder, '#', text, size, false);
}

void petri_put_digits(petri_encoder *encoder, const char *digits, size_t size) {
  if (encoder->status == PETRI_OK && (size > NUMBER_BYTES || wrong_in_integer((const uint8_t *)digits, size, true) != NOTHING_WRONG))
    encoder->status = PETRI_EINTEGER;
  put(encoder, '#', digits, size, false);
}

/* The shortest digits of a finite value above zero; the value is 0.DIGITS × 10^*point. Returns how many there are. */
static size_t shortest_digits(double value, char *digits, int *point) {
  char text[40];
  /* Any decimal of 15 digits or fewer survives a normal double, so fewer need not be tried; subnormals hold less. */
  int precision = value < DBL_MIN ? 0 : DBL_DIG - 1;
  size_t count = 0;
  for (;; precision++) {
    snprintf(text, sizeof text, "%.*e", precision, value);
    if (precision >= 16 || strtod(text, NULL) == value) break;
  }
  char *at = text;
  for (; *at != 'e' && *at != 0; at++) {
    if (is_digit((uint8_t)*at)) digits[count++] = *at;
  }
  *point = (*at == 'e' ? atoi(at + 1) : 0) + 1;
  while (count > 1 && digits[count - 1] == '0') count--;
  return count;
}

/* Writes digits where `point` says, as ECMAScript does; `.0` follows what would look like an integer. */
static size_t format_digits(uint8_t *out, const char *digits, int count, int point) {
  size_t size = 0;
  if (count <= point && point <= 21) {
    for (int i = 0; i < point; i++) out[size++] = (uint8_t)(i < count ? digits[i] : '0');
    out[size++] = '.';
    out[size++] = '0';
  } else if (0 < point && point <= 21) {
    for (int i = 0; i < count; i++) {
      if (i == point) out[size++] = '.';
      out[size++] = (uint8_t)digits[i];
    }
  } else if (-6 < point && point <= 0) {
    out[size++] = '0';
    out[size++] = '.';
    for (int i = point; i < 0; i++) out[size++] = '0';
    for (int i = 0; i < count; i++) out[size++] = (uint8_t)digits[i];
  } else {
    int exponent = point - 1;
    out[size++] = (uint8_t)digits[0];
    if (count > 1) out[size++] = '.';
    for (int i = 1; i < count; i++) out[size++] = (uint8_t)digits[i];
    out[size++] = 'e';
    out[size++] = exponent < 0 ? '-' : '+';
    size += digits_of(out + size, (uint64_t)(exponent < 0 ? -exponent : exponent));
  }
  return size;
}

void petri_put_float(petri_encoder *encoder, double value) {
  uint8_t text[48];
  char digits[40];
  size_t size = 0;
  int point = 0;
  if (!(value <= DBL_MAX && value >= -DBL_MAX)) {
    if (encoder->status == PETRI_OK) encoder->status = PETRI_EFLOAT;
    return;
  }
  if (value < 0 || (value == 0 && 1 / value < 0)) {
    text[size++] = '-';
    value = -value;
  }
  if (value == 0) {
    memcpy(text + size, "0.0", 3);
    size += 3;
  } else {
    size_t count = shortest_digits(value, digits, &point);
    size += format_digits(text + size, digits, (int)count, point);
  }
  put(encoder, '^', text, size, false);
}

/* Room for a size of two digits is left in front; petri_end moves the content when it needs another. */
#define PREFIX_GUESS 3

static void begin(petri_encoder *encoder, bool dict) {
  if (encoder->status == PETRI_OK && encoder->depth >= PETRI_DEPTH_MAX) encoder->status = PETRI_EDEPTH;
  if (claim(encoder, PREFIX_GUESS, false) == NULL) return;
  encoder->open[encoder->depth].start = encoder->size;
  encoder->open[encoder->depth].dict = dict;
  encoder->open[encoder->depth].key = false;
  encoder->depth++;
}

void petri_begin_list(petri_encoder *encoder) { begin(encoder, false); }
void petri_begin_dict(petri_encoder *encoder) { begin(encoder, true); }

void petri_end(petri_encoder *encoder) {
  uint8_t prefix[12];
  if (encoder->status != PETRI_OK) return;
  if (encoder->depth == 0 || encoder->open[encoder->depth - 1].key) {
    encoder->status = PETRI_EWRONG;
    return;
  }
  encoder->depth--;
  size_t start = encoder->open[encoder->depth].start, size = encoder->size - start;
  size_t lead = petri_prefix(prefix, size);
  if (lead == 0) {
    encoder->status = PETRI_ETOOLARGE;
    return;
  }
  size_t moved = start - PREFIX_GUESS + lead;
  if (moved + size + 1 > encoder->room) {
    encoder->status = PETRI_ENOSPACE;
    return;
  }
  if (moved != start) memmove(encoder->buffer + moved, encoder->buffer + start, size);
  memcpy(encoder->buffer + start - PREFIX_GUESS, prefix, lead);
  encoder->size = moved + size + 1;
  encoder->buffer[encoder->size - 1] = encoder->open[encoder->depth].dict ? '}' : ']';
}

petri_status petri_encoded(const petri_encoder *encoder, petri_view *view) {
  if (encoder->status != PETRI_OK) return encoder->status;
  if (encoder->depth > 0) return PETRI_EWRONG;
  *view = (petri_view){encoder->buffer, encoder->size};
  return PETRI_OK;
}

/* ------------------------------------------------------------------------------------------------------- parser */

enum { IN_SIZE, IN_DATA, IN_TYPE };

void petri_parser_init(petri_parser *parser, const petri_limits *limits, petri_mode mode, void *memory, size_t room) {
  memset(parser, 0, sizeof *parser);
  parser->limits = limits == NULL ? petri_default_limits() : *limits;
  parser->mode = mode;
  parser->memory = memory;
  parser->room = memory == NULL ? 0 : room;
}

bool petri_parser_idle(const petri_parser *parser) {
  return parser->state == IN_SIZE && parser->digits == 0 && !parser->in_body;
}

static petri_status stop(petri_parser *parser, petri_status status, size_t offset) {
  parser->fault = (petri_fault){status, parser->begin + offset};
  return status;
}

/* Makes memory for `size` bytes behind those that are kept already. */
static bool make_room(petri_parser *parser, size_t size) {
  size_t need = parser->base + parser->got + size;
  if (need <= parser->room) return true;
  if (parser->resize == NULL) return false;
  size_t most = parser->base + (size_t)parser->size + 1, wanted = parser->room * 2;
  if (wanted > most) wanted = most;
  if (wanted < need) wanted = need;
  void *grown = parser->resize(parser->user, parser->memory, wanted);
  if (grown == NULL) return false;
  parser->memory = grown;
  parser->room = wanted;
  return true;
}

/* Takes the digits of a size. PETRI_MORE until its colon has come. */
static petri_status feed_size(petri_parser *parser, const uint8_t *data, size_t size, size_t *at) {
  while (*at < size) {
    uint8_t byte = data[*at];
    if (byte == ':' && parser->digits > 0) {
      const petri_part_limits *part =
          parser->mode == PETRI_VALUES || parser->in_body ? &parser->limits.body : &parser->limits.header;
      if (parser->size > part->size) return stop(parser, PETRI_ETOOLARGE, 0);
      ++*at;
      parser->state = IN_DATA;
      parser->got = 0;
      return PETRI_OK;
    }
    if (!is_digit(byte) || parser->digits == SIZE_DIGITS || (parser->digits > 0 && parser->size == 0))
      return stop(parser, PETRI_ESIZE, parser->digits);
    parser->size = parser->size * 10 + (uint32_t)(byte - '0');
    parser->digits++;
    ++*at;
  }
  return PETRI_MORE;
}

/* Takes data and type of a value that is wanted whole: in place when this chunk has all of it, else through memory. */
static petri_status feed_whole(petri_parser *parser, const uint8_t *data, size_t size, size_t *at, petri_value *value) {
  size_t left = (size_t)parser->size + 1 - parser->got, here = size - *at;
  if (parser->got == 0 && here >= left) {
    *value = (petri_value){data[*at + parser->size], {data + *at, parser->size}};
    *at += left;
    return PETRI_OK;
  }
  size_t taken = here < left ? here : left;
  if (taken > 0) {
    if (!make_room(parser, taken)) return stop(parser, PETRI_ENOSPACE, 0);
    memcpy(parser->memory + parser->base + parser->got, data + *at, taken);
    parser->got += (uint32_t)taken;
    *at += taken;
  }
  if (taken < left) return PETRI_MORE;
  const uint8_t *start = parser->memory + parser->base;
  *value = (petri_value){start[parser->size], {start, parser->size}};
  return PETRI_OK;
}

static petri_status checked(petri_parser *parser, const petri_part_limits *part, petri_value value) {
  petri_fault fault = {PETRI_OK, 0};
  size_t lead = (size_t)parser->digits + 1;
  if (part == &parser->limits.header && value.type != '}' && is_type(value.type))
    return stop(parser, PETRI_EHEADER, lead + value.data.size);
  if (check_part(&parser->limits, part, value.data.data, value, 0, &fault) == PETRI_OK) return PETRI_OK;
  return stop(parser, fault.status, fault.offset + lead);
}

static void next_size(petri_parser *parser, bool in_body) {
  parser->begin += (size_t)parser->digits + parser->size + 2;
  parser->state = IN_SIZE;
  parser->digits = 0;
  parser->size = 0;
  parser->got = 0;
  parser->in_body = in_body;
  if (!in_body) parser->base = parser->kept = 0;
}

static petri_status feed_part(petri_parser *parser, const uint8_t *data, size_t size, size_t *at, petri_event *event) {
  if (parser->state == IN_DATA) {
    size_t left = parser->size - parser->got, here = size - *at;
    if (left > 0) {
      if (here == 0) return PETRI_MORE;
      size_t taken = here < left ? here : left;
      event->kind = PETRI_EVENT_BODY_PART;
      event->part = (petri_view){data + *at, taken};
      parser->got += (uint32_t)taken;
      *at += taken;
      return PETRI_OK;
    }
    parser->state = IN_TYPE;
  }
  if (*at == size) return PETRI_MORE;
  uint8_t type = data[*at];
  if (!is_type(type)) return stop(parser, PETRI_ETYPE, (size_t)parser->digits + 1 + parser->size);
  ++*at;
  event->kind = PETRI_EVENT_BODY_END;
  event->body = (petri_value){type, {NULL, 0}};
  event->size = parser->size;
  next_size(parser, false);
  return PETRI_OK;
}

/* A header is complete. It must outlive this chunk unless the body is in the same one: then it moves to memory. */
static petri_status header_done(petri_parser *parser, petri_value header) {
  petri_status status = checked(parser, &parser->limits.header, header);
  if (status != PETRI_OK) return status;
  parser->header = header;
  parser->kept = parser->got > 0 ? (size_t)parser->size + 1 : 0;
  parser->base = parser->kept;
  next_size(parser, true);
  return PETRI_OK;
}

static petri_status keep_header(petri_parser *parser) {
  size_t size = parser->header.data.size;
  if (parser->kept > 0 || parser->mode != PETRI_MESSAGES || !parser->in_body) return PETRI_MORE;
  /* The body's first bytes may lie at the start of memory already: they make way. */
  if (!make_room(parser, size + 1)) return stop(parser, PETRI_ENOSPACE, 0);
  if (parser->got > 0) memmove(parser->memory + size + 1, parser->memory, parser->got);
  if (size > 0) memcpy(parser->memory, parser->header.data.data, size);
  parser->memory[size] = parser->header.type;
  parser->base = parser->kept = size + 1;
  return PETRI_MORE;
}

static petri_status body_done(petri_parser *parser, petri_value body, petri_event *event) {
  petri_status status = checked(parser, &parser->limits.body, body);
  if (status != PETRI_OK) return status;
  event->kind = parser->mode == PETRI_VALUES ? PETRI_EVENT_VALUE : PETRI_EVENT_MESSAGE;
  event->body = body;
  if (parser->mode == PETRI_MESSAGES) {
    event->header = parser->header;
    if (parser->kept > 0) event->header.data.data = parser->memory;
  }
  next_size(parser, false);
  return PETRI_OK;
}

petri_status petri_feed(petri_parser *parser, const uint8_t *data, size_t size, size_t *used, petri_event *event) {
  petri_status status;
  size_t at = 0;
  *used = 0;
  if (parser->fault.status != PETRI_OK) return parser->fault.status;
  for (;;) {
    if (parser->state == IN_SIZE) {
      status = feed_size(parser, data, size, &at);
      if (status != PETRI_OK) break;
      if (parser->mode == PETRI_PARTS && parser->in_body) {
        event->kind = PETRI_EVENT_BODY_BEGIN;
        event->size = parser->size;
        break;
      }
    }
    if (parser->mode == PETRI_PARTS && parser->in_body) {
      status = feed_part(parser, data, size, &at, event);
      break;
    }
    petri_value value;
    status = feed_whole(parser, data, size, &at, &value);
    if (status != PETRI_OK) break;
    if (parser->mode == PETRI_VALUES || parser->in_body) {
      status = body_done(parser, value, event);
      break;
    }
    status = header_done(parser, value);
    if (status != PETRI_OK) break;
    if (parser->mode == PETRI_PARTS) {
      event->kind = PETRI_EVENT_HEADER;
      event->header = value;
      break;
    }
  }
  if (status == PETRI_MORE) status = keep_header(parser);
  *used = at;
  return status;
}

size_t petri_body_left(const petri_parser *parser) {
  bool parts = parser->mode == PETRI_PARTS && parser->in_body && parser->state == IN_DATA;
  return parts && parser->fault.status == PETRI_OK ? parser->size - parser->got : 0;
}

petri_status petri_body_taken(petri_parser *parser, size_t size) {
  if (size > petri_body_left(parser)) return PETRI_EWRONG;
  parser->got += (uint32_t)size;
  return PETRI_OK;
}

/* -------------------------------------------------------------------------------------------------- connections */

void petri_conn_init(petri_conn *conn, petri_io io, const petri_limits *limits, void *input, size_t input_room,
                     void *memory, size_t memory_room) {
  memset(conn, 0, sizeof *conn);
  conn->io = io;
  petri_parser_init(&conn->parser, limits, PETRI_MESSAGES, memory, memory_room);
  conn->connect_ms = 20000;
  conn->handshake_ms = 10000;
  conn->handshake_bytes = 4096;
  conn->message_ms = 30000;
  conn->message_rate = 1024;
  conn->write_ms = 30000;
  conn->input = input;
  conn->input_room = input_room;
}

static int64_t now_of(const petri_conn *conn) { return conn->io.now == NULL ? 0 : conn->io.now(conn->io.user); }

/* The time `ms` from now, 0 for never. */
static int64_t deadline_in(const petri_conn *conn, uint32_t ms) {
  return ms == 0 || conn->io.now == NULL ? 0 : now_of(conn) + (int64_t)ms;
}

static petri_status fail(petri_conn *conn, petri_status status) {
  conn->status = status;
  return status;
}

/* When a message that began at `start` and has come as far as `bytes` must be complete. */
static int64_t message_deadline(const petri_conn *conn, int64_t start, uint64_t bytes) {
  uint64_t earned = conn->message_rate == 0 ? 0 : bytes * 1000 / conn->message_rate;
  if (conn->message_ms == 0 || conn->io.now == NULL) return 0;
  return start + (int64_t)(earned > conn->message_ms ? earned : conn->message_ms);
}

/* Reads until there is an event. Without a deadline for all of it: idle_ms until the first byte, then the message's. */
static petri_status next_event(petri_conn *conn, petri_mode mode, int64_t handshake, petri_event *event) {
  int64_t deadline = handshake != 0 ? handshake : deadline_in(conn, conn->idle_ms), began = 0;
  petri_status late = handshake != 0 ? PETRI_EHANDSHAKE : PETRI_EIDLE;
  uint64_t bytes = 0;
  if (conn->status != PETRI_OK) return PETRI_ECLOSED;
  if (conn->input_room == 0) return fail(conn, PETRI_ENOSPACE);
  if (petri_parser_idle(&conn->parser)) conn->parser.mode = mode;
  for (;;) {
    size_t used = 0;
    petri_status status = petri_feed(&conn->parser, conn->input + conn->start, conn->end - conn->start, &used, event);
    conn->start += used;
    bytes += used;
    if (status < 0) return fail(conn, status);
    if (status == PETRI_OK) return PETRI_OK;
    if (handshake == 0 && !petri_parser_idle(&conn->parser)) {
      if (late == PETRI_EIDLE) began = now_of(conn);
      late = PETRI_ESLOW;
      deadline = message_deadline(conn, began, bytes);
    }
    conn->start = conn->end = 0;
    ptrdiff_t count = conn->io.read(conn->io.user, conn->input, conn->input_room, deadline);
    if (count < 0) return fail(conn, count == PETRI_ETIMEOUT ? late : PETRI_EIO);
    if (count == 0) return petri_parser_idle(&conn->parser) ? PETRI_END : fail(conn, PETRI_ECUT);
    if ((size_t)count > conn->input_room) return fail(conn, PETRI_EIO);
    conn->end = (size_t)count;
    if (deadline != 0 && now_of(conn) >= deadline) return fail(conn, late);
  }
}

petri_status petri_read_chunk(petri_conn *conn, petri_value *value) {
  petri_event event;
  petri_status status = next_event(conn, PETRI_VALUES, 0, &event);
  if (status == PETRI_OK) *value = event.body;
  return status;
}

static petri_status recv_until(petri_conn *conn, int64_t deadline, petri_message *message) {
  petri_event event;
  petri_status status = next_event(conn, PETRI_MESSAGES, deadline, &event);
  if (status == PETRI_OK) *message = (petri_message){event.header, event.body};
  return status;
}

petri_status petri_recv(petri_conn *conn, petri_message *message) { return recv_until(conn, 0, message); }

/* Writes all of the pieces. Without a deadline for all of it, each step has write_ms. */
static petri_status write_all(petri_conn *conn, petri_view *pieces, size_t count, int64_t handshake) {
  petri_status late = handshake != 0 ? PETRI_EHANDSHAKE : PETRI_ENOTREADING;
  size_t first = 0;
  while (first < count) {
    if (pieces[first].size == 0) {
      first++;
      continue;
    }
    int64_t deadline = handshake != 0 ? handshake : deadline_in(conn, conn->write_ms);
    ptrdiff_t done = conn->io.write(conn->io.user, pieces + first, count - first, deadline);
    if (done <= 0) return fail(conn, done == PETRI_ETIMEOUT ? late : PETRI_EIO);
    size_t left = (size_t)done;
    while (left > 0 && first < count) {
      size_t step = left < pieces[first].size ? left : pieces[first].size;
      pieces[first].data += step;
      pieces[first].size -= step;
      left -= step;
      if (pieces[first].size == 0) first++;
    }
    if (left > 0) return fail(conn, PETRI_EIO);
  }
  return PETRI_OK;
}

/* The data of an encoded dict; an empty view stands for an empty dict. */
static petri_status dict_of(petri_view header, petri_value *dict) {
  size_t at = 0;
  uint32_t size = 0;
  *dict = (petri_value){'}', {NULL, 0}};
  if (header.size == 0) return PETRI_OK;
  if (read_size(header.data, header.size, &at, &size) != PETRI_OK || at + size + 1 != header.size ||
      header.data[at + size] != '}')
    return PETRI_EWRONG;
  dict->data = (petri_view){header.data + at, size};
  return PETRI_OK;
}

static petri_view piece(const void *data, size_t size) { return (petri_view){data, size}; }

static petri_status send_until(petri_conn *conn, petri_view header, petri_value body, int64_t deadline) {
  uint8_t prefix[12];
  petri_value dict;
  size_t lead = petri_prefix(prefix, body.data.size);
  if (conn->status != PETRI_OK) return PETRI_ECLOSED;
  if (lead == 0) return PETRI_ETOOLARGE;
  if (dict_of(header, &dict) != PETRI_OK) return PETRI_EWRONG;
  if (header.size == 0) header = piece("0:}", 3);
  petri_view pieces[] = {header, piece(prefix, lead), body.data, piece(&body.type, 1)};
  return write_all(conn, pieces, 4, deadline);
}

petri_status petri_send(petri_conn *conn, petri_view header, petri_value body) {
  return send_until(conn, header, body, 0);
}

petri_status petri_connect(petri_conn *conn, petri_view header, petri_value body, petri_message *answer) {
  int64_t deadline = deadline_in(conn, conn->connect_ms);
  petri_status status = send_until(conn, header, body, deadline);
  if (status == PETRI_OK) status = recv_until(conn, deadline, answer);
  return status == PETRI_END ? fail(conn, PETRI_ENOREPLY) : status;
}

bool petri_connect_allowed(petri_value header, bool strict) {
  petri_value allowed;
  petri_status status = petri_get(header, "allowed", &allowed);
  bool result = false;
  if (status == PETRI_END) return !strict;
  return status == PETRI_OK && petri_bool(allowed, &result) == PETRI_OK && result;
}

petri_status petri_accept(petri_conn *conn, petri_message *message) {
  petri_limits *limits = &conn->parser.limits, whole = *limits;
  if (limits->header.size > conn->handshake_bytes) limits->header.size = conn->handshake_bytes;
  if (limits->body.size > conn->handshake_bytes) limits->body.size = conn->handshake_bytes;
  petri_status status = recv_until(conn, deadline_in(conn, conn->handshake_ms), message);
  *limits = whole;
  return status;
}

/* Sends `header` with `allowed` in front and without the one that it may have had. */
static petri_status answer_peer(petri_conn *conn, petri_view header, petri_value body, bool allowed) {
  static const char yes[] = "7:allowed,4:true!", no[] = "7:allowed,5:false!";
  uint8_t header_prefix[12], body_prefix[12];
  petri_value dict, value;
  petri_view key, flag = piece(allowed ? yes : no, allowed ? sizeof yes - 1 : sizeof no - 1);
  if (conn->status != PETRI_OK) return PETRI_ECLOSED;
  if (dict_of(header, &dict) != PETRI_OK) return PETRI_EWRONG;
  petri_view before = dict.data, after = {NULL, 0};
  petri_iterator iterator = petri_iterate(dict);
  for (const uint8_t *start = iterator.at; petri_next(&iterator, &key, &value) == PETRI_OK; start = iterator.at) {
    if (key.size != 7 || memcmp(key.data, "allowed", 7) != 0) continue;
    before.size = (size_t)(start - dict.data.data);
    after = piece(iterator.at, (size_t)(iterator.end - iterator.at));
  }
  size_t header_lead = petri_prefix(header_prefix, flag.size + before.size + after.size);
  size_t body_lead = petri_prefix(body_prefix, body.data.size);
  if (header_lead == 0 || body_lead == 0) return PETRI_ETOOLARGE;
  petri_view pieces[] = {piece(header_prefix, header_lead), flag, before, after, piece("}", 1),
                         piece(body_prefix, body_lead), body.data, piece(&body.type, 1)};
  return write_all(conn, pieces, 8, deadline_in(conn, conn->handshake_ms));
}

petri_status petri_peer_allowed(petri_conn *conn, petri_view header, petri_value body) {
  return answer_peer(conn, header, body, true);
}

petri_status petri_peer_denied(petri_conn *conn, petri_view header, petri_value body) {
  return answer_peer(conn, header, body, false);
}

petri_status petri_request(petri_conn *conn, petri_view header, petri_value body, petri_message *reply) {
  petri_status status = petri_send(conn, header, body);
  if (status == PETRI_OK) status = petri_recv(conn, reply);
  return status == PETRI_END ? fail(conn, PETRI_ENOREPLY) : status;
}

petri_status petri_send_begin(petri_conn *conn, petri_view header, size_t size) {
  uint8_t prefix[12];
  petri_value dict;
  size_t lead = petri_prefix(prefix, size);
  if (conn->status != PETRI_OK) return PETRI_ECLOSED;
  if (lead == 0) return PETRI_ETOOLARGE;
  if (dict_of(header, &dict) != PETRI_OK) return PETRI_EWRONG;
  if (header.size == 0) header = piece("0:}", 3);
  petri_view pieces[] = {header, piece(prefix, lead)};
  return write_all(conn, pieces, 2, 0);
}

petri_status petri_send_part(petri_conn *conn, petri_view part) {
  if (conn->status != PETRI_OK) return PETRI_ECLOSED;
  return write_all(conn, &part, 1, 0);
}

petri_status petri_send_end(petri_conn *conn, uint8_t type) { return petri_send_part(conn, piece(&type, 1)); }

#ifndef PETRI_NO_POSIX
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static int64_t clock_ms(void *user) {
  struct timespec time;
  (void)user;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Waits until `fd` is ready or the deadline is over. */
static petri_status wait_for(int fd, short events, int64_t deadline) {
  struct pollfd poller = {.fd = fd, .events = events};
  for (;;) {
    int64_t left = deadline == 0 ? -1 : deadline - clock_ms(NULL);
    if (deadline != 0 && left <= 0) return PETRI_ETIMEOUT;
    int ready = poll(&poller, 1, left > 3600000 ? 3600000 : (int)left);
    if (ready > 0) return PETRI_OK;
    if (ready < 0 && errno != EINTR) return PETRI_EIO;
  }
}

static bool would_block(void) { return errno == EAGAIN || errno == EWOULDBLOCK; }

static ptrdiff_t fd_read(void *user, void *into, size_t room, int64_t deadline) {
  int fd = *(int *)user;
  for (;;) {
    petri_status status = deadline == 0 ? PETRI_OK : wait_for(fd, POLLIN, deadline);
    if (status != PETRI_OK) return status;
    ssize_t count = read(fd, into, room);
    if (count >= 0) return count;
    if (would_block()) status = wait_for(fd, POLLIN, deadline);
    else if (errno != EINTR) status = PETRI_EIO;
    if (status != PETRI_OK) return status;
  }
}

static ptrdiff_t fd_write(void *user, const petri_view *pieces, size_t count, int64_t deadline) {
  struct iovec vectors[16];
  struct msghdr message = {.msg_iov = vectors};
  int fd = *(int *)user;
  size_t used = 0;
  for (; used < count && used < 16; used++) {
    vectors[used].iov_base = (void *)(uintptr_t)pieces[used].data;
    vectors[used].iov_len = pieces[used].size;
  }
  message.msg_iovlen = used;
  for (;;) {
    /* A blocking socket would wait for ever on a peer that never reads: with a deadline, ask first and do not block. */
    int flags = MSG_NOSIGNAL | (deadline == 0 ? 0 : MSG_DONTWAIT);
    ssize_t done = sendmsg(fd, &message, flags);
    if (done < 0 && errno == ENOTSOCK) done = writev(fd, vectors, (int)used);
    if (done > 0) return done;
    petri_status status = PETRI_OK;
    if (done == 0 || would_block()) status = wait_for(fd, POLLOUT, deadline);
    else if (errno != EINTR) status = PETRI_EIO;
    if (status != PETRI_OK) return status;
  }
}

petri_io petri_fd_io(int *fd) { return (petri_io){fd, fd_read, fd_write, clock_ms}; }

static petri_status dial_one(const struct addrinfo *address, int64_t deadline, int *result) {
  int one = 1, failure = 0;
  socklen_t size = sizeof failure;
  int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
  if (fd < 0) return PETRI_EIO;
  petri_status status = PETRI_OK;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
    status = errno == EINPROGRESS ? wait_for(fd, POLLOUT, deadline) : PETRI_EIO;
    if (status == PETRI_OK && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0))
      status = PETRI_EIO;
  }
  if (status != PETRI_OK) {
    close(fd);
    return status;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  *result = fd;
  return PETRI_OK;
}

petri_status petri_dial(const char *host, const char *port, uint32_t timeout_ms, int *fd) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
  int64_t deadline = timeout_ms == 0 ? 0 : clock_ms(NULL) + (int64_t)timeout_ms;
  petri_status status = PETRI_EIO;
  if (getaddrinfo(host, port, &hints, &list) != 0) return PETRI_EIO;
  for (const struct addrinfo *address = list; address != NULL; address = address->ai_next) {
    status = dial_one(address, deadline, fd);
    if (status == PETRI_OK || status == PETRI_ETIMEOUT) break;
  }
  freeaddrinfo(list);
  return status;
}
#endif
