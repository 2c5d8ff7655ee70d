/*
 * CRC32 and CRC32C of every chunk of a buffer in one call from JavaScript (Node-API).
 *
 * HDFS guards each chunk of `bytesPerChecksum` bytes (512 as a rule) with its own CRC, so the chunks of a packet are
 * independent of each other. That is where the speed comes from: the CRC instruction has a latency of three cycles but
 * starts one a cycle, so four chunks advance side by side.
 *
 *   CRC32C  x86-64: SSE4.2 crc32q, four chunks interleaved      arm64: crc32cd, four chunks interleaved
 *   CRC32   x86-64: PCLMULQDQ folding by 512 and 128 bits       arm64: crc32d,  four chunks interleaved
 *   both    anywhere else: tables, eight bytes a step
 *
 * Invariant: no byte outside the typed arrays handed in is read or written. Every length is compared here, not only in
 * the caller.
 */
#include <node_api.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#endif

/* Reflected polynomials: bit 31 is the coefficient of x^0. */
#define POLYNOMIAL_CRC32 0xEDB88320u
#define POLYNOMIAL_CRC32C 0x82F63B78u

enum { CRC32 = 0, CRC32C = 1, KINDS = 2 };
enum { SLICES = 8 };
/* Sums of one batch live on the stack between computing and comparing or storing them. */
enum { BATCH = 64 };

/* CRC of `length` bytes that follow bytes whose CRC is `crc` (0 at the start). */
typedef uint32_t (*update_fn)(uint32_t crc, const uint8_t *data, size_t length);
/* CRCs of `count` chunks of `chunk` bytes each. */
typedef void (*chunks_fn)(const uint8_t *data, size_t count, size_t chunk, uint32_t *sums);

typedef struct {
  update_fn update;
  chunks_fn chunks;
} implementation;

static uint32_t tables[KINDS][SLICES][256];
static implementation software[KINDS];
static implementation fastest[KINDS];

static inline uint64_t load_u64_le(const uint8_t *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  return value;
}

static inline uint32_t load_u32_be(const uint8_t *from) {
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static inline void store_u32_be(uint8_t *to, uint32_t value) {
  to[0] = (uint8_t)(value >> 24);
  to[1] = (uint8_t)(value >> 16);
  to[2] = (uint8_t)(value >> 8);
  to[3] = (uint8_t)value;
}

/* ---- tables: any processor ---- */

static void fill_tables(int kind, uint32_t polynomial) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (polynomial & (0u - (crc & 1u)));
    tables[kind][0][byte] = crc;
  }
  for (int slice = 1; slice < SLICES; slice++) {
    for (int byte = 0; byte < 256; byte++) {
      uint32_t before = tables[kind][slice - 1][byte];
      tables[kind][slice][byte] = (before >> 8) ^ tables[kind][0][before & 0xff];
    }
  }
}

/* The register itself, without the inversion at start and end that a CRC value has. */
static inline uint32_t table_register(int kind, uint32_t crc, const uint8_t *data, size_t length) {
  const uint32_t(*t)[256] = (const uint32_t(*)[256])tables[kind];
  for (; length >= 8; length -= 8, data += 8) {
    uint64_t word = load_u64_le(data) ^ crc;
    crc = t[7][word & 0xff] ^ t[6][(word >> 8) & 0xff] ^ t[5][(word >> 16) & 0xff] ^ t[4][(word >> 24) & 0xff] ^
          t[3][(word >> 32) & 0xff] ^ t[2][(word >> 40) & 0xff] ^ t[1][(word >> 48) & 0xff] ^ t[0][word >> 56];
  }
  for (; length > 0; length--, data++) crc = (crc >> 8) ^ t[0][(crc ^ *data) & 0xff];
  return crc;
}

static uint32_t table_update_crc32(uint32_t crc, const uint8_t *data, size_t length) {
  return ~table_register(CRC32, ~crc, data, length);
}

static uint32_t table_update_crc32c(uint32_t crc, const uint8_t *data, size_t length) {
  return ~table_register(CRC32C, ~crc, data, length);
}

static void table_chunks_crc32(const uint8_t *data, size_t count, size_t chunk, uint32_t *sums) {
  for (size_t i = 0; i < count; i++) sums[i] = table_update_crc32(0, data + i * chunk, chunk);
}

static void table_chunks_crc32c(const uint8_t *data, size_t count, size_t chunk, uint32_t *sums) {
  for (size_t i = 0; i < count; i++) sums[i] = table_update_crc32c(0, data + i * chunk, chunk);
}

