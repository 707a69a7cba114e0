#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int posetop_spawn(
    const char *path, char *const arguments[], char *const environment[], const char *log,
    const int *inherited, int inherited_count, int new_session, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&actions);
  if (code != 0) return code;
  code = posix_spawnattr_init(&attributes);
  if (code != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return code;
  }
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  if (new_session) {
    // What the parent ignores its offspring ignores from the first instruction on.
    const int kept[] = {SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) sigdelset(&all, kept[i]);
  }
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  if (new_session) flags |= POSIX_SPAWN_SETSID;
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, flags);
  code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (code == 0)
    code = posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, 1, 2);
  // Every descriptor of ours is close-on-exec and above the targets, so no target is overwritten
  // before it was copied.
  for (int i = 0; code == 0 && i < inherited_count; i++)
    code = posix_spawn_file_actions_adddup2(&actions, inherited[i], 3 + i);
  if (code == 0) code = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

int posetop_wait(pid_t pid, int *exit_code, int *signal_number) {
  int status = 0;
  pid_t got;
  do got = waitpid(pid, &status, WNOHANG);
  while (got < 0 && errno == EINTR);
  if (got == 0) return 0;
  *exit_code = got > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  *signal_number = got > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return 1;
}

void posetop_name_process(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int posetop_exec(const char *path, char *const arguments[], char *const environment[]) {
  return execve(path, arguments, environment);
}

char *const *posetop_environment(void) { return environ; }
