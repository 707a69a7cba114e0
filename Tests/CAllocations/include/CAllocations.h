#ifndef POSETOP_ALLOCATIONS_H
#define POSETOP_ALLOCATIONS_H

/// Counts from now on; each call takes long then.
void posetop_count_allocations(void);

/// Counted calls of malloc and its kin; -1 where a sanitizer has taken their place.
long posetop_allocations(void);

/// Of these the calls that came from OpenBLAS.
long posetop_blas_allocations(void);

#endif
