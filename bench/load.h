// What the programs that make load have in common.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

typedef struct { char *bytes; size_t count; } File;

// Microseconds of the monotonic clock.
static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static void die(const char *what, const char *name) {
  fprintf(stderr, PROGRAM ": %s %s\n", what, name);
  exit(2);
}

// A file's bytes behind so many that are free.
static File whole(const char *path, size_t before) {
  FILE *file = fopen(path, "rb");
  struct stat about;
  if (!file || fstat(fileno(file), &about)) die("cannot read", path);
  File found = {malloc(before + about.st_size + 1), before + about.st_size};
  if (fread(found.bytes + before, 1, about.st_size, file) != (size_t)about.st_size) die("cannot read", path);
  fclose(file);
  return found;
}

// Whether f32 numbers are those that are wanted, each as near as a share of the largest one.
static int is_near(const char *numbers, const File *wanted, double near) {
  float largest = 0, farthest = 0;
  for (size_t i = 0; i + 4 <= wanted->count; i += 4) {
    float is, should;
    memcpy(&is, numbers + i, 4);
    memcpy(&should, wanted->bytes + i, 4);
    float away = fabsf(is - should);
    if (fabsf(should) > largest) largest = fabsf(should);
    if (!(away <= farthest)) farthest = away;  // also where it is not a number
  }
  return farthest <= near * largest;
}
