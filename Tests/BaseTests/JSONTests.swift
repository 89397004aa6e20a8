import Base
import Foundation
import Testing

@Suite("JSON")
struct JSONTests {
  private func written(_ write: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test("commas stand between elements and nowhere else")
  func structure() {
    let text = written {
      $0.beginObject()
      $0.key("a")
      $0.beginArray()
      $0.integer(1)
      $0.beginObject()
      $0.endObject()
      $0.beginArray()
      $0.endArray()
      $0.bool(true)
      $0.endArray()
      $0.key(name: "b\"")
      $0.null()
      $0.key("c")
      $0.bool(false)
      $0.endObject()
    }
    #expect(text == #"{"a":[1,{},[],true],"b\"":null,"c":false}"#)
  }

  @Test("lines are documents of their own")
  func lines() {
    let text = written {
      $0.integer(1)
      $0.newline()
      $0.beginArray()
      $0.endArray()
      $0.newline()
    }
    #expect(text == "1\n[]\n")
  }

  @Test("a document can be drained in the middle, and another be put into it")
  func drained() {
    var json = JSONWriter()
    json.beginArray()
    json.integer(1)
    let first = json.bytes
    json.drain()
    json.embed(Array("{\"x\":2}\n\n".utf8))
    json.endArray()
    #expect(String(decoding: first + json.bytes, as: UTF8.self) == #"[1,{"x":2}]"#)
  }

  @Test("what JSON does not allow in strings is escaped, the rest is left as it is")
  func escapes() {
    #expect(
      written { $0.string("\"\\/\n\t\r\u{0}\u{1f}\u{7f}é🦊\u{2028}") }
        == "\"\\\"\\\\/\\n\\t\\u000d\\u0000\\u001f\u{7f}é🦊\u{2028}\"")
  }

  @Test("any string comes back as it was")
  func strings() throws {
    for _ in 0..<200 {
      let scalars = (0..<Int.random(in: 0...20)).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x2ff)) }
      let text = String(String.UnicodeScalarView(scalars))
      let back = try JSONSerialization.jsonObject(
        with: Data(written { $0.string(text) }.utf8), options: .fragmentsAllowed)
      #expect((back as? String)?.unicodeScalars.elementsEqual(scalars) == true)
    }
  }

  @Test(
    "numbers are rounded half away from zero, without needless zeros",
    arguments: [
      (0.0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (0.12345, "0.1235"), (-0.12345, "-0.1235"), (0.00004, "0"),
      (-0.00004, "0"), (-0.00005, "-0.0001"), (0.00005, "0.0001"), (0.5, "0.5"), (2.5, "2.5"), (1.99999, "2"),
      (-1.99999, "-2"),
      (0.0101, "0.0101"), (100.0001, "100.0001"), (123456.7, "123456.7"), (.nan, "null"), (.infinity, "null"),
      (-.infinity, "null"), (.leastNormalMagnitude, "0"), (1e20, "1e+20"), (-1e300, "-1e+300"),
      (899_999_999_999.5, "899999999999.5"),
    ])
  func numbers(value: Double, text: String) { #expect(written { $0.number(value) } == text) }

  @Test(
    "the number of decimals can be another",
    arguments: [(0, "3"), (1, "2.7"), (2, "2.72"), (6, "2.718282"), (15, "2.718281828459045")])
  func digits(digits: Int, text: String) { #expect(written { $0.number(M_E, digits: digits) } == text) }

  @Test("rounding is as printf's, but for ties within the precision of the number")
  func printf() {
    for _ in 0..<2000 {
      let value = Double.random(in: -1...1) * pow(10, Double(Int.random(in: -6...8)))
      let digits = Int.random(in: 0...6)
      let text = written { $0.number(value, digits: digits) }
      let scaled = value.magnitude * pow(10, Double(digits))
      let isTie = abs(scaled - scaled.rounded(.down) - 0.5) <= 2 * scaled.ulp
      let same = Double(text)! == Double(String(format: "%.\(digits)f", value))!
      #expect(same || isTie, "\(value) in \(digits) decimals: \(text)")
      #expect(text != "-0" && !(text.contains(".") && text.hasSuffix("0")))
    }
  }

  @Test(
    "large numbers are kept to the last bit, and are JSON",
    arguments: [1e16, 9.1e11, -123_456_789_012_345.67, .greatestFiniteMagnitude])
  func large(value: Double) throws {
    let text = written { $0.number(value) }
    let back = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? Double
    #expect(back.map { abs($0 - value) <= value.ulp } == true)
  }
}
