// What the kernels need of CUDA C++, for the host's compiler.
#ifndef POSETOP_FAKE_CUDA_SHIM_H
#define POSETOP_FAKE_CUDA_SHIM_H

#include <cstddef>
#include <cstdint>
#include <math.h>
#include <utility>
#include <vector>

namespace fakecuda {

struct Extent {
  unsigned x = 1, y = 1, z = 1;
};

// Where the running thread stands; launches run one after the other.
extern Extent threadIdx, blockIdx, blockDim, gridDim;

/// Waits until all threads of the block are here.
void synchronize();

/// A kernel as it is launched by name.
struct Kernel {
  const char *name;
  unsigned mostThreads;
  void (*call)(void *const *arguments);
  std::vector<size_t> sizes;
};

template <class... A, size_t... I>
void callWith(void (*kernel)(A...), void *const *arguments, std::index_sequence<I...>) {
  kernel(*static_cast<A *>(arguments[I])...);
}

template <class... A> std::vector<size_t> sizesOf(void (*)(A...)) { return {sizeof(A)...}; }

template <class... A> std::index_sequence_for<A...> indicesOf(void (*)(A...)) { return {}; }

template <auto kernel> void call(void *const *arguments) {
  callWith(kernel, arguments, decltype(indicesOf(kernel))());
}

extern const std::vector<Kernel> floatKernels, bfloat16Kernels, halfKernels;

/// Runs all blocks of a launch; false when a part of a block's threads waits for others that have ended.
bool launch(const Kernel &kernel, Extent grid, Extent block, void *const *arguments);

}  // namespace fakecuda

#define KERNEL(threads) void
#define CROWDED_KERNEL(threads, blocks) void
#define DEVICE inline
#define MAY_ALIAS __attribute__((may_alias))
#define __shared__ static
#define __syncthreads fakecuda::synchronize
// A library call otherwise, where the processor may lack the instruction.
#define fmaf(a, b, c) ((a) * (b) + (c))

#endif
