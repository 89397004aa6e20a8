// Messages of Protocol Buffers field by field, by nanopb: what is read stays where it stands, and nothing is made of it.
#ifndef RIDLEY_NANOPB_SHIM_H
#define RIDLEY_NANOPB_SHIM_H

#include <pb_decode.h>
#include <pb_encode.h>

typedef struct {
  uint32_t number;
  uint8_t type;        // a pb_wire_type_t
  uint64_t value;      // of a number; 4 and 8 bytes as they are in memory
  size_t start, count; // of bytes
} ridley_field;

// Reads the field at `place` of a message that ends at `end`: 1, 0 at the end, -1 where it is damaged or leads out of the message.
static inline int ridley_next_field(const uint8_t *bytes, size_t end, size_t *place, ridley_field *field) {
  pb_istream_t stream = pb_istream_from_buffer(bytes + *place, end - *place);
  pb_wire_type_t type;
  bool is_end;
  if (stream.bytes_left == 0) return 0;
  if (!pb_decode_tag(&stream, &type, &field->number, &is_end) || field->number == 0) return -1;
  field->type = (uint8_t)type;
  field->value = 0;
  field->start = field->count = 0;
  switch (type) {
    case PB_WT_VARINT:
      if (!pb_decode_varint(&stream, &field->value)) return -1;
      break;
    case PB_WT_32BIT:
      if (!pb_decode_fixed32(&stream, &field->value)) return -1;
      break;
    case PB_WT_64BIT:
      if (!pb_decode_fixed64(&stream, &field->value)) return -1;
      break;
    case PB_WT_STRING: {
      uint64_t count;
      if (!pb_decode_varint(&stream, &count) || count > stream.bytes_left) return -1;
      field->count = (size_t)count;
      field->start = end - stream.bytes_left;
      if (!pb_read(&stream, NULL, field->count)) return -1;
      break;
    }
    default: return -1;
  }
  *place = end - stream.bytes_left;
  return 1;
}

// Reads one of the numbers that stand packed; as above.
static inline int ridley_next_number(const uint8_t *bytes, size_t end, size_t *place, uint64_t *value) {
  pb_istream_t stream = pb_istream_from_buffer(bytes + *place, end - *place);
  if (stream.bytes_left == 0) return 0;
  if (!pb_decode_varint(&stream, value)) return -1;
  *place = end - stream.bytes_left;
  return 1;
}

// Writes a number in at most 10 bytes; gives how many these are.
static inline size_t ridley_write_number(uint64_t value, uint8_t *room) {
  pb_ostream_t stream = pb_ostream_from_buffer(room, 10);
  return pb_encode_varint(&stream, value) ? stream.bytes_written : 0;
}

#endif
