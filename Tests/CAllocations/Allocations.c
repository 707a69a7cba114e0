// Counts allocations: linked into a program of the tests, these come before the C library's.

#define _GNU_SOURCE
#include "CAllocations.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif

#ifdef HAS_SANITIZER

void posetop_count_allocations(void) {}
long posetop_allocations(void) { return -1; }
long posetop_blas_allocations(void) { return 0; }

#else

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_bool counts;
static atomic_long total;
static atomic_long by_blas;
static const char *blas_base;

void posetop_count_allocations(void) { counts = true; }
long posetop_allocations(void) { return total; }
long posetop_blas_allocations(void) { return by_blas; }

__attribute__((constructor)) static void find_blas(void) {
  Dl_info info;
  void *product = dlsym(RTLD_DEFAULT, "cblas_sgemm");
  if (product && dladdr(product, &info)) blas_base = info.dli_fbase;
}

// Whose call it was takes a search through all symbols: nobody pays for it who does not ask.
static void note(void *caller) {
  if (!counts) return;
  total++;
  if (!blas_base) return;
  Dl_info info;
  if (dladdr(caller, &info) && info.dli_fbase == (void *)blas_base) by_blas++;
}

void *malloc(size_t size) {
  note(__builtin_return_address(0));
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  note(__builtin_return_address(0));
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  note(__builtin_return_address(0));
  return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  note(__builtin_return_address(0));
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : 12;
}

#endif
