#include "CPosix.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Folding by carry-less products: V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction", Intel 2009. The constants are powers of x modulo CRC-32's polynomial with its
// bits reversed, as the paper lists them.

#define FOLDS __attribute__((target("pclmul,sse4.1")))

int posetop_folds_checksums(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

FOLDS static inline __m128i load(const uint8_t *bytes) {
  return _mm_loadu_si128((const __m128i *)bytes);
}

// Moves 128 bits of the remainder over as many bytes as the two powers stand for.
FOLDS static inline __m128i fold(__m128i rest, __m128i powers, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(rest, powers, 0x00);
  __m128i high = _mm_clmulepi64_si128(rest, powers, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

FOLDS uint32_t posetop_fold_checksum(uint32_t checksum, const uint8_t *bytes, size_t count) {
  const __m128i over64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i over16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i over8 = _mm_set_epi64x(0, 0x0163cd6124);
  const __m128i polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  const __m128i halves = _mm_setr_epi32(~0, 0, ~0, 0);

  __m128i a = _mm_xor_si128(load(bytes), _mm_cvtsi32_si128((int)~checksum));
  __m128i b = load(bytes + 16), c = load(bytes + 32), d = load(bytes + 48);
  for (bytes += 64, count -= 64; count >= 64; bytes += 64, count -= 64) {
    a = fold(a, over64, load(bytes));
    b = fold(b, over64, load(bytes + 16));
    c = fold(c, over64, load(bytes + 32));
    d = fold(d, over64, load(bytes + 48));
  }
  a = fold(fold(fold(a, over16, b), over16, c), over16, d);
  for (; count >= 16; bytes += 16, count -= 16) a = fold(a, over16, load(bytes));

  // 128 bits to 64, 64 to 32 with 32 zeros behind them, then Barrett's division.
  a = _mm_xor_si128(_mm_srli_si128(a, 8), _mm_clmulepi64_si128(a, over16, 0x10));
  a = _mm_xor_si128(
      _mm_srli_si128(a, 4), _mm_clmulepi64_si128(_mm_and_si128(a, halves), over8, 0x00));
  b = _mm_clmulepi64_si128(_mm_and_si128(a, halves), polynomial, 0x10);
  b = _mm_clmulepi64_si128(_mm_and_si128(b, halves), polynomial, 0x00);
  return ~(uint32_t)_mm_extract_epi32(_mm_xor_si128(a, b), 1);
}

#else

int posetop_folds_checksums(void) { return 0; }

uint32_t posetop_fold_checksum(uint32_t checksum, const uint8_t *bytes, size_t count) {
  (void)bytes;
  (void)count;
  return checksum;
}

#endif
