#ifndef POSETOP_ALLOCATIONS_H
#define POSETOP_ALLOCATIONS_H

/// Calls of malloc and its kin so far; -1 where a sanitizer has taken their place.
long posetop_allocations(void);

/// Of these the calls that came from OpenBLAS.
long posetop_blas_allocations(void);

#endif
