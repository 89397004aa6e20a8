// What the engine's C interface has no call for.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ov_core;
struct ov_model;
struct ov_compiled_model;

/// Teaches an engine's core the operators of this room; once for each core, before it reads a network.
///
/// Gives the engine's status: 0, or why not. The executable must export `create_extensions`: see Package.swift.
int ridley_add_operators(const struct ov_core *core);

/// What an operator computes.
typedef enum {
  /// Anything in 64-bit floats; conversions from and to them are nothing.
  RIDLEY_DOUBLE,
  /// Products of integers of 8 bits.
  RIDLEY_NARROW_PRODUCT,
} ridley_pattern;

/// Writes into `text` which operator of a network, on the way from an input to an output, fits a pattern: its type, its numbers and its
/// name.
///
/// Gives whether there is one.
int ridley_find_operator(const struct ov_model *model, ridley_pattern pattern, char *text, size_t room);

/// Writes a compiled network to a file that is open for writing, from its beginning.
///
/// Gives 0, the number of the system's error, such as that of a full disk, or -1 where the engine cannot write it. The engine's own
/// call keeps such errors for itself, and leaves half of the network behind.
int ridley_export(const struct ov_compiled_model *model, int descriptor);

#ifdef __cplusplus
}
#endif
