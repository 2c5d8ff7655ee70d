/*
 * Runs the fuzz target without libFuzzer: COUNT inputs made from the seeds and a random number generator.
 *   petri-fuzz-plain COUNT [SEED-FILE…]      a file given alone with COUNT 1 is run as it is
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 2000
#define SEEDS 1024

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t chance(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 33) % below;
}

static const char alphabet[] = "0123456789:,#^!~}]-+.etrufals x";

static const char *const words[] = {"0:}", "0:,", "0:~", "4:true!", "5:false!", "1:a,", "1:1#", "3:1.5^", "0:]", "5:hello,",
                                    "999999999:", "7:allowed,4:true!", "0:}5:hello,", "8:1:a,1:1#}"};

static size_t mutate(uint8_t *data, size_t size) {
  for (uint32_t left = 1 + chance(6); left > 0; left--) {
    size_t at = chance((uint32_t)size + 1);
    if (chance(4) == 0) {
      const char *word = words[chance(sizeof words / sizeof *words)];
      size_t length = strlen(word);
      if (size + length > ROOM) continue;
      memmove(data + at + length, data + at, size - at);
      memcpy(data + at, word, length);
      size += length;
    } else if (chance(3) == 0 && size > 3 && at < size) {
      memmove(data + at, data + at + 1, size - at - 1);
      size--;
    } else if (chance(5) == 0 && size > 2) {
      /* A value of what is here: nesting does not come by itself. */
      char prefix[16];
      int lead = snprintf(prefix, sizeof prefix, "%zu:", size - 2);
      if (size + (size_t)lead + 1 > ROOM) continue;
      memmove(data + 2 + lead, data + 2, size - 2);
      memcpy(data + 2, prefix, (size_t)lead);
      size += (size_t)lead + 1;
      data[size - 1] = chance(2) == 0 ? ']' : '}';
    } else if (at < size) {
      data[at] = (uint8_t)(chance(8) == 0 ? (int)chance(256) : alphabet[chance(sizeof alphabet - 1)]);
    }
  }
  return size;
}

int main(int count, char **arguments) {
  static uint8_t seeds[SEEDS][ROOM];
  static size_t sizes[SEEDS];
  size_t seed_count = 0;
  long runs = count > 1 ? atol(arguments[1]) : 100000;
  for (int i = 2; i < count && seed_count < SEEDS; i++) {
    FILE *file = fopen(arguments[i], "rb");
    if (file == NULL) return perror(arguments[i]), 1;
    sizes[seed_count] = fread(seeds[seed_count], 1, ROOM, file);
    fclose(file);
    LLVMFuzzerTestOneInput(seeds[seed_count], sizes[seed_count]);
    seed_count++;
  }
  for (long run = 0; run < runs; run++) {
    uint8_t data[ROOM + 1];
    size_t size = 2;
    data[0] = (uint8_t)chance(256);
    data[1] = (uint8_t)chance(256);
    if (seed_count > 0) {
      uint32_t pick = chance((uint32_t)seed_count);
      memcpy(data, seeds[pick], sizes[pick]);
      size = sizes[pick] < 2 ? 2 : sizes[pick];
    }
    for (uint32_t rounds = chance(4); rounds > 0 || seed_count == 0; rounds--) {
      size = mutate(data, size);
      if (rounds == 0) break;
    }
    /* Exactly as long as it is, so that a sanitizer sees one byte too many. */
    uint8_t *input = malloc(size);
    if (input == NULL) return 1;
    memcpy(input, data, size);
    LLVMFuzzerTestOneInput(input, size);
    free(input);
  }
  printf("%ld inputs\n", runs);
  return 0;
}
