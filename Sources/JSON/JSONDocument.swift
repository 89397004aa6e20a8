public import Base
internal import CSimdjson

/// A parsed JSON text (RFC 8259), which never changes.
///
/// The whole text is checked: one value, well-formed, in UTF-8, arrays and objects at most 64 deep. Memory is up to sixteen
/// times the text for arrays of single digits, so a caller that takes foreign texts limits their length.
@safe
public final class JSONDocument: @unchecked Sendable {  // what simdjson wrote while parsing is only read afterwards
  /// How faults name the whole text: `the request`.
  public let name: String
  private let parsed: OpaquePointer
  private let tape: UnsafePointer<UInt64>
  private let strings: UnsafePointer<UInt8>

  /// Parses a text, whose bytes are not needed afterwards.
  ///
  /// Faults are `badInput`, or `exhausted` where memory is lacking.
  public init(parsing bytes: RawSpan, name: String) throws(Fault) {
    var made: OpaquePointer?
    let status = unsafe bytes.withUnsafeBytes { text in
      unsafe ridley_json_parse(text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count, &made)
    }
    guard status == 0, let made = unsafe made else { throw Self.refusal(status, name) }
    self.name = name
    unsafe parsed = made
    unsafe tape = ridley_json_tape(made)
    unsafe strings = ridley_json_strings(made)
  }

  deinit { unsafe ridley_json_free(parsed) }

  public convenience init(parsing text: String, name: String) throws(Fault) {
    let bytes = Array(text.utf8)
    try unsafe self.init(parsing: bytes.span.bytes, name: name)
  }

  public var root: JSONValue { JSONValue(self, at: 1) }

  private static func refusal(_ status: Int32, _ name: String) -> Fault {
    let cause = unsafe String(cString: ridley_json_error(status))
    func refused(_ why: String) -> Fault { Fault(.badInput, "\(name): not well-formed JSON: \(why)", cause: cause) }
    switch ridley_json_trouble(status) {
    case RIDLEY_JSON_MEMORY:
      return Fault(.exhausted, "\(name): too long to be parsed with the memory that is left", cause: cause)
    case RIDLEY_JSON_TOO_DEEP:
      let depth = "arrays and objects are nested deeper than \(RIDLEY_JSON_DEPTH)"
      return Fault(.badInput, "\(name): \(depth), which is not read here", cause: cause)
    case RIDLEY_JSON_NOT_UTF8: return refused("it is not text in UTF-8")
    case RIDLEY_JSON_NUMBER: return refused("a number is too large, or not written as JSON has them")
    default:
      return refused("commas, brackets or quotes are missing or too many, or words stand that JSON does not have")
    }
  }
}

/// The tape: simdjson's `doc/tape.md`.
extension JSONDocument {
  /// What stands at a place: `[`, `]`, `{`, `}`, `"`, `l` (signed), `u` (unsigned), `d` (double), `t`, `f`, `n`.
  func type(_ index: Int) -> UInt8 { unsafe UInt8(truncatingIfNeeded: tape[index] >> 56) }

  /// The bits of the number whose type stands at a place.
  func number(_ index: Int) -> UInt64 { unsafe tape[index + 1] }

  func string(_ index: Int) -> String {
    let start = unsafe strings + Int(tape[index] & (1 << 56 - 1))
    let count = unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
    return unsafe String(decoding: UnsafeBufferPointer(start: start + 4, count: Int(count)), as: UTF8.self)
  }

  /// The place behind a value.
  func end(of index: Int) -> Int {
    switch type(index) {
    case UInt8(ascii: "["), UInt8(ascii: "{"): unsafe Int(tape[index] & 0xffff_ffff)
    case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
    default: index + 1
    }
  }

  func pack(_ index: Int, _ element: ridley_json_element, into bytes: UnsafeMutableBufferPointer<UInt8>)
    -> ridley_json_packing
  { unsafe ridley_json_pack(parsed, index, element, bytes.baseAddress, bytes.count) }
}
