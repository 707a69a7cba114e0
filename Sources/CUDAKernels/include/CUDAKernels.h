// The GPU's kernels as text: one file a family, `Common` first, to be put together in this order.
#ifndef POSETOP_CUDA_KERNELS_H
#define POSETOP_CUDA_KERNELS_H

typedef struct {
  const char *name;
  const char *text;
} posetop_kernel_family;

/// How many families there are.
int posetop_kernel_family_count(void);

/// A family, from 0.
posetop_kernel_family posetop_kernel_family_at(int index);

#endif
