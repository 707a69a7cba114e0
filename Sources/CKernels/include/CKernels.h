// Kernels that need instructions which Swift cannot name.
#ifndef POSETOP_CKERNELS_H
#define POSETOP_CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

/// The left operand of a product of bfloat16 pairs: windows of a picture, read where they lie.
///
/// Row r of the operand begins at `values + r / line * line_step + r % line * row_step` and consists of
/// `segments` runs, `segment_step` apart, of `pairs` pairs, `pair_step` apart. All steps count pairs.
struct posetop_pair_operand {
  const uint32_t *values;
  intptr_t rows;
  intptr_t line;
  intptr_t row_step;
  intptr_t line_step;
  intptr_t segments;
  intptr_t segment_step;
  intptr_t pairs;
  intptr_t pair_step;
};

/// Whether this processor multiplies pairs of bfloat16 values (AVX512_BF16).
bool posetop_has_pair_products(void);

/// `multiplyPairs` of the kernel modules by the dot-product instruction; only where
/// `posetop_has_pair_products` says so.
void posetop_multiply_pairs(
  const struct posetop_pair_operand *a, intptr_t panels, const uint32_t *b, float *c,
  intptr_t distance, bool accumulate);

#endif
