// dladdr(3), which glibc declares for _GNU_SOURCE only: Swift does not see it.
#define _GNU_SOURCE
#include "CPosix.h"

#include <dlfcn.h>
#include <string.h>

int posetop_file_of_symbol(const void *address, char *file, size_t size) {
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == NULL) return -1;
  size_t length = strlen(info.dli_fname);
  if (length >= size) return -1;
  memcpy(file, info.dli_fname, length + 1);
  return 0;
}
