#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int address(const char *path, struct sockaddr_un *result) {
  size_t length = strlen(path);
  if (length >= sizeof result->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memset(result, 0, sizeof *result);
  result->sun_family = AF_UNIX;
  memcpy(result->sun_path, path, length);
  return 0;
}

int posetop_socket_listen(const char *path, int backlog) {
  struct sockaddr_un name;
  if (address(path, &name) < 0) return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  mode_t before = umask(077);
  int code = bind(fd, (struct sockaddr *)&name, sizeof name);
  umask(before);
  if (code < 0 || chmod(path, 0600) < 0 || listen(fd, backlog) < 0) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
  }
  return fd;
}

int posetop_socket_connect(const char *path) {
  struct sockaddr_un name;
  if (address(path, &name) < 0) return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  // A local stream connects at once or fails (EAGAIN: the other side's queue is full).
  if (connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
  }
  return fd;
}

int posetop_socket_accept(int fd) {
  return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int posetop_socket_pair(int result[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, result);
}

int posetop_socket_peer(int fd, uid_t *uid, pid_t *pid) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -1;
  *uid = peer.uid;
  *pid = peer.pid;
  return 0;
}

ssize_t posetop_socket_send(int fd, const void *bytes, size_t count) {
  return send(fd, bytes, count, MSG_NOSIGNAL);
}
