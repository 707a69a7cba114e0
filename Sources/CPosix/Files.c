#define _GNU_SOURCE
#include "CPosix.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

int posetop_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }

void posetop_begin_write_back(int descriptor, int64_t offset, int64_t count) {
  sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

int posetop_move_up(int descriptor, int lowest) {
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
  if (copy >= 0) close(descriptor);
  return copy;
}

int posetop_set_nonblocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

int posetop_close_on_exec(int descriptor) { return fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

int posetop_wakeup(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void posetop_wakeup_raise(int descriptor) {
  uint64_t one = 1;
  ssize_t ignored = write(descriptor, &one, sizeof one);
  (void)ignored;
}

void posetop_wakeup_lower(int descriptor) {
  uint64_t count;
  ssize_t ignored = read(descriptor, &count, sizeof count);
  (void)ignored;
}

int posetop_poll_both(int first, int second) {
  int result = epoll_create1(EPOLL_CLOEXEC);
  if (result < 0) return -1;
  struct epoll_event event = {.events = EPOLLIN};
  if (epoll_ctl(result, EPOLL_CTL_ADD, first, &event) < 0 ||
      epoll_ctl(result, EPOLL_CTL_ADD, second, &event) < 0) {
    close(result);
    return -1;
  }
  return result;
}

int posetop_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int64_t posetop_volume_type(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (int64_t)((uint64_t)status.f_type & 0xFFFFFFFF) : -1;
}
