/*
 * Products of a matrix over GF(2^8) with blocks of bytes, from JavaScript (Node-API): output[r] is the sum over j of
 * matrix[r][j] * input[j], byte by byte. Encoding and decoding of every linear code are this one product.
 *
 * The field is GF(2)[x] / (x^8 + x^4 + x^3 + x^2 + 1), 0x11D, as in Hadoop's coders.
 *
 *   x86-64  AVX-512 with GFNI: a multiplication by a constant is an 8 x 8 bit matrix, one instruction for 64 bytes
 *           AVX2 and SSSE3: a byte is two nibbles, each looked up in a table of sixteen products
 *   other   vectors of the compiler: the input is doubled seven times, outputs add up the doublings they need
 *
 * Invariant: no byte outside the typed arrays handed in is read or written. Every length is compared here, not only in
 * the caller.
 */
#include <node_api.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Units of one code word; GF(2^8) has no more. */
enum { UNITS_MAX = 255 };
/* Outputs that one pass over the inputs makes: their sums stay in registers. */
enum { GROUP = 4 };

/* One pass: `outputs` (1 to GROUP) rows of the matrix, `inputs` columns, bytes [from, to). */
typedef struct {
  const uint8_t *matrix; /* row r, column j at r * inputs + j */
  size_t inputs, outputs;
  const uint8_t *const *in;
  uint8_t *const *out;
  size_t length;
} product;

typedef void (*multiply_fn)(const product *work);

static uint8_t times_two(uint8_t a) { return (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1D : 0)); }

static uint8_t times(uint8_t a, uint8_t b) {
  uint8_t result = 0;
  for (; b != 0; b >>= 1, a = times_two(a)) result ^= b & 1 ? a : 0;
  return result;
}

/* nibbles[c][n] = c * n, nibbles[c][16 + n] = c * 16n */
static uint8_t nibbles[256][32] __attribute__((aligned(32)));

static void fill_nibbles(void) {
  for (int c = 0; c < 256; c++) {
    for (int n = 0; n < 16; n++) {
      nibbles[c][n] = times((uint8_t)c, (uint8_t)n);
      nibbles[c][16 + n] = times((uint8_t)c, (uint8_t)(n << 4));
    }
  }
}

static void bytes_from(const product *work, size_t from) {
  for (size_t r = 0; r < work->outputs; r++) {
    for (size_t at = from; at < work->length; at++) {
      uint8_t sum = 0;
      for (size_t j = 0; j < work->inputs; j++) {
        const uint8_t *table = nibbles[work->matrix[r * work->inputs + j]];
        uint8_t byte = work->in[j][at];
        sum ^= (uint8_t)(table[byte & 15] ^ table[16 + (byte >> 4)]);
      }
      work->out[r][at] = sum;
    }
  }
}

/* ---- any processor ---- */

typedef uint8_t vector __attribute__((vector_size(16)));
typedef int8_t signed_vector __attribute__((vector_size(16)));

static void portable_multiply(const product *work) {
  size_t at = 0;
  for (; at + 32 <= work->length; at += 32) {
    vector sums[GROUP][2];
    memset(sums, 0, sizeof sums);
    for (size_t j = 0; j < work->inputs; j++) {
      vector low, high;
      memcpy(&low, work->in[j] + at, 16);
      memcpy(&high, work->in[j] + at + 16, 16);
      uint8_t all = 0;
      for (size_t r = 0; r < work->outputs; r++) all |= work->matrix[r * work->inputs + j];
      for (int bit = 0; all >> bit != 0; bit++) {
        for (size_t r = 0; r < work->outputs; r++) {
          if (work->matrix[r * work->inputs + j] >> bit & 1) {
            sums[r][0] ^= low;
            sums[r][1] ^= high;
          }
        }
        /* A comparison makes all ones of a byte whose highest bit is set: it chooses who is reduced. */
        low = (low + low) ^ ((vector)((signed_vector)low < 0) & 0x1D);
        high = (high + high) ^ ((vector)((signed_vector)high < 0) & 0x1D);
      }
    }
    for (size_t r = 0; r < work->outputs; r++) {
      memcpy(work->out[r] + at, &sums[r][0], 16);
      memcpy(work->out[r] + at + 16, &sums[r][1], 16);
    }
  }
  bytes_from(work, at);
}

#if defined(__x86_64__)

/* ---- SSSE3, AVX2: sixteen products of each nibble ---- */

