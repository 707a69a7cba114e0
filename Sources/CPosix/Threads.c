#define _GNU_SOURCE
#include "CPosix.h"

#include <pthread.h>
#include <string.h>

void posetop_name_thread(const char *name) {
  char text[16];
  strncpy(text, name, 15);
  text[15] = 0;
  pthread_setname_np(pthread_self(), text);
}
