#ifndef RIDLEY_CLANDLOCK_H
#define RIDLEY_CLANDLOCK_H

#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The version of Landlock that the kernel has, below 1 where it has none.
static inline int ridley_landlock_version(void) {
  return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/// From now on this thread opens no file, connects nowhere, and signals nobody, as far as the kernel's version knows of it.
static inline int ridley_landlock(int version) {
  // Rights: 13 in version 1, one more each in 2, 3 and 5 (files); bind and connect in 4; sockets by name and signals in 6.
  int files = version < 2 ? 13 : version < 3 ? 14 : version < 5 ? 15 : 16;
  struct { uint64_t files, network, scope; } rules = {(1ull << files) - 1, 3, 3};
  size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  if (ruleset < 0) return -1;
  int failed = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
  close(ruleset);
  return failed;
}

/// From now on this thread changes files below one folder alone (below none where it is -1), runs no program, connects nowhere, and
/// signals nobody, as far as the kernel's version knows of it; it reads what it could before.
static inline int ridley_landlock_writes(int version, int folder) {
  // Rights on files: running 0, writing 1, removing 4 and 5, making 6 to 12; moving between folders 13 from version 2, cutting 14 from 3.
  uint64_t changes = 1 | 2 | 0x1ff0 | (version < 2 ? 0 : 1 << 13) | (version < 3 ? 0 : 1 << 14);
  struct { uint64_t files, network, scope; } rules = {changes, 3, 3};
  size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  if (ruleset < 0) return -1;
  struct landlock_path_beneath_attr below = {.allowed_access = changes & ~1ull, .parent_fd = folder};
  int failed = folder < 0 ? 0 : (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
  if (!failed) failed = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
  close(ruleset);
  return failed;
}

#endif
