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

/// Writes into `text` which operator of a network, on the way from an input to an output, computes in 64-bit floats: its type and name.
///
/// Gives whether there is one. Conversions from and to such floats are none.
int ridley_find_double(const struct ov_model *model, char *text, size_t room);

/// Writes into `text` which Softmax of a network, its name, has more than one number behind its axis.
///
/// Gives whether there is one; also where the sides behind are open.
int ridley_find_inner_softmax(const struct ov_model *model, char *text, size_t room);

/// Writes into `text` which MaxPool of a network, its name, rounds up to a window that begins behind the data and its front padding.
///
/// Gives whether there is one; also where it may, by the size of what comes in.
int ridley_find_overhanging_pool(const struct ov_model *model, char *text, size_t room);

/// Writes into `text` which operator of a network, on the way from an input, does arithmetic with whole numbers of 8 or 16 bits: its type,
/// theirs, and its name.
///
/// Gives whether there is one.
int ridley_find_narrow_arithmetic(const struct ov_model *model, char *text, size_t room);

/// Writes into `text` which constant of a network, its name, holds a float that no trained weight is: NaN anywhere, or a number without
/// an end or beyond 1e18 among what a convolution or a matrix product multiplies by.
///
/// Gives whether there is one.
int ridley_find_broken_weight(const struct ov_model *model, char *text, size_t room);

/// Puts a constant of `count` numbers in the place of an input of a network, which then is none any more.
///
/// Gives 0, or 1 where the input has other sides, is not there, or takes no numbers.
int ridley_fix_input(struct ov_model *model, size_t index, const double *values, size_t count);

/// Writes a compiled network to a file that is open for writing, from its beginning.
///
/// Gives 0, the number of the system's error, such as that of a full disk, or -1 where the engine cannot write it. The engine's own
/// call keeps such errors for itself, and leaves half of the network behind.
int ridley_export(const struct ov_compiled_model *model, int descriptor);

/// The file that the engine's own library was loaded from: beside it the engine looks for its parts.
const char *ridley_engine_library(void);

#ifdef __cplusplus
}
#endif
