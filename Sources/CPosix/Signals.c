#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

// Written before any handler is installed, only read by handlers.
static volatile int signal_pipe = -1;

static void note(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe already holds enough to wake the reader.
  ssize_t ignored = write(signal_pipe, &byte, 1);
  (void)ignored;
  errno = saved;
}

int posetop_signal_pipe(void) {
  static int ends[2] = {-1, -1};
  if (ends[0] < 0) {
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -1;
    signal_pipe = ends[1];
  }
  return ends[0];
}

int posetop_signal_watch(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  return sigaction(number, &action, NULL);
}

int posetop_signal_ignore(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_IGN;
  return sigaction(number, &action, NULL);
}
