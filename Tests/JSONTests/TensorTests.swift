import Base
import JSON
import TestKit
import Testing

@Suite("JSON: tensors")
struct TensorTests {
  private func bytes<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

  @Test("numbers become the bytes of their type")
  func types() throws {
    let numbers = try parse("[0, 1, 2.0, 127]")
    #expect(try numbers.tensor(.u8, shape: [4]) == [0, 1, 2, 127])
    #expect(try numbers.tensor(.i8, shape: [2, 2]) == [0, 1, 2, 127])
    #expect(try numbers.tensor(.u16, shape: [4]) == bytes([0, 1, 2, 127] as [UInt16]))
    #expect(try numbers.tensor(.i16, shape: [4]) == bytes([0, 1, 2, 127] as [Int16]))
    #expect(try numbers.tensor(.u32, shape: [4]) == bytes([0, 1, 2, 127] as [UInt32]))
    #expect(try numbers.tensor(.i32, shape: [4]) == bytes([0, 1, 2, 127] as [Int32]))
    #expect(try numbers.tensor(.u64, shape: [4]) == bytes([0, 1, 2, 127] as [UInt64]))
    #expect(try numbers.tensor(.i64, shape: [1, 4, 1]) == bytes([0, 1, 2, 127] as [Int64]))
    #expect(try numbers.tensor(.f32, shape: [4]) == bytes([0, 1, 2, 127] as [Float]))
    #expect(try numbers.tensor(.f64, shape: [4]) == bytes([0, 1, 2, 127] as [Double]))
    #expect(try parse("[true, false, 1, 0]").tensor(.bool, shape: [4]) == [1, 0, 1, 0])
    #expect(
      try parse(#"["", "aé", "x\u0000"]"#).tensor(.string, shape: [3])
        == [0, 0, 0, 0, 3, 0, 0, 0, 0x61, 0xc3, 0xa9, 2, 0, 0, 0, 0x78, 0])
    #expect(try parse("[]").tensor(.f32, shape: [0]) == [])
    #expect(try parse("[7]").tensor(.u8, shape: []) == [7])
  }

  @Test(
    "the ends of a type's range fit, what lies behind them does not",
    arguments: [
      (ElementType.u8, ["0", "255", "255.0"], ["-1", "256", "300", "1.5", "1e3", "18446744073709551615"]),
      (.i8, ["-128", "127"], ["-129", "128", "-1e9"]),
      (.u16, ["0", "65535"], ["-1", "65536"]),
      (.i16, ["-32768", "32767"], ["-32769", "32768"]),
      (.u32, ["0", "4294967295"], ["-1", "4294967296"]),
      (.i32, ["-2147483648", "2147483647"], ["-2147483649", "2147483648"]),
      (.u64, ["0", "18446744073709551615", "1e19"], ["-1", "18446744073709551616.0", "-9223372036854775808"]),
      (
        .i64, ["-9223372036854775808", "9223372036854775807"],
        ["9223372036854775808", "9223372036854775808.0", "1e300"]
      ),
      (.f32, ["3.4028235e38", "-3.4028235e38", "1e-60", "18446744073709551615"], ["3.5e38", "-1e39"]),
      (.f64, ["1.7976931348623157e308", "5e-324"], []),
      (.bool, ["0", "1", "true"], ["2", "-1", "0.5"]),
    ])
  func ranges(element: ElementType, fitting: [String], others: [String]) throws {
    for number in fitting {
      #expect(throws: Never.self, "\(number)") { try parse("[0,\(number)]").tensor(element, shape: [2]) }
    }
    for number in others {
      let said = message {
        _ = try parse(#"{"data":[[0],[\#(number)]]}"#).members().map { $0.value }[0].tensor(element, shape: [2])
      }
      #expect(said.hasPrefix("data[1][0]: ") && said.hasSuffix("does not fit \(element.rawValue)"), "\(said)")
    }
  }

  @Test(
    "what does not fit is refused, with its place",
    arguments: [
      ("[1,2,3]", ElementType.u8, [2, 2], "the request: 3 elements where the shape [2, 2] asks for 4"),
      ("[1,2,3,4,5]", .u8, [2, 2], "the request: 5 elements where the shape [2, 2] asks for 4"),
      ("[1]", .f32, [1 << 40], "the request: 1 elements where the shape [1099511627776] asks for 1099511627776"),
      ("[1]", .f32, [1 << 40, 1 << 40], "the request: the shape [1099511627776, 1099511627776] is too large"),
      ("[[1,2],[3]]", .u8, [3], "[1]: arrays of one depth are of different lengths or hold different things"),
      ("[[1,2],3]", .u8, [3], "[1]: arrays of one depth are of different lengths or hold different things"),
      ("[1,[2]]", .u8, [2], "[1]: arrays of one depth are of different lengths or hold different things"),
      ("[[],[1]]", .u8, [1], "[1]: arrays of one depth are of different lengths or hold different things"),
      ("[[1,2,3],[4,5,6]]", .u8, [3, 2], "the request: the arrays are nested as [2, 3] where the shape is [3, 2]"),
      ("[1,null]", .u8, [2], "[1]: null stands where a whole number is expected"),
      ("[1,true]", .f32, [2], "[1]: true stands where a number is expected"),
      ("[\"1\"]", .f32, [1], "[0]: the string \"1\" stands where a number is expected"),
      ("[1,{\"x\":[2]}]", .u8, [2], "[1]: an object stands where a whole number is expected"),
      ("[1]", .string, [1], "[0]: 1 stands where a string is expected"),
      ("[\"a\",\"b\"]", .string, [1], "the request: 2 elements where the shape [1] asks for 1"),
      ("[\"true\"]", .bool, [1], "[0]: the string \"true\" stands where true or false is expected"),
      ("5", .u8, [1], "the request: 5 stands where an array is expected"),
      ("[1]", .f16, [1], "the request: FP16 has no form in JSON: send it as binary data"),
      ("[1]", .bf16, [1], "the request: BF16 has no form in JSON: send it as binary data"),
    ])
  func refusals(text: String, element: ElementType, shape: [Int], expected: String) {
    #expect(message { _ = try parse(text).tensor(element, shape: shape) } == expected)
  }

  @Test("any numbers come back, flat or nested in any way that fits")
  func roundTrip() throws {
    var dice = SeededRandom(11)
    for _ in 0..<200 {
      let shape = (0..<Int.random(in: 1...4, using: &dice)).map { _ in Int.random(in: 0...4, using: &dice) }
      let count = shape.reduce(1, *)
      let floats = (0..<count).map { _ in
        let float = Float(bitPattern: dice.next32())
        return float.isFinite ? float : 0
      }
      let wholes = (0..<count).map { _ in Int64(bitPattern: dice.next()) }
      #expect(try parse(nested(floats, shape)).tensor(.f32, shape: shape) == bytes(floats.map { $0 }))
      #expect(try parse(nested(wholes, [count])).tensor(.i64, shape: shape) == bytes(wholes))
    }
  }

  /// Arrays in arrays, with spaces in odd places.
  private func nested<T>(_ values: [T], _ shape: [Int]) -> String {
    guard let first = shape.first else { return "\(values[0])" }
    let inner = shape.dropFirst().reduce(1, *)
    let parts = (0..<first).map { nested(Array(values[$0 * inner..<($0 + 1) * inner]), Array(shape.dropFirst())) }
    return "[ " + parts.joined(separator: ",\n") + "]"
  }

  @Test("a picture's numbers are read whole, at any nesting")
  func picture() throws {
    var dice = SeededRandom(3)
    let values = (0..<224 * 224 * 3).map { _ in UInt8.random(in: 0...255, using: &dice) }
    let flat = "[" + values.map { "\($0)" }.joined(separator: ",") + "]"
    #expect(try parse(flat).tensor(.u8, shape: [1, 224, 224, 3]) == values)
    #expect(try parse(nested(values, [1, 224, 224, 3])).tensor(.u8, shape: [1, 224, 224, 3]) == values)
    let broken = flat.dropLast() + ",256]"
    #expect(
      message { _ = try parse(String(broken)).tensor(.u8, shape: [150_529]) } == "[150528]: 256 does not fit UINT8")
  }
}