/* ---- one CRC instruction for 8 bytes: shared shape of SSE4.2 and arm64 ---- */

#define DEFINE_INSTRUCTION_CRC(NAME, TARGET, STEP8, STEP1)                                                     \
  TARGET static uint32_t NAME##_update(uint32_t crc, const uint8_t *data, size_t length) {                    \
    uint32_t c = ~crc;                                                                                         \
    for (; length >= 8; length -= 8, data += 8) c = (uint32_t)STEP8(c, load_u64_le(data));                     \
    for (; length > 0; length--, data++) c = STEP1(c, *data);                                                  \
    return ~c;                                                                                                 \
  }                                                                                                            \
  TARGET static void NAME##_chunks(const uint8_t *data, size_t count, size_t chunk, uint32_t *sums) {         \
    size_t i = 0;                                                                                              \
    for (; i + 4 <= count; i += 4) {                                                                           \
      const uint8_t *p0 = data + i * chunk, *p1 = p0 + chunk, *p2 = p1 + chunk, *p3 = p2 + chunk;              \
      uint32_t c0 = ~0u, c1 = ~0u, c2 = ~0u, c3 = ~0u;                                                         \
      size_t at = 0;                                                                                           \
      for (; at + 8 <= chunk; at += 8) {                                                                       \
        c0 = (uint32_t)STEP8(c0, load_u64_le(p0 + at));                                                        \
        c1 = (uint32_t)STEP8(c1, load_u64_le(p1 + at));                                                        \
        c2 = (uint32_t)STEP8(c2, load_u64_le(p2 + at));                                                        \
        c3 = (uint32_t)STEP8(c3, load_u64_le(p3 + at));                                                        \
      }                                                                                                        \
      for (; at < chunk; at++) {                                                                               \
        c0 = STEP1(c0, p0[at]);                                                                                \
        c1 = STEP1(c1, p1[at]);                                                                                \
        c2 = STEP1(c2, p2[at]);                                                                                \
        c3 = STEP1(c3, p3[at]);                                                                                \
      }                                                                                                        \
      sums[i] = ~c0;                                                                                           \
      sums[i + 1] = ~c1;                                                                                       \
      sums[i + 2] = ~c2;                                                                                       \
      sums[i + 3] = ~c3;                                                                                       \
    }                                                                                                          \
    for (; i < count; i++) sums[i] = NAME##_update(0, data + i * chunk, chunk);                                \
  }

#if defined(__x86_64__)

/* Clang counts the CRC instruction as a feature of its own, gcc as a part of SSE4.2. */
#define TARGET_SSE42 __attribute__((target("sse4.2,crc32")))
DEFINE_INSTRUCTION_CRC(sse42_crc32c, TARGET_SSE42, _mm_crc32_u64, _mm_crc32_u8)

/* ---- CRC32 by carry-less multiplication ----
 *
 * A message of 16 bytes followed by D more bits is congruent, modulo the polynomial, to
 *   low 64 bits * x^(D+32)  +  high 64 bits * x^(D-32)      (bit-reflected: the low half holds the higher powers)
 * so 128 bits fold onto the 128 bits that lie D later. Four accumulators fold by D = 512, then into one by D = 128.
 * The last 16 bytes are an ordinary message with the same remainder: the tables finish it, and the next chunk's folding
 * overlaps with that. */
#define TARGET_CLMUL __attribute__((target("sse4.2,pclmul")))

typedef struct {
  uint64_t low, high;
} fold_factors;
static fold_factors fold_by_512, fold_by_128;

/* x^power modulo CRC32's polynomial, reflected, in the 33-bit form that carry-less multiplication wants. */
static uint64_t power_of_x(unsigned power) {
  uint32_t value = 0x80000000u;
  for (; power > 0; power--) value = (value >> 1) ^ (POLYNOMIAL_CRC32 & (0u - (value & 1u)));
  return (uint64_t)value << 1;
}

