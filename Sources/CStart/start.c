#include "CStart.h"

#include <stddef.h>
#include <sys/auxv.h>

static int count;
static char **words;

// glibc hands these to everything that runs before main.
__attribute__((constructor)) static void keep(int argc, char **argv) {
  count = argc;
  words = argv;
}

int ridley_word_count(void) { return count; }

const char *ridley_word(int place) { return place >= 0 && place < count ? words[place] : NULL; }

const char *ridley_started_file(void) { return (const char *)getauxval(AT_EXECFN); }
