// What a full-screen program needs of signals and of the terminal, in C because it runs in signal
// handlers. One thread, the one that owns the screen, calls these.
#ifndef POSETOP_POSIX_TERMINAL_H
#define POSETOP_POSIX_TERMINAL_H
#include <stddef.h>

/// Chooses a UTF-8 character type for the process; 1 when there is one, 0 when only ASCII is safe.
int posetop_use_utf8(void);

/// Catches SIGWINCH, SIGCONT, SIGINT, SIGTERM, SIGHUP and SIGQUIT: each writes its number as a byte
/// into a pipe. Returns the pipe's reading end, or -1.
int posetop_signals_start(void);

/// Gives the signals back to what handled them before.
void posetop_signals_stop(void);

/// Keeps the terminal's settings for every way out; call it before anything changes them.
/// Output to descriptors 1 and 2 that would go to a terminal is kept aside from now on.
void posetop_guard_start(int terminal);

/// Says what to write to the terminal so that it leaves the full screen; used after a crash.
void posetop_guard_set_reset(const char *bytes, size_t count);

/// Restores the settings, then shows what was kept aside. Harmless when called twice.
void posetop_guard_stop(void);

/// Columns and rows of a terminal; 0 when they are unknown.
void posetop_terminal_size(int terminal, int *columns, int *rows);

/// Width and height of a terminal's cell in its own pixels; 0 when they are unknown.
void posetop_terminal_cell(int terminal, int *width, int *height);

/// Bytes that can be read at once; 0 at the end of the input, -1 on an error.
int posetop_readable_bytes(int descriptor);

/// Seconds that local time is ahead of UTC at a time.
long posetop_clock_offset(long long seconds);

#endif
