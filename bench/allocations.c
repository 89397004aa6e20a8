// Counts what Swift code asks the heap for: preloaded, it stands before the runtime's two ways to memory. The count is
// written when the process that analyses leaves through _exit.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_long count;
static void *core;

// The runtime calls the second way from the first: only calls from outside of it count.
static void note(void *caller) {
  Dl_info info;
  if (!core && dladdr(dlsym(RTLD_NEXT, "swift_retain"), &info)) core = info.dli_fbase;
  if (dladdr(caller, &info) && info.dli_fbase != core) atomic_fetch_add(&count, 1);
}

void *swift_allocObject(void *metadata, size_t size, size_t alignment) {
  static void *(*next)(void *, size_t, size_t);
  if (!next) next = dlsym(RTLD_NEXT, "swift_allocObject");
  note(__builtin_return_address(0));
  return next(metadata, size, alignment);
}

void *swift_slowAlloc(size_t size, size_t alignment) {
  static void *(*next)(size_t, size_t);
  if (!next) next = dlsym(RTLD_NEXT, "swift_slowAlloc");
  note(__builtin_return_address(0));
  return next(size, alignment);
}

void _exit(int code) {
  FILE *file = fopen(getenv("ALLOCATIONS"), "w");
  if (file) {
    fprintf(file, "%ld\n", count);
    fclose(file);
  }
  void (*next)(int) = dlsym(RTLD_NEXT, "_exit");
  next(code);
  __builtin_unreachable();
}
