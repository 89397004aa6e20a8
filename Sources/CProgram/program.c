#include "CProgram.h"

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
