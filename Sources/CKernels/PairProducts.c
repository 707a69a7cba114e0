#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

bool posetop_has_pair_products(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
}

// One block of `count` rows and 32 columns; `count` is a constant where this is inlined, so the sums
// stay in registers.
BFLOAT16 static inline __attribute__((always_inline)) void block(
  int count, intptr_t pairs, const uint32_t *a, intptr_t row_step, intptr_t pair_step,
  const uint32_t *b, float *c, intptr_t distance, bool accumulate) {
  __m512 sums[8][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++) sums[i][0] = sums[i][1] = _mm512_setzero_ps();
  for (intptr_t p = 0; p < pairs; p++) {
    const __m512bh first = (__m512bh)_mm512_loadu_si512(b + 32 * p);
    const __m512bh second = (__m512bh)_mm512_loadu_si512(b + 32 * p + 16);
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
      const __m512bh left = (__m512bh)_mm512_set1_epi32((int)a[i * row_step + p * pair_step]);
      sums[i][0] = _mm512_dpbf16_ps(sums[i][0], left, first);
      sums[i][1] = _mm512_dpbf16_ps(sums[i][1], left, second);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++) {
    float *out = c + i * distance;
    if (accumulate) {
      sums[i][0] = _mm512_add_ps(sums[i][0], _mm512_loadu_ps(out));
      sums[i][1] = _mm512_add_ps(sums[i][1], _mm512_loadu_ps(out + 16));
    }
    _mm512_storeu_ps(out, sums[i][0]);
    _mm512_storeu_ps(out + 16, sums[i][1]);
  }
}

BFLOAT16 void posetop_multiply_pairs(
  intptr_t rows, intptr_t panels, intptr_t pairs, const uint32_t *a, intptr_t row_step,
  intptr_t pair_step, const uint32_t *b, float *c, intptr_t distance, bool accumulate) {
  for (intptr_t panel = 0; panel < panels; panel++) {
    const uint32_t *right = b + 32 * pairs * panel;
    float *out = c + 32 * panel;
    intptr_t row = 0;
    for (; row + 8 <= rows; row += 8)
      block(8, pairs, a + row * row_step, row_step, pair_step, right, out + row * distance,
            distance, accumulate);
    for (; row + 2 <= rows; row += 2)
      block(2, pairs, a + row * row_step, row_step, pair_step, right, out + row * distance,
            distance, accumulate);
    if (row < rows)
      block(1, pairs, a + row * row_step, row_step, pair_step, right, out + row * distance,
            distance, accumulate);
  }
}

#else

bool posetop_has_pair_products(void) { return false; }

void posetop_multiply_pairs(
  intptr_t rows, intptr_t panels, intptr_t pairs, const uint32_t *a, intptr_t row_step,
  intptr_t pair_step, const uint32_t *b, float *c, intptr_t distance, bool accumulate) {
  (void)rows, (void)panels, (void)pairs, (void)a, (void)row_step, (void)pair_step, (void)b, (void)c;
  (void)distance, (void)accumulate;
}

#endif
