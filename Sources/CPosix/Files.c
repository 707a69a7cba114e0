#include "CPosix.h"

#include <fcntl.h>

int posetop_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }
