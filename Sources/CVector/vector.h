#pragma once

// Operations on sixteen floats for which Swift's SIMD types have no instruction.

typedef float posetop_lanes __attribute__((ext_vector_type(16)));

/// The square roots; `squareRoot()` of Swift's vectors calls the C library for each lane.
static inline __attribute__((always_inline)) posetop_lanes posetop_square_root(posetop_lanes x) {
  return __builtin_elementwise_sqrt(x);
}
