#include <charconv>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "ridley_json.h"

namespace {

// The longest are -1.17549435e-38, -2.2250738585072014e-308, -9223372036854775808 and false.
template <typename Number>
constexpr size_t longest = std::is_same_v<Number, bool>       ? 6
                           : std::is_same_v<Number, float>    ? 17
                           : std::is_same_v<Number, double>   ? 26
                                                              : 2 + sizeof(Number) * 5 / 2 + 1;

char *put(char *text, const char *word) {
  const size_t length = std::strlen(word);
  std::memcpy(text, word, length);
  return text + length;
}

template <typename Number>
size_t write(const uint8_t *bytes, size_t count, uint8_t *into) {
  char *const start = reinterpret_cast<char *>(into);
  char *text = start;
  *text++ = '[';
  for (size_t at = 0; at < count; at += 1) {
    if (at > 0) *text++ = ',';
    if constexpr (std::is_same_v<Number, bool>) {
      text = put(text, bytes[at] != 0 ? "true" : "false");
    } else {
      Number value;
      std::memcpy(&value, bytes + at * sizeof value, sizeof value);
      if constexpr (std::is_floating_point_v<Number>) {
        if (!std::isfinite(value)) {
          text = put(text, "null");
          continue;
        }
        if (value == 0 && std::signbit(value)) {
          text = put(text, "-0.0");  // readers take -0 for a whole number, which has no sign
          continue;
        }
      }
      char *const limit = text + longest<Number>;
      if constexpr (std::is_floating_point_v<Number>) {
        if (std::abs(value) >= Number(1e15)) {  // written out, it may be a whole number that readers find too large
          text = std::to_chars(text, limit, value, std::chars_format::scientific).ptr;
          continue;
        }
      }
      text = std::to_chars(text, limit, value).ptr;
    }
  }
  *text++ = ']';
  return static_cast<size_t>(text - start);
}

}  // namespace

size_t ridley_json_longest(ridley_json_element element) {
  switch (element) {
    case RIDLEY_JSON_BOOL: return longest<bool>;
    case RIDLEY_JSON_U8: return longest<uint8_t>;
    case RIDLEY_JSON_U16: return longest<uint16_t>;
    case RIDLEY_JSON_U32: return longest<uint32_t>;
    case RIDLEY_JSON_U64: return longest<uint64_t>;
    case RIDLEY_JSON_I8: return longest<int8_t>;
    case RIDLEY_JSON_I16: return longest<int16_t>;
    case RIDLEY_JSON_I32: return longest<int32_t>;
    case RIDLEY_JSON_I64: return longest<int64_t>;
    case RIDLEY_JSON_F32: return longest<float>;
    case RIDLEY_JSON_F64: return longest<double>;
    case RIDLEY_JSON_STRING: return 0;
  }
  return 0;
}

size_t ridley_json_write(ridley_json_element element, const uint8_t *bytes, size_t count, uint8_t *text) {
  switch (element) {
    case RIDLEY_JSON_BOOL: return write<bool>(bytes, count, text);
    case RIDLEY_JSON_U8: return write<uint8_t>(bytes, count, text);
    case RIDLEY_JSON_U16: return write<uint16_t>(bytes, count, text);
    case RIDLEY_JSON_U32: return write<uint32_t>(bytes, count, text);
    case RIDLEY_JSON_U64: return write<uint64_t>(bytes, count, text);
    case RIDLEY_JSON_I8: return write<int8_t>(bytes, count, text);
    case RIDLEY_JSON_I16: return write<int16_t>(bytes, count, text);
    case RIDLEY_JSON_I32: return write<int32_t>(bytes, count, text);
    case RIDLEY_JSON_I64: return write<int64_t>(bytes, count, text);
    case RIDLEY_JSON_F32: return write<float>(bytes, count, text);
    case RIDLEY_JSON_F64: return write<double>(bytes, count, text);
    case RIDLEY_JSON_STRING: return 0;
  }
  return 0;
}
