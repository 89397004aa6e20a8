// Operators that the engine's readers lack, made of its standard operators while a network is read.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct ov_core;

/// Teaches an engine's core the operators of this room; once for each core, before it reads a network.
///
/// Gives the engine's status: 0, or why not. The executable must export `create_extensions`: see Package.swift.
int ridley_add_operators(const struct ov_core *core);

#ifdef __cplusplus
}
#endif
