// What Swift cannot import from libc and the processor: small functions with fixed signatures.
#ifndef POSETOP_CPOSIX_H
#define POSETOP_CPOSIX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "PosixTerminal.h"

/// The x86-64 level that processor and operating system support: 2, 3 or 4; 0 elsewhere.
int posetop_cpu_level(void);

/// Processors that the scheduler lets this process use.
int posetop_allowed_processors(void);

/// open(2) and openat-style flags are variadic in C, so Swift gets these.
int posetop_open(const char *path, int flags, unsigned mode);

/// A file in memory alone, close-on-exec; it is gone with its last descriptor. -1 and errno on an error.
int posetop_memory_file(const char *name);

/// The number of a file system's kind as statfs(2) gives it; -1 and errno on an error.
int64_t posetop_volume_type(const char *path);

/// Names the calling thread as `top` shows it (15 bytes at most).
void posetop_name_thread(const char *name);

/// Lets the disk begin with bytes of a file that were written; a hint.
void posetop_begin_write_back(int descriptor, int64_t offset, int64_t count);

/// Whether this processor has what `posetop_fold_checksum` needs.
int posetop_folds_checksums(void);

/// CRC-32 (as zlib) of bytes behind those whose CRC-32 is `checksum`, several times as fast as zlib's
/// own: `count` is a multiple of 16 and at least 64.
uint32_t posetop_fold_checksum(uint32_t checksum, const uint8_t *bytes, size_t count);

/// Copies a descriptor to the lowest free number from `lowest` on, close-on-exec, and closes it.
int posetop_move_up(int descriptor, int lowest);

/// fcntl(2) is variadic.
int posetop_set_nonblocking(int descriptor);
int posetop_close_on_exec(int descriptor);

/// An eventfd: readable after `raise` until `lower`.
int posetop_wakeup(void);
void posetop_wakeup_raise(int descriptor);
void posetop_wakeup_lower(int descriptor);

/// An epoll descriptor that is readable when one of the two is; -1 and errno on an error.
int posetop_poll_both(int first, int second);

/// Unix stream sockets by path: -1 and errno on an error; all close-on-exec and, but for the pair,
/// non-blocking. A listening socket's file has mode 0600 from its first moment.
int posetop_socket_listen(const char *path, int backlog);
int posetop_socket_connect(const char *path);
int posetop_socket_accept(int fd);
int posetop_socket_pair(int result[2]);

/// User and process at the other end, as the kernel says.
int posetop_socket_peer(int fd, uid_t *uid, pid_t *pid);

/// send(2) that never raises SIGPIPE.
ssize_t posetop_socket_send(int fd, const void *bytes, size_t count);

/// The read end of the pipe into which watched signals are written, one byte each; made at the
/// first call.
int posetop_signal_pipe(void);
int posetop_signal_watch(int number);
int posetop_signal_ignore(int number);

/// Starts a program with default signals (but what is ignored of those that a terminal sends stays so
/// in a session of its own), nothing on its input, its output appended to `log`, and
/// the descriptors `inherited` as 3, 4, ...; these must be above the numbers that they become.
/// Returns 0 or the error's number.
int posetop_spawn(
    const char *path, char *const arguments[], char *const environment[], const char *log,
    const int *inherited, int inherited_count, int new_session, pid_t *pid);

/// Whether the child has ended, without waiting: 1 with its exit code (-1 for none) and signal
/// (0 for none).
int posetop_wait(pid_t pid, int *exit_code, int *signal_number);

/// Notes that outlive the process: makes the file with so many slots, and from now on a thread that
/// dies by a fault marks the note that it made last. Once a process; 0, or -1 without a file.
int posetop_notes_open(const char *path, int slots);

/// Writes the calling thread's note into its slot; NULL takes it back.
void posetop_note(int slot, const char *text);

/// The note of the thread that died by a fault, from another process: 1 when there is one.
int posetop_notes_crashed(const char *path, char *text, size_t size);

/// Names the calling process as `ps` and `top` show it (15 bytes at most).
void posetop_name_process(const char *name);

/// execve(2): returns only on an error.
int posetop_exec(const char *path, char *const arguments[], char *const environment[]);

/// The environment, which Swift refuses as a mutable global.
char *const *posetop_environment(void);

/// A long option of getopt_long(3).
typedef struct {
  const char *name;
  int takes_value;
} posetop_option;

/// What getopt_long(3) found, with its global variables.
typedef struct {
  const char *value;
  const char *word;
  int letter;
  int next;
} posetop_option_match;

/// The next option: 256 + its index, a short option's letter, `?` or `:` when it is wrong, -1 when
/// only operands are left (they begin at `match->next`). `start` begins a new list.
int posetop_next_option(
    int argc, char *const argv[], const char *short_options, const posetop_option *options,
    int count, posetop_option_match *match, int start);

/// Writes the file of the shared library that holds an address; 0, or -1 when none does.
int posetop_file_of_symbol(const void *address, char *file, size_t size);

#endif