__attribute__((target("ssse3"))) static void ssse3_multiply(const product *work) {
  const __m128i mask = _mm_set1_epi8(15);
  size_t at = 0;
  for (; at + 16 <= work->length; at += 16) {
    __m128i sums[GROUP];
    for (size_t r = 0; r < GROUP; r++) sums[r] = _mm_setzero_si128();
    for (size_t j = 0; j < work->inputs; j++) {
      const __m128i data = _mm_loadu_si128((const __m128i *)(work->in[j] + at));
      const __m128i low = _mm_and_si128(data, mask), high = _mm_and_si128(_mm_srli_epi64(data, 4), mask);
      for (size_t r = 0; r < work->outputs; r++) {
        const __m128i *table = (const __m128i *)nibbles[work->matrix[r * work->inputs + j]];
        sums[r] = _mm_xor_si128(sums[r], _mm_shuffle_epi8(_mm_load_si128(table), low));
        sums[r] = _mm_xor_si128(sums[r], _mm_shuffle_epi8(_mm_load_si128(table + 1), high));
      }
    }
    for (size_t r = 0; r < work->outputs; r++) _mm_storeu_si128((__m128i *)(work->out[r] + at), sums[r]);
  }
  bytes_from(work, at);
}

#define TARGET_AVX2 __attribute__((target("avx2")))

/* `outputs` is a constant where this is expanded, so that the sums are registers. */
TARGET_AVX2 static inline __attribute__((always_inline)) size_t avx2_group(const product *work, size_t outputs) {
  const __m256i mask = _mm256_set1_epi8(15);
  size_t at = 0;
  for (; at + 64 <= work->length; at += 64) {
    __m256i a[GROUP], b[GROUP];
    for (size_t r = 0; r < outputs; r++) a[r] = b[r] = _mm256_setzero_si256();
    for (size_t j = 0; j < work->inputs; j++) {
      const __m256i x = _mm256_loadu_si256((const __m256i *)(work->in[j] + at));
      const __m256i y = _mm256_loadu_si256((const __m256i *)(work->in[j] + at + 32));
      const __m256i x0 = _mm256_and_si256(x, mask), x1 = _mm256_and_si256(_mm256_srli_epi64(x, 4), mask);
      const __m256i y0 = _mm256_and_si256(y, mask), y1 = _mm256_and_si256(_mm256_srli_epi64(y, 4), mask);
      for (size_t r = 0; r < outputs; r++) {
        const __m128i *table = (const __m128i *)nibbles[work->matrix[r * work->inputs + j]];
        const __m256i low = _mm256_broadcastsi128_si256(_mm_load_si128(table));
        const __m256i high = _mm256_broadcastsi128_si256(_mm_load_si128(table + 1));
        a[r] = _mm256_xor_si256(a[r], _mm256_xor_si256(_mm256_shuffle_epi8(low, x0), _mm256_shuffle_epi8(high, x1)));
        b[r] = _mm256_xor_si256(b[r], _mm256_xor_si256(_mm256_shuffle_epi8(low, y0), _mm256_shuffle_epi8(high, y1)));
      }
    }
    for (size_t r = 0; r < outputs; r++) {
      _mm256_storeu_si256((__m256i *)(work->out[r] + at), a[r]);
      _mm256_storeu_si256((__m256i *)(work->out[r] + at + 32), b[r]);
    }
  }
  return at;
}

TARGET_AVX2 static void avx2_multiply(const product *work) {
  size_t at = work->outputs == 1   ? avx2_group(work, 1)
              : work->outputs == 2 ? avx2_group(work, 2)
              : work->outputs == 3 ? avx2_group(work, 3)
                                   : avx2_group(work, 4);
  bytes_from(work, at);
}

/* ---- AVX-512 with GFNI: any linear map of bytes in one instruction ---- */

#define TARGET_GFNI __attribute__((target("avx512f,avx512bw,gfni")))

/* affine[c]: the bit matrix of x -> c * x, row of result bit 7 in the lowest byte as the instruction wants it. */
static uint64_t affine[256];

static void fill_affine(void) {
  for (int c = 0; c < 256; c++) {
    uint64_t rows = 0;
    for (int column = 0; column < 8; column++) {
      uint8_t image = times((uint8_t)c, (uint8_t)(1 << column));
      for (int bit = 0; bit < 8; bit++) {
        if (image >> bit & 1) rows |= 1ull << ((7 - bit) * 8 + column);
      }
    }
    affine[c] = rows;
  }
}

TARGET_GFNI static inline __attribute__((always_inline)) void gfni_group(const product *work, size_t outputs) {
  for (size_t at = 0; at < work->length; at += 128) {
    const size_t left = work->length - at;
    /* The last bytes are masked in and out: no byte beyond the end is touched. */
    const __mmask64 first = left >= 64 ? ~0ull : (1ull << left) - 1;
    const __mmask64 second = left >= 128 ? ~0ull : left <= 64 ? 0 : (1ull << (left - 64)) - 1;
    __m512i a[GROUP], b[GROUP];
    for (size_t r = 0; r < outputs; r++) a[r] = b[r] = _mm512_setzero_si512();
    for (size_t j = 0; j < work->inputs; j++) {
      const __m512i x = _mm512_maskz_loadu_epi8(first, work->in[j] + at);
      const __m512i y = _mm512_maskz_loadu_epi8(second, work->in[j] + at + 64);
      for (size_t r = 0; r < outputs; r++) {
        const __m512i map = _mm512_set1_epi64((long long)affine[work->matrix[r * work->inputs + j]]);
        a[r] = _mm512_xor_si512(a[r], _mm512_gf2p8affine_epi64_epi8(x, map, 0));
        b[r] = _mm512_xor_si512(b[r], _mm512_gf2p8affine_epi64_epi8(y, map, 0));
      }
    }
    for (size_t r = 0; r < outputs; r++) {
      _mm512_mask_storeu_epi8(work->out[r] + at, first, a[r]);
      _mm512_mask_storeu_epi8(work->out[r] + at + 64, second, b[r]);
    }
  }
}

