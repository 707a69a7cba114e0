// The one door to ncursesw: its wide-character set, and inline functions for what Swift cannot
// import (macros, variadic functions, mutable globals).
#ifndef POSETOP_CNCURSES_SHIM_H
#define POSETOP_CNCURSES_SHIM_H
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <stdint.h>
#include <stdio.h>
#include <ncurses.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/// Modes of a program that draws the whole screen and reads single keys.
static inline void posetop_curses_modes(int terminal) {
  cbreak();
  noecho();
  nonl();
  intrflush(stdscr, FALSE);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  leaveok(stdscr, FALSE);
  scrollok(stdscr, FALSE);
  set_escdelay(40);
  curs_set(0);
  // Ctrl-C and Ctrl-\ come as keys: as signals they would reach the whole group, so that a `make`
  // around the program would end and take the terminal's state along. Ctrl-Z still suspends.
  struct termios modes;
  if (tcgetattr(terminal, &modes) == 0) {
    modes.c_cc[VINTR] = _POSIX_VDISABLE;
    modes.c_cc[VQUIT] = _POSIX_VDISABLE;
    tcsetattr(terminal, TCSANOW, &modes);
    def_prog_mode();
  }
  mouseinterval(0);
  mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
}

/// The number of colours, 0 without any; the terminal's own colours become usable as -1.
static inline int posetop_curses_colors(void) {
  if (!has_colors() || start_color() == ERR) return 0;
  return use_default_colors() == ERR ? 0 : COLORS;
}

/// Writes one character with at most two combining marks; pair 0 is the terminal's own colours.
/// Attributes are bits: 1 bold, 2 dim, 4 reverse, 8 underline.
static inline void posetop_curses_put(
  int x, int y, uint32_t scalar, uint32_t mark, uint32_t second, unsigned attributes, int pair) {
  wchar_t text[4] = {(wchar_t)scalar, (wchar_t)mark, (wchar_t)second, 0};
  attr_t bits = A_NORMAL;
  if (attributes & 1) bits |= A_BOLD;
  if (attributes & 2) bits |= A_DIM;
  if (attributes & 4) bits |= A_REVERSE;
  if (attributes & 8) bits |= A_UNDERLINE;
  cchar_t cell;
  if (setcchar(&cell, text, bits, 0, &pair) == OK) mvadd_wch(y, x, &cell);
}

/// Sends the changes to the terminal.
static inline void posetop_curses_flush(void) {
  wnoutrefresh(stdscr);
  doupdate();
}

/// The next refresh draws everything.
static inline void posetop_curses_redraw(void) { clearok(curscr, TRUE); }

/// Takes the modes and the screen back after somebody else had them.
static inline void posetop_curses_resume(void) {
  reset_prog_mode();
  clearok(curscr, TRUE);
  wrefresh(stdscr);
  // Else it would be switched on only when the first key is read, too late for that key.
  keypad(stdscr, TRUE);
}

/// Lets the beginnings of a terminal's answers come as keys of their own numbers.
static inline void posetop_curses_answers(int application, int device, int control, int ground) {
  define_key("\033_G", application);
  define_key("\033[?", device);
  define_key("\033P", control);
  define_key("\033]11;", ground);
}

/// Reads a key: 0 none, 1 a character, 2 a function key.
static inline int posetop_curses_key(uint32_t *value) {
  wint_t key = 0;
  int kind = wget_wch(stdscr, &key);
  *value = (uint32_t)key;
  return kind == OK ? 1 : kind == KEY_CODE_YES ? 2 : 0;
}

/// Reads what the mouse did: 0 nothing, 1 click, 2 wheel up, 3 wheel down.
static inline int posetop_curses_mouse(int *x, int *y) {
  MEVENT event;
  if (getmouse(&event) != OK) return 0;
  *x = event.x;
  *y = event.y;
  if (event.bstate & BUTTON4_PRESSED) return 2;
  if (event.bstate & BUTTON5_PRESSED) return 3;
  return event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) ? 1 : 0;
}

static inline int posetop_curses_columns(void) { return COLS; }
static inline int posetop_curses_rows(void) { return LINES; }

/// What the description of a terminal says, without taking the screen over: 0 there is none, 1 it
/// cannot place the cursor, 2 it can.
static inline int posetop_curses_describe(
  const char *term, int terminal, int *colors, int *has_mouse) {
  int error = 0;
  if (setupterm(term, terminal, &error) != OK) return 0;
  *colors = tigetnum("colors");
  const char *mouse = tigetstr("kmous");
  *has_mouse = mouse != NULL && mouse != (const char *)-1;
  const char *place = tigetstr("cup");
  int result = place == NULL || place == (const char *)-1 ? 1 : 2;
  del_curterm(cur_term);
  return result;
}

/// A capability of the terminal as text, or NULL.
static inline const char *posetop_curses_capability(const char *name) {
  const char *text = tigetstr(name);
  return text == (const char *)-1 ? NULL : text;
}
#endif
