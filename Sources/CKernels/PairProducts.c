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
  int count, const uint32_t *const *rows, const struct posetop_pair_operand *a, const uint32_t *b,
  float *c, intptr_t distance, bool accumulate) {
  __m512 sums[8][2];
  const uint32_t *left[8];
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++) {
    sums[i][0] = sums[i][1] = _mm512_setzero_ps();
    left[i] = rows[i];
  }
  const intptr_t step = a->pair_step;
  for (intptr_t s = 0; s < a->segments; s++) {
    const intptr_t end = a->pairs * step;
    for (intptr_t at = 0; at < end; at += step) {
      const __m512bh first = (__m512bh)_mm512_loadu_si512(b);
      const __m512bh second = (__m512bh)_mm512_loadu_si512(b + 16);
      b += 32;
#pragma clang loop unroll(full)
      for (int i = 0; i < count; i++) {
        const __m512bh value = (__m512bh)_mm512_set1_epi32((int)left[i][at]);
        sums[i][0] = _mm512_dpbf16_ps(sums[i][0], value, first);
        sums[i][1] = _mm512_dpbf16_ps(sums[i][1], value, second);
      }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) left[i] += a->segment_step;
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
  const struct posetop_pair_operand *a, intptr_t panels, const uint32_t *b, float *c,
  intptr_t distance, bool accumulate) {
  for (intptr_t panel = 0; panel < panels; panel++) {
    const uint32_t *right = b + 32 * a->segments * a->pairs * panel;
    float *out = c + 32 * panel;
    const uint32_t *line = a->values;
    intptr_t column = 0;
    for (intptr_t row = 0; row < a->rows;) {
      const uint32_t *rows[8];
      const intptr_t count = a->rows - row < 8 ? a->rows - row : 8;
      for (intptr_t i = 0; i < count; i++) {
        rows[i] = line + column * a->row_step;
        if (++column == a->line) column = 0, line += a->line_step;
      }
      float *target = out + row * distance;
      row += count;
      if (count == 8) {
        block(8, rows, a, right, target, distance, accumulate);
        continue;
      }
      intptr_t i = 0;
      for (; i + 2 <= count; i += 2)
        block(2, rows + i, a, right, target + i * distance, distance, accumulate);
      if (i < count)
        block(1, rows + i, a, right, target + i * distance, distance, accumulate);
    }
  }
}

#else

bool posetop_has_pair_products(void) { return false; }

void posetop_multiply_pairs(
  const struct posetop_pair_operand *a, intptr_t panels, const uint32_t *b, float *c,
  intptr_t distance, bool accumulate) {
  (void)a, (void)panels, (void)b, (void)c, (void)distance, (void)accumulate;
}

#endif
