#include "ridley_json.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <simdjson.h>
#include <type_traits>

using simdjson::error_code;

struct ridley_json {
  simdjson::dom::parser parser;
};

int ridley_json_parse(const uint8_t *bytes, size_t count, ridley_json **made) {
  auto *document = new (std::nothrow) ridley_json;
  if (document == nullptr) return simdjson::MEMALLOC;
  error_code error = document->parser.allocate(count, RIDLEY_JSON_DEPTH);
  if (error == simdjson::SUCCESS) error = document->parser.parse(bytes, count, true).error();
  if (error != simdjson::SUCCESS) {
    delete document;
    return error;
  }
  *made = document;
  return 0;
}

void ridley_json_free(ridley_json *document) { delete document; }

enum ridley_json_trouble ridley_json_trouble(int code) {
  switch (code) {
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY: return RIDLEY_JSON_MEMORY;
    case simdjson::DEPTH_ERROR: return RIDLEY_JSON_TOO_DEEP;
    case simdjson::UTF8_ERROR: return RIDLEY_JSON_NOT_UTF8;
    case simdjson::NUMBER_ERROR: return RIDLEY_JSON_NUMBER;
    default: return RIDLEY_JSON_SYNTAX;
  }
}

const char *ridley_json_error(int code) { return simdjson::error_message(static_cast<error_code>(code)); }

const uint64_t *ridley_json_tape(const ridley_json *document) { return document->parser.doc.tape.get(); }

const uint8_t *ridley_json_strings(const ridley_json *document) { return document->parser.doc.string_buf.get(); }

namespace {

constexpr uint64_t payload_mask = (uint64_t(1) << 56) - 1;

char typeOf(uint64_t word) { return static_cast<char>(word >> 56); }
bool isNumber(uint64_t word) { return typeOf(word) == 'l' || typeOf(word) == 'u' || typeOf(word) == 'd'; }

// One value of the tape that is neither an array nor an object.
struct Leaf {
  char type;
  uint64_t payload;
  uint64_t number;  // the word behind, for numbers
  const uint8_t *strings;

  double as_double() const {
    double value;
    std::memcpy(&value, &number, sizeof value);
    return value;
  }
};

// Where elements go while there is room.
class Target {
 public:
  Target(uint8_t *bytes, size_t room) : next_(bytes), room_(room) {}

  void put(const void *bytes, size_t count) {
    size_ += count;
    if (count > room_) {
      room_ = 0;  // nothing that comes later is written either
      return;
    }
    std::memcpy(next_, bytes, count);
    next_ += count;
    room_ -= count;
  }

  size_t size() const { return size_; }

 private:
  uint8_t *next_;
  size_t room_;
  size_t size_ = 0;
};

using Outcome = ridley_json_outcome;

template <typename Number>
struct Numbers {
  static Outcome put(const Leaf &leaf, Target &target) {
    Number value;
    Outcome outcome;
    switch (leaf.type) {
      case 'l': outcome = convert(static_cast<int64_t>(leaf.number), value); break;
      case 'u': outcome = convert(leaf.number, value); break;
      case 'd': outcome = convert(leaf.as_double(), value); break;
      default: return RIDLEY_JSON_OTHER_KIND;
    }
    if (outcome == RIDLEY_JSON_PACKED) target.put(&value, sizeof value);
    return outcome;
  }

