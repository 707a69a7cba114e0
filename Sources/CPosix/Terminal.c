#define _GNU_SOURCE
#include "PosixTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

int posetop_use_utf8(void) {
  // Only the character type: a locale's decimal comma must not get into numbers.
  static const char *const names[] = {"", "C.UTF-8", "C.utf8", "en_US.UTF-8"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (setlocale(LC_CTYPE, names[i]) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
  }
  setlocale(LC_CTYPE, "C");
  return 0;
}

// Signals that become bytes in a pipe.

static const int piped[] = {SIGWINCH, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { PIPED = sizeof piped / sizeof *piped };
static struct sigaction piped_before[PIPED];
static int pipe_ends[2] = {-1, -1};

static void on_piped(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe already holds enough to wake the loop.
  ssize_t written = write(pipe_ends[1], &byte, 1);
  (void)written;
  errno = saved;
}

int posetop_signals_start(void) {
  if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_piped;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < PIPED; i++) sigaction(piped[i], &action, &piped_before[i]);
  return pipe_ends[0];
}

void posetop_signals_stop(void) {
  for (int i = 0; i < PIPED; i++) sigaction(piped[i], &piped_before[i], NULL);
}

// The guard.

static struct termios terminal_before;
static volatile sig_atomic_t armed;
static int guarded = -1;
static char reset_bytes[512];
static volatile size_t reset_count;
static int kept = -1;              // what was written to 1 and 2
static int outputs[3] = {-1, -1, -1};  // where 1 and 2 went before

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t done = write(descriptor, bytes, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;
    bytes += done;
    count -= (size_t)done;
  }
}

// Async-signal-safe: only write, tcsetattr, dup2, lseek, read and close.
static void restore(int crashed) {
  if (!armed) return;
  armed = 0;
  if (crashed) write_all(guarded, reset_bytes, reset_count);
  // A process in the background would be stopped by tcsetattr.
  sigset_t block, before;
  sigemptyset(&block);
  sigaddset(&block, SIGTTOU);
  sigprocmask(SIG_BLOCK, &block, &before);
  tcsetattr(guarded, TCSANOW, &terminal_before);
  sigprocmask(SIG_SETMASK, &before, NULL);
  int shown = outputs[2] >= 0 ? outputs[2] : outputs[1];
  for (int i = 1; i <= 2; i++) {
    if (outputs[i] >= 0) dup2(outputs[i], i);
  }
  if (kept >= 0 && shown >= 0 && lseek(kept, 0, SEEK_SET) == 0) {
    char buffer[1024];
    ssize_t count;
    while ((count = read(kept, buffer, sizeof buffer)) > 0) write_all(shown, buffer, (size_t)count);
  }
  if (kept >= 0) close(kept);
  kept = -1;
  for (int i = 1; i <= 2; i++) {
    if (outputs[i] >= 0) close(outputs[i]);
    outputs[i] = -1;
  }
}

static const int crashes[] = {SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE};
enum { CRASHES = sizeof crashes / sizeof *crashes };
static struct sigaction crashes_before[CRASHES];

static void on_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  restore(1);
  for (int i = 0; i < CRASHES; i++) {
    if (crashes[i] == number) sigaction(number, &crashes_before[i], NULL);
  }
  // A fault happens again after the return, in the handler from before; one that was sent does not.
  if (info->si_code <= 0 || number == SIGABRT) {
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), number);
  }
}

static void on_exit_restore(void) { restore(1); }

void posetop_guard_start(int terminal) {
  static int registered;
  if (armed || tcgetattr(terminal, &terminal_before) != 0) return;
  guarded = terminal;
  reset_count = 0;
  kept = memfd_create("posetop-output", MFD_CLOEXEC);
  for (int i = 1; i <= 2 && kept >= 0; i++) {
    if (!isatty(i)) continue;
    outputs[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
    if (outputs[i] >= 0) dup2(kept, i);
  }
  armed = 1;
  if (!registered) {
    registered = 1;
    atexit(on_exit_restore);
    // A stack of their own, so that an overflow of the stack is restored from, too.
    stack_t current;
    if (sigaltstack(NULL, &current) == 0 && (current.ss_flags & SS_DISABLE)) {
      static char stack[64 << 10];
      stack_t ours = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0};
      sigaltstack(&ours, NULL);
    }
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &action, &crashes_before[i]);
}

void posetop_guard_set_reset(const char *bytes, size_t count) {
  if (count > sizeof reset_bytes) count = sizeof reset_bytes;
  reset_count = 0;
  memcpy(reset_bytes, bytes, count);
  reset_count = count;
}

void posetop_guard_stop(void) {
  if (!armed) return;
  for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &crashes_before[i], NULL);
  restore(0);
}

void posetop_terminal_size(int terminal, int *columns, int *rows) {
  struct winsize size;
  *columns = 0;
  *rows = 0;
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0) return;
  *columns = size.ws_col;
  *rows = size.ws_row;
}

void posetop_terminal_cell(int terminal, int *width, int *height) {
  struct winsize size;
  *width = 0;
  *height = 0;
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return;
  *width = size.ws_xpixel / size.ws_col;
  *height = size.ws_ypixel / size.ws_row;
}

int posetop_readable_bytes(int descriptor) {
  int count = 0;
  return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}

long posetop_clock_offset(long long seconds) {
  time_t time = (time_t)seconds;
  struct tm local;
  return localtime_r(&time, &local) ? local.tm_gmtoff : 0;
}