TARGET_GFNI static void gfni_multiply(const product *work) {
  if (work->outputs == 1) gfni_group(work, 1);
  else if (work->outputs == 2) gfni_group(work, 2);
  else if (work->outputs == 3) gfni_group(work, 3);
  else gfni_group(work, 4);
}

#endif

/* Slowest first; absent ones are NULL. Tests run each that this processor has. */
enum { PORTABLE, SSSE3, AVX2, GFNI, WAYS };
static multiply_fn ways[WAYS];
static int fastest;

/* Once per process, before any thread can call in. */
__attribute__((constructor)) static void prepare(void) {
  fill_nibbles();
  ways[PORTABLE] = portable_multiply;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("ssse3")) ways[SSSE3] = ssse3_multiply;
  if (__builtin_cpu_supports("avx2")) ways[AVX2] = avx2_multiply;
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("gfni")) {
    fill_affine();
    ways[GFNI] = gfni_multiply;
  }
#endif
  for (int way = 0; way < WAYS; way++) {
    if (ways[way] != NULL) fastest = way;
  }
}

/* ---- Node-API ---- */

static napi_value fail(napi_env env, const char *message) {
  napi_throw_range_error(env, "ERR_ERASURE_CODING_ARGUMENT", message);
  return NULL;
}

/* Addresses of the typed arrays in a JavaScript array; each must hold `length` bytes, or the first one says how many. */
static int take_units(napi_env env, napi_value array, uint8_t **units, uint32_t *count, size_t *length) {
  if (napi_get_array_length(env, array, count) != napi_ok || *count > UNITS_MAX) return 0;
  for (uint32_t i = 0; i < *count; i++) {
    napi_value unit;
    napi_typedarray_type type;
    size_t bytes;
    void *data = NULL;
    if (napi_get_element(env, array, i, &unit) != napi_ok ||
        napi_get_typedarray_info(env, unit, &type, &bytes, &data, NULL, NULL) != napi_ok || type != napi_uint8_array)
      return 0;
    if (*length == SIZE_MAX) *length = bytes;
    if (bytes != *length) return 0;
    units[i] = data;
  }
  return 1;
}

/* multiply(matrix, inputs, outputs, way): way -1 is the fastest */
static napi_value multiply(napi_env env, napi_callback_info info) {
  size_t argc = 4, matrix_bytes, length = SIZE_MAX;
  napi_value argv[4];
  napi_typedarray_type type;
  void *matrix = NULL;
  uint8_t *in[UNITS_MAX], *out[UNITS_MAX];
  uint32_t inputs, outputs;
  int32_t way;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || argc < 4 ||
      napi_get_typedarray_info(env, argv[0], &type, &matrix_bytes, &matrix, NULL, NULL) != napi_ok ||
      type != napi_uint8_array || !take_units(env, argv[1], in, &inputs, &length) ||
      !take_units(env, argv[2], out, &outputs, &length) || napi_get_value_int32(env, argv[3], &way) != napi_ok)
    return fail(env, "multiply by a matrix: found units of other types or lengths");
  if (way == -1) way = fastest;
  if (way < 0 || way >= WAYS || ways[way] == NULL) return fail(env, "multiply by a matrix: found no such way");
  if (matrix_bytes != (size_t)inputs * outputs) return fail(env, "multiply by a matrix: found one of another size");
  for (uint32_t r = 0; r < outputs; r += GROUP) {
    const product work = {
        .matrix = (const uint8_t *)matrix + (size_t)r * inputs,
        .inputs = inputs,
        .outputs = outputs - r < GROUP ? outputs - r : GROUP,
        .in = (const uint8_t *const *)in,
        .out = out + r,
        .length = length,
    };
    ways[way](&work);
  }
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_value function, names;
  if (napi_create_function(env, "multiply", NAPI_AUTO_LENGTH, multiply, NULL, &function) != napi_ok ||
      napi_set_named_property(env, exports, "multiply", function) != napi_ok ||
      napi_create_array(env, &names) != napi_ok)
    return NULL;
  const char *const all[WAYS] = {"portable C", "SSSE3", "AVX2", "GFNI"};
  for (uint32_t way = 0; way < WAYS; way++) {
    napi_value name;
    if (ways[way] == NULL) continue;
    if (napi_create_string_utf8(env, all[way], NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_set_element(env, names, way, name) != napi_ok)
      return NULL;
  }
  if (napi_set_named_property(env, exports, "ways", names) != napi_ok) return NULL;
  return exports;
}
