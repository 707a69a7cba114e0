// What Swift cannot import from libc and the processor: small functions with fixed signatures.
#ifndef POSETOP_CPOSIX_H
#define POSETOP_CPOSIX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "PosixTerminal.h"

/// The x86-64 level that processor and operating system support: 2, 3 or 4; 0 elsewhere.
int posetop_cpu_level(void);

/// open(2) and openat-style flags are variadic in C, so Swift gets these.
int posetop_open(const char *path, int flags, unsigned mode);

/// Names the calling thread as `top` shows it (15 bytes at most).
void posetop_name_thread(const char *name);

#endif
