#define _GNU_SOURCE
#include "CProgram.h"

#include <sched.h>
#include <sys/auxv.h>

static int count;
static char **words;

/// glibc hands what `main` gets to every constructor too.
__attribute__((constructor)) static void keep(int argc, char **argv) {
  count = argc;
  words = argv;
}

int ridley_word_count(void) { return count; }

const char *ridley_word(int index) { return words[index]; }

const char *ridley_program_path(void) { return (const char *)getauxval(AT_EXECFN); }

int ridley_core_count(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

int ridley_keep_to_cores(int count) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return -1;
  int spare = CPU_COUNT(&set) - count;
  for (int core = 0; core < CPU_SETSIZE && spare > 0; core++) {
    if (!CPU_ISSET(core, &set)) continue;
    CPU_CLR(core, &set);
    spare--;
  }
  return sched_setaffinity(0, sizeof set, &set);
}