extension SeededRandom {
  fileprivate mutating func next32() -> UInt32 { UInt32(truncatingIfNeeded: next()) }
}

@Suite("JSON: text of tensors")
struct TensorTextTests {
  private func text<T>(_ values: [T], _ element: ElementType) throws -> String {
    try values.withUnsafeBytes {
      String(decoding: try TensorText.of(RawSpan(_unsafeBytes: $0), element), as: UTF8.self)
    }
  }

  @Test("numbers are as short as can be, and what JSON does not have is null")
  func plain() throws {
    let floats: [Float] = [0, -0.0, 1, 0.1, -2.5, 1e-10, 16_777_216, 1e10, .nan, .infinity, -.infinity]
    #expect(try text(floats, .f32) == "[0,-0.0,1,0.1,-2.5,1e-10,16777216,1e+10,null,null,null]")
    #expect(try text([1 / 3.0, Double.leastNonzeroMagnitude], .f64) == "[0.3333333333333333,5e-324]")
    #expect(try text([0, 1, 2] as [UInt8], .bool) == "[false,true,true]")
    #expect(try text([Int64.min, .max], .i64) == "[-9223372036854775808,9223372036854775807]")
    #expect(try text([UInt64.max], .u64) == "[18446744073709551615]")
    #expect(try text([] as [Float], .f32) == "[]")
    #expect(throws: Fault.self) { try text([1, 2, 3] as [UInt8], .u16) }
    for element in [ElementType.f16, .bf16, .string] {
      #expect(throws: Fault.self) { try text([0, 0, 0, 0] as [UInt8], element) }
    }
  }

  @Test("any numbers of any type read back to the same bytes")
  func roundTrip() throws {
    var dice = SeededRandom(5)
    for element in ElementType.allCases where ![.f16, .bf16, .string].contains(element) {
      for _ in 0..<60 {
        let count = Int.random(in: 0...20, using: &dice)
        var bytes = (0..<count * element.byteCount).map { _ in UInt8.random(in: 0...255, using: &dice) }
        switch element {
        case .bool: bytes = bytes.map { $0 & 1 }
        case .f32: bytes = finite(bytes, as: Float.self)
        case .f64: bytes = finite(bytes, as: Double.self)
        default: break
        }
        let written = try TensorText.of(bytes.span.bytes, element)
        let back = try JSONDocument(parsing: written.span.bytes, name: "x").root.tensor(element, shape: [count])
        #expect(back == bytes, "\(element): \(String(decoding: written, as: UTF8.self))")
      }
    }
  }

  /// Numbers that are not finite are 1 instead.
  private func finite<F: BinaryFloatingPoint>(_ bytes: [UInt8], as: F.Type) -> [UInt8] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<F>.size).map {
        raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<F>.size, as: F.self)
      }
    }
    .map { $0.isFinite ? $0 : 1 }.flatMap { value in withUnsafeBytes(of: value) { Array($0) } }
  }
}
