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
#include <stdio.h>
#include <ncurses.h>
#include <term.h>
#endif
