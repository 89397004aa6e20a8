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
    let odd = "b\""
    let text = written {
      $0.object {
        $0.array("a") {
          $0.integer(1)
          $0.object { _ in }
          $0.array { _ in }
          $0.bool(true)
        }
        $0.field(JSONWriter.Name(odd), nil as String?)
        $0.field("c", false)
      }
    }
    #expect(text == #"{"a":[1,{},[],true],"b\"":null,"c":false}"#)
  }

  @Test("a field of any kind says null, or nothing, where it has no value")
  func fields() {
    let text = written {
      $0.object {
        $0.field("text", "é")
        $0.field("whole", 7)
        $0.field("number", 0.5, digits: 1)
        $0.field("texts", ["a", "b"])
        $0.field("shape", [1, nil, 3])
        $0.field("known", ifKnown: 1)
        $0.field("unknown", ifKnown: nil as Int?)
        $0.field("missing", nil as Double?)
        $0.field("inside", embedding: Array("[1]\n".utf8))
        $0.object("empty") { _ in }
      }
    }
    #expect(
      text == #"{"text":"é","whole":7,"number":0.5,"texts":["a","b"],"shape":[1,null,3],"known":1,"#
        + #""missing":null,"inside":[1],"empty":{}}"#)
  }

  @Test("whole documents")
  func documents() {
    #expect(JSONWriter.object { $0.field("a", 1) } == Array(#"{"a":1}"#.utf8))
    #expect(JSONWriter.array(capacity: 8) { $0.strings([]) } == Array("[[]]".utf8))
    #expect(JSONWriter.line { _ in } == Array("{}\n".utf8))
  }

  @Test("what a closure throws leaves nothing open")
  func thrown() throws {
    var json = JSONWriter()
    do {
      try json.object { (json) throws(Fault) in
        try json.array("a") { (json) throws(Fault) in
          json.integer(1)
          throw Fault(.bug, "in the middle")
        }
      }
    } catch {}
    #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":[1]}"#)
  }

  @Test("a level that is closed takes what is open in it along, and is closed once")
  func levels() {
    var json = JSONWriter()
    var all: JSONWriter.Level? = json.openObject()
    var list: JSONWriter.Level? = json.openArray("list")
    var first: JSONWriter.Level? = json.openObject()
    _ = json.openArray("open")
    json.integer(1)
    json.close(&first)
    json.close(&first)
    json.close(&list)
    json.field("end", true)
    json.close(&all)
    #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"list":[{"open":[1]}],"end":true}"#)
  }

  @Test("lines are documents of their own")
  func lines() {
    let text = written {
      $0.integer(1)
      $0.newline()
      $0.array { _ in }
      $0.newline()
    }
    #expect(text == "1\n[]\n")
  }

  @Test("a document can be drained in the middle, and another be put into it")
  func drained() {
    var json = JSONWriter()
    var first: [UInt8] = []
    json.array {
      $0.integer(1)
      first = $0.bytes
      $0.drain()
      $0.embed(Array("{\"x\":2}\n\n".utf8))
    }
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
