/* As much JSON as the vectors need: a tree in memory that is never given back, for tests only. */
#ifndef PETRI_TEST_JSON_H
#define PETRI_TEST_JSON_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { JSON_NULL, JSON_TRUE, JSON_FALSE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_type;

typedef struct json {
  json_type type;
  char *text; /* of a string its content, of a number its digits */
  size_t size;
  struct json *first, *next;
  char *name; /* in an object */
} json;

static void json_fail(const char *why, const char *at) {
  fprintf(stderr, "JSON: %s at %.40s\n", why, at);
  exit(2);
}

static const char *json_space(const char *at) {
  while (isspace((unsigned char)*at)) at++;
  return at;
}

/* Strings hold ASCII and \u escapes below 256 become that byte: all that the vectors use besides \n, \r, \" and \\. */
static const char *json_string(const char *at, char **text, size_t *size) {
  char *out = malloc(strlen(at) + 1);
  if (*at != '"' || out == NULL) json_fail("a string is due", at);
  *text = out;
  for (at++; *at != '"'; at++) {
    if (*at == 0) json_fail("a string does not end", at);
    if (*at != '\\') {
      *out++ = *at;
      continue;
    }
    switch (*++at) {
    case 'n': *out++ = '\n'; break;
    case 'r': *out++ = '\r'; break;
    case 't': *out++ = '\t'; break;
    case 'u': {
      char digits[5] = {0};
      strncpy(digits, at + 1, 4);
      *out++ = (char)strtol(digits, NULL, 16);
      at += 4;
      break;
    }
    default: *out++ = *at;
    }
  }
  *out = 0;
  *size = (size_t)(out - *text);
  return at + 1;
}

static const char *json_value(const char *at, json *into) {
  at = json_space(at);
  memset(into, 0, sizeof *into);
  if (strncmp(at, "null", 4) == 0) return at + 4;
  if (strncmp(at, "true", 4) == 0) return into->type = JSON_TRUE, at + 4;
  if (strncmp(at, "false", 5) == 0) return into->type = JSON_FALSE, at + 5;
  if (*at == '"') return into->type = JSON_STRING, json_string(at, &into->text, &into->size);
  if (*at == '-' || isdigit((unsigned char)*at)) {
    size_t length = strspn(at, "-+.eE0123456789");
    into->type = JSON_NUMBER;
    into->text = strndup(at, length);
    into->size = length;
    return at + length;
  }
  if (*at != '[' && *at != '{') json_fail("a value is due", at);
  char close = *at == '[' ? ']' : '}';
  into->type = *at == '[' ? JSON_ARRAY : JSON_OBJECT;
  json **last = &into->first;
  at = json_space(at + 1);
  while (*at != close) {
    char *name = NULL;
    size_t size;
    if (into->type == JSON_OBJECT) {
      at = json_space(json_string(at, &name, &size));
      if (*at++ != ':') json_fail("a colon is due", at);
    }
    json *child = malloc(sizeof *child);
    if (child == NULL) json_fail("no memory", at);
    at = json_space(json_value(at, child));
    child->name = name;
    *last = child;
    last = &child->next;
    if (*at == ',') at = json_space(at + 1);
    else if (*at != close) json_fail("a comma is due", at);
  }
  return at + 1;
}

static const json *json_get(const json *object, const char *name) {
  for (const json *child = object->first; child != NULL; child = child->next) {
    if (child->name != NULL && strcmp(child->name, name) == 0) return child;
  }
  return NULL;
}

static const json *json_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return perror(path), exit(2), NULL;
  size_t room = 4 << 20;
  char *text = calloc(1, room);
  json *root = malloc(sizeof *root);
  if (text == NULL || root == NULL || fread(text, 1, room - 1, file) == 0) json_fail("no text", path);
  fclose(file);
  json_value(text, root);
  return root;
}

/* Hexadecimal to bytes. */
static unsigned char *json_hex(const json *value, size_t *size) {
  unsigned char *out = malloc(value->size / 2 + 1);
  if (out == NULL) json_fail("no memory", value->text);
  for (*size = 0; *size < value->size / 2; ++*size) {
    char digits[3] = {value->text[*size * 2], value->text[*size * 2 + 1], 0};
    out[*size] = (unsigned char)strtol(digits, NULL, 16);
  }
  return out;
}
#endif
