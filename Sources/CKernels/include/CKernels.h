// Kernels that need instructions which Swift cannot name.
#ifndef POSETOP_CKERNELS_H
#define POSETOP_CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

/// Whether this processor multiplies pairs of bfloat16 values (AVX512_BF16).
bool posetop_has_pair_products(void);

/// `multiplyPairs` of the kernel modules by the dot-product instruction; only where
/// `posetop_has_pair_products` says so.
void posetop_multiply_pairs(
  intptr_t rows, intptr_t panels, intptr_t pairs, const uint32_t *a, intptr_t row_step,
  intptr_t pair_step, const uint32_t *b, float *c, intptr_t distance, bool accumulate);

#endif