TARGET_CLMUL static inline __m128i fold(__m128i state, __m128i factors, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(state, factors, 0x00);
  __m128i high = _mm_clmulepi64_si128(state, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

#define LOAD(AT) _mm_loadu_si128((const __m128i *)(AT))

TARGET_CLMUL static inline uint32_t clmul_update_inline(uint32_t crc, const uint8_t *data, size_t length) {
  if (length < 64) return table_update_crc32(crc, data, length);
  const __m128i by512 = _mm_set_epi64x((long long)fold_by_512.high, (long long)fold_by_512.low);
  const __m128i by128 = _mm_set_epi64x((long long)fold_by_128.high, (long long)fold_by_128.low);
  __m128i x0 = _mm_xor_si128(LOAD(data), _mm_cvtsi32_si128((int)~crc));
  __m128i x1 = LOAD(data + 16), x2 = LOAD(data + 32), x3 = LOAD(data + 48);
  data += 64;
  length -= 64;
  for (; length >= 64; length -= 64, data += 64) {
    x0 = fold(x0, by512, LOAD(data));
    x1 = fold(x1, by512, LOAD(data + 16));
    x2 = fold(x2, by512, LOAD(data + 32));
    x3 = fold(x3, by512, LOAD(data + 48));
  }
  x1 = fold(x0, by128, x1);
  x2 = fold(x1, by128, x2);
  x3 = fold(x2, by128, x3);
  for (; length >= 16; length -= 16, data += 16) x3 = fold(x3, by128, LOAD(data));
  uint8_t rest[16];
  _mm_storeu_si128((__m128i *)rest, x3);
  return ~table_register(CRC32, table_register(CRC32, 0, rest, sizeof rest), data, length);
}

TARGET_CLMUL static uint32_t clmul_crc32_update(uint32_t crc, const uint8_t *data, size_t length) {
  return clmul_update_inline(crc, data, length);
}

TARGET_CLMUL static void clmul_crc32_chunks(const uint8_t *data, size_t count, size_t chunk, uint32_t *sums) {
  for (size_t i = 0; i < count; i++) sums[i] = clmul_update_inline(0, data + i * chunk, chunk);
}

static void choose_fastest(void) {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return;
  if (ecx & bit_SSE4_2) fastest[CRC32C] = (implementation){sse42_crc32c_update, sse42_crc32c_chunks};
  if ((ecx & bit_PCLMUL) && (ecx & bit_SSE4_2)) {
    fold_by_512 = (fold_factors){power_of_x(512 + 32), power_of_x(512 - 32)};
    fold_by_128 = (fold_factors){power_of_x(128 + 32), power_of_x(128 - 32)};
    fastest[CRC32] = (implementation){clmul_crc32_update, clmul_crc32_chunks};
  }
}

#elif defined(__aarch64__)

#if defined(__clang__)
#define TARGET_ARM_CRC __attribute__((target("crc")))
#else
#define TARGET_ARM_CRC __attribute__((target("+crc")))
#endif
DEFINE_INSTRUCTION_CRC(arm_crc32, TARGET_ARM_CRC, __crc32d, __crc32b)
DEFINE_INSTRUCTION_CRC(arm_crc32c, TARGET_ARM_CRC, __crc32cd, __crc32cb)

static int has_arm_crc(void) {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & (1ul << 7)) != 0; /* HWCAP_CRC32 */
#elif defined(__APPLE__)
  return 1; /* every arm64 Mac has it */
#else
  return 0;
#endif
}

static void choose_fastest(void) {
  if (!has_arm_crc()) return;
  fastest[CRC32] = (implementation){arm_crc32_update, arm_crc32_chunks};
  fastest[CRC32C] = (implementation){arm_crc32c_update, arm_crc32c_chunks};
}

#else
static void choose_fastest(void) {}
#endif

/* Once per process, before any thread can call in. */
__attribute__((constructor)) static void prepare(void) {
  fill_tables(CRC32, POLYNOMIAL_CRC32);
  fill_tables(CRC32C, POLYNOMIAL_CRC32C);
  software[CRC32] = fastest[CRC32] = (implementation){table_update_crc32, table_chunks_crc32};
  software[CRC32C] = fastest[CRC32C] = (implementation){table_update_crc32c, table_chunks_crc32c};
  choose_fastest();
}

/* ---- Node-API ---- */

typedef struct {
  uint8_t *data;
  size_t length;
} span;

static napi_value fail(napi_env env, const char *message) {
  napi_throw_range_error(env, "ERR_CHECKSUM_ARGUMENT", message);
  return NULL;
}

static int take_span(napi_env env, napi_value value, span *out) {
  napi_typedarray_type type;
  void *data = NULL;
  if (napi_get_typedarray_info(env, value, &type, &out->length, &data, NULL, NULL) != napi_ok) return 0;
  out->data = data;
  return type == napi_uint8_array;
}

/* Algorithm codes of the JavaScript side: 1 CRC32, 2 CRC32C; +16 asks for the table code, which tests compare. */
static int take_algorithm(napi_env env, napi_value value, const implementation **out) {
  uint32_t code;
  if (napi_get_value_uint32(env, value, &code) != napi_ok) return 0;
  uint32_t kind = (code & 15u) - 1u;
  if (kind >= KINDS || (code & ~31u) != 0) return 0;
  *out = code & 16u ? &software[kind] : &fastest[kind];
  return 1;
}

static size_t chunk_count(size_t length, size_t chunk) { return length / chunk + (length % chunk != 0); }

/* CRCs of up to BATCH chunks from `data`; the last one of the buffer may be short. Returns how many. */
static size_t batch(const implementation *algorithm, span data, size_t chunk, size_t at, uint32_t *sums) {
  size_t left = data.length - at;
  size_t full = left / chunk;
  if (full >= BATCH) full = BATCH;
  algorithm->chunks(data.data + at, full, chunk, sums);
  size_t done = full * chunk;
  if (full < BATCH && done < left) {
    sums[full] = algorithm->update(0, data.data + at + done, left - done);
    return full + 1;
  }
  return full;
}

/* compute(algorithm, data, bytesPerChecksum, out, outOffset): bytes written */
static napi_value compute(napi_env env, napi_callback_info info) {
  size_t argc = 5;
  napi_value argv[5];
  const implementation *algorithm;
  span data, out;
  uint32_t chunk, offset;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || argc < 5 ||
      !take_algorithm(env, argv[0], &algorithm) || !take_span(env, argv[1], &data) ||
      napi_get_value_uint32(env, argv[2], &chunk) != napi_ok || !take_span(env, argv[3], &out) ||
      napi_get_value_uint32(env, argv[4], &offset) != napi_ok)
    return fail(env, "compute checksums: found arguments of other types");
  if (chunk == 0) return fail(env, "compute checksums: found 0 bytes per checksum");
  size_t count = chunk_count(data.length, chunk);
  if (offset > out.length || (out.length - offset) / 4 < count)
    return fail(env, "compute checksums: found an output that is too short");
  uint8_t *to = out.data + offset;
  uint32_t sums[BATCH];
  for (size_t index = 0; index < count;) {
    size_t made = batch(algorithm, data, chunk, index * chunk, sums);
    for (size_t i = 0; i < made; i++, to += 4) store_u32_be(to, sums[i]);
    index += made;
  }
  napi_value written;
  if (napi_create_double(env, (double)count * 4, &written) != napi_ok) return NULL;
  return written;
}

