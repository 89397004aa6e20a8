// JSON texts as tapes, and arrays of numbers on them as tensors.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The deepest nesting of arrays and objects that is read.
enum { RIDLEY_JSON_DEPTH = 64 };

/// A parsed text; never changes, so any thread may read it.
struct ridley_json;

/// Parses a whole text, which must be UTF-8 and one value, and copies what it needs of it.
///
/// Gives 0 and a document that `ridley_json_free` ends, or else simdjson's code.
int ridley_json_parse(const uint8_t *bytes, size_t count, struct ridley_json **made);
void ridley_json_free(struct ridley_json *document);

enum ridley_json_trouble {
  /// Memory is lacking, or the text is longer than can be read.
  RIDLEY_JSON_MEMORY,
  RIDLEY_JSON_TOO_DEEP,
  RIDLEY_JSON_NOT_UTF8,
  /// A number is not written as JSON writes them, or is too large.
  RIDLEY_JSON_NUMBER,
  RIDLEY_JSON_SYNTAX,
};

/// What is wrong with a text that was refused with a code.
enum ridley_json_trouble ridley_json_trouble(int code);
/// What simdjson says of a code, in memory that stays.
const char *ridley_json_error(int code);

/// The tape: words of a type in the upper 8 bits and a payload in the lower 56; lent until the document ends.
const uint64_t *ridley_json_tape(const struct ridley_json *document);
/// Strings that the tape points into: 4 bytes of length, the bytes, a zero; lent until the document ends.
const uint8_t *ridley_json_strings(const struct ridley_json *document);

enum ridley_json_element {
  RIDLEY_JSON_BOOL,
  RIDLEY_JSON_U8,
  RIDLEY_JSON_U16,
  RIDLEY_JSON_U32,
  RIDLEY_JSON_U64,
  RIDLEY_JSON_I8,
  RIDLEY_JSON_I16,
  RIDLEY_JSON_I32,
  RIDLEY_JSON_I64,
  RIDLEY_JSON_F32,
  RIDLEY_JSON_F64,
  /// Strings, each behind its length in 4 bytes.
  RIDLEY_JSON_STRING,
};

enum ridley_json_outcome {
  RIDLEY_JSON_PACKED,
  /// The value at `place` is of another kind than the elements.
  RIDLEY_JSON_OTHER_KIND,
  /// The number at `place` does not fit the elements' type.
  RIDLEY_JSON_OUT_OF_RANGE,
  /// The array or value at `place` breaks the regular nesting of those before it.
  RIDLEY_JSON_RAGGED,
};

struct ridley_json_packing {
  enum ridley_json_outcome outcome;
  /// Where on the tape it failed.
  size_t place;
  /// Elements that there are; not all were written where they need more than there was room for.
  size_t count;
  /// Bytes that all elements need.
  size_t size;
  /// How deep arrays are nested, and the length of those of each depth.
  size_t depth;
  size_t sides[RIDLEY_JSON_DEPTH];
};

/// Writes the elements of the array at `start` of the tape, nested or not, in the order of the text and little-endian.
///
/// Never writes behind `room`; `bytes` may be null where `room` is 0, to count.
struct ridley_json_packing ridley_json_pack(
    const struct ridley_json *document, size_t start, enum ridley_json_element element, uint8_t *bytes, size_t room);

/// Bytes that one element needs at most as text with a comma; 0 for strings.
size_t ridley_json_longest(enum ridley_json_element element);

/// Writes `count` little-endian elements, aligned or not, as the text of a JSON array, and gives its length.
///
/// Floats are the shortest text that reads back exactly, those that are not finite are null. The text needs at most
/// `count * ridley_json_longest(element) + 2` bytes. Strings are not written.
size_t ridley_json_write(enum ridley_json_element element, const uint8_t *bytes, size_t count, uint8_t *text);

#ifdef __cplusplus
}
#endif
