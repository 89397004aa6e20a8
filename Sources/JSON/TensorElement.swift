internal import Base
internal import CSimdjson

extension ElementType {
  /// As `CSimdjson` names it, `nil` where JSON has no form of it.
  var packed: ridley_json_element? {
    switch self {
    case .bool: RIDLEY_JSON_BOOL
    case .u8: RIDLEY_JSON_U8
    case .u16: RIDLEY_JSON_U16
    case .u32: RIDLEY_JSON_U32
    case .u64: RIDLEY_JSON_U64
    case .i8: RIDLEY_JSON_I8
    case .i16: RIDLEY_JSON_I16
    case .i32: RIDLEY_JSON_I32
    case .i64: RIDLEY_JSON_I64
    case .f32: RIDLEY_JSON_F32
    case .f64: RIDLEY_JSON_F64
    case .string: RIDLEY_JSON_STRING
    case .f16, .bf16: nil
    }
  }

  /// What stands in JSON for one, in the words of a sentence.
  var expected: String {
    switch self {
    case .bool: "true or false"
    case .string: "a string"
    case .f16, .bf16, .f32, .f64: "a number"
    default: "a whole number"
    }
  }
}