/* verify(algorithm, data, bytesPerChecksum, sums): index of the first chunk that differs, or -1 */
static napi_value verify(napi_env env, napi_callback_info info) {
  size_t argc = 4;
  napi_value argv[4];
  const implementation *algorithm;
  span data, expected;
  uint32_t chunk;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || argc < 4 ||
      !take_algorithm(env, argv[0], &algorithm) || !take_span(env, argv[1], &data) ||
      napi_get_value_uint32(env, argv[2], &chunk) != napi_ok || !take_span(env, argv[3], &expected))
    return fail(env, "verify checksums: found arguments of other types");
  if (chunk == 0) return fail(env, "verify checksums: found 0 bytes per checksum");
  size_t count = chunk_count(data.length, chunk);
  if (expected.length / 4 < count) return fail(env, "verify checksums: found fewer checksums than chunks");
  double differs = -1;
  uint32_t sums[BATCH];
  for (size_t index = 0; index < count && differs < 0;) {
    size_t made = batch(algorithm, data, chunk, index * chunk, sums);
    for (size_t i = 0; i < made; i++) {
      if (sums[i] != load_u32_be(expected.data + (index + i) * 4)) {
        differs = (double)(index + i);
        break;
      }
    }
    index += made;
  }
  napi_value result;
  if (napi_create_double(env, differs, &result) != napi_ok) return NULL;
  return result;
}

/* crc(algorithm, data, previous): CRC of the bytes before, whose CRC is `previous`, and `data` together */
static napi_value crc(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value argv[3];
  const implementation *algorithm;
  span data;
  uint32_t previous;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || argc < 3 ||
      !take_algorithm(env, argv[0], &algorithm) || !take_span(env, argv[1], &data) ||
      napi_get_value_uint32(env, argv[2], &previous) != napi_ok)
    return fail(env, "compute a checksum: found arguments of other types");
  napi_value result;
  if (napi_create_uint32(env, algorithm->update(previous, data.data, data.length), &result) != napi_ok) return NULL;
  return result;
}

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback call;
  } functions[] = {{"compute", compute}, {"verify", verify}, {"crc", crc}};
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value value;
    if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].call, NULL, &value) != napi_ok ||
        napi_set_named_property(env, exports, functions[i].name, value) != napi_ok)
      return NULL;
  }
  return exports;
}
