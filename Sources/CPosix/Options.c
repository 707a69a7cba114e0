#define _GNU_SOURCE
#include "CPosix.h"

#include <getopt.h>
#include <stddef.h>

int posetop_next_option(
    int argc, char *const argv[], const char *short_options, const posetop_option *options,
    int count, posetop_option_match *match, int start) {
  enum { LIMIT = 128 };
  struct option table[LIMIT];
  if (count >= LIMIT) count = LIMIT - 1;
  for (int i = 0; i < count; i++) {
    table[i].name = options[i].name;
    table[i].has_arg = options[i].takes_value ? required_argument : no_argument;
    table[i].flag = NULL;
    table[i].val = 256 + i;
  }
  table[count].name = NULL;
  table[count].has_arg = 0;
  table[count].flag = NULL;
  table[count].val = 0;
  opterr = 0;
  if (start) optind = 0;  // glibc: start anew
  int code = getopt_long(argc, argv, short_options, table, NULL);
  match->value = optarg;
  match->letter = optopt;
  match->next = optind;
  match->word = optind > 0 && optind <= argc ? argv[optind - 1] : NULL;
  return code;
}