 private:
  template <typename Given>
  static Outcome convert(Given given, Number &value) {
    if constexpr (std::is_floating_point_v<Number>) {
      value = static_cast<Number>(given);
      return std::isfinite(value) ? RIDLEY_JSON_PACKED : RIDLEY_JSON_OUT_OF_RANGE;
    } else if constexpr (std::is_floating_point_v<Given>) {
      // A whole number may be written as 1.0 or 1e3. The bounds are powers of two, so they are exact.
      constexpr double above = 2.0 * static_cast<double>(std::numeric_limits<Number>::max() / 2 + 1);
      constexpr double lowest = static_cast<double>(std::numeric_limits<Number>::min());
      if (!(given >= lowest && given < above) || std::trunc(given) != given) return RIDLEY_JSON_OUT_OF_RANGE;
      value = static_cast<Number>(given);
      return RIDLEY_JSON_PACKED;
    } else {
      value = static_cast<Number>(given);
      const bool same_sign = (value < Number(0)) == (given < Given(0));
      return static_cast<Given>(value) == given && same_sign ? RIDLEY_JSON_PACKED : RIDLEY_JSON_OUT_OF_RANGE;
    }
  }
};

struct Flags {
  static Outcome put(const Leaf &leaf, Target &target) {
    uint8_t value;
    switch (leaf.type) {
      case 't': value = 1; break;
      case 'f': value = 0; break;
      case 'l':
        if (leaf.number > 1) return RIDLEY_JSON_OUT_OF_RANGE;
        value = static_cast<uint8_t>(leaf.number);
        break;
      case 'u':
      case 'd': return RIDLEY_JSON_OUT_OF_RANGE;
      default: return RIDLEY_JSON_OTHER_KIND;
    }
    target.put(&value, 1);
    return RIDLEY_JSON_PACKED;
  }
};

struct Strings {
  static Outcome put(const Leaf &leaf, Target &target) {
    if (leaf.type != '"') return RIDLEY_JSON_OTHER_KIND;
    uint32_t length;
    std::memcpy(&length, leaf.strings + leaf.payload, sizeof length);
    target.put(leaf.strings + leaf.payload, sizeof length + length);
    return RIDLEY_JSON_PACKED;
  }
};

// Walks an array once. Arrays of one depth are equally long, and values stand at one depth only.
template <typename Element>
ridley_json_packing pack(const ridley_json *document, size_t start, uint8_t *bytes, size_t room) {
  const uint64_t *tape = ridley_json_tape(document);
  const uint8_t *strings = ridley_json_strings(document);
  ridley_json_packing result = {};
  Target target(bytes, room);
  size_t counts[RIDLEY_JSON_DEPTH];
  bool known[RIDLEY_JSON_DEPTH] = {};
  size_t depth = 0;       // arrays open
  size_t leaf_depth = 0;  // where values stand; 0 before the first
  const auto ended = [&](Outcome outcome, size_t place) {
    result.outcome = outcome;
    result.place = place;
    result.size = target.size();
    return result;
  };

  for (size_t at = start;;) {
    const char type = typeOf(tape[at]);
    if (type == '[') {
      if (depth > 0) counts[depth - 1] += 1;
      if (depth == RIDLEY_JSON_DEPTH || (leaf_depth != 0 && depth >= leaf_depth)) return ended(RIDLEY_JSON_RAGGED, at);
      counts[depth] = 0;
      depth += 1;
      if (depth > result.depth) result.depth = depth;
      at += 1;
    } else if (type == ']') {
      depth -= 1;
      if (!known[depth]) {
        known[depth] = true;
        result.sides[depth] = counts[depth];
      } else if (result.sides[depth] != counts[depth]) {
        return ended(RIDLEY_JSON_RAGGED, static_cast<uint32_t>(tape[at]));
      }
      if (depth == 0) return ended(RIDLEY_JSON_PACKED, start);
      at += 1;
    } else {
      if (depth == 0) return ended(RIDLEY_JSON_OTHER_KIND, at);
      if (leaf_depth == 0) leaf_depth = result.depth;
      if (depth != leaf_depth) return ended(RIDLEY_JSON_RAGGED, at);
      // Copies that no store through a byte pointer can reach, so they stay in registers.
      Target place = target;
      size_t count = 0;
      for (uint64_t word = tape[at]; typeOf(word) != ']' && typeOf(word) != '['; word = tape[at]) {
        const bool is_number = isNumber(word);
        const Outcome outcome = Element::put({typeOf(word), word & payload_mask, is_number ? tape[at + 1] : 0, strings}, place);
        if (outcome != RIDLEY_JSON_PACKED) return ended(outcome, at);
        count += 1;
        at += is_number ? 2 : 1;
      }
      target = place;
      result.count += count;
      counts[depth - 1] += count;
    }
  }
}

}  // namespace

ridley_json_packing ridley_json_pack(
    const ridley_json *document, size_t start, ridley_json_element element, uint8_t *bytes, size_t room) {
  switch (element) {
    case RIDLEY_JSON_BOOL: return pack<Flags>(document, start, bytes, room);
    case RIDLEY_JSON_U8: return pack<Numbers<uint8_t>>(document, start, bytes, room);
    case RIDLEY_JSON_U16: return pack<Numbers<uint16_t>>(document, start, bytes, room);
    case RIDLEY_JSON_U32: return pack<Numbers<uint32_t>>(document, start, bytes, room);
    case RIDLEY_JSON_U64: return pack<Numbers<uint64_t>>(document, start, bytes, room);
    case RIDLEY_JSON_I8: return pack<Numbers<int8_t>>(document, start, bytes, room);
    case RIDLEY_JSON_I16: return pack<Numbers<int16_t>>(document, start, bytes, room);
    case RIDLEY_JSON_I32: return pack<Numbers<int32_t>>(document, start, bytes, room);
    case RIDLEY_JSON_I64: return pack<Numbers<int64_t>>(document, start, bytes, room);
    case RIDLEY_JSON_F32: return pack<Numbers<float>>(document, start, bytes, room);
    case RIDLEY_JSON_F64: return pack<Numbers<double>>(document, start, bytes, room);
    case RIDLEY_JSON_STRING: return pack<Strings>(document, start, bytes, room);
  }
  return {};
}
