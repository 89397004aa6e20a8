import Base
import JSON
import TestKit
import Testing

func parse(_ text: String) throws -> JSONValue { try JSONDocument(parsing: text, name: "the request").root }

/// The message of the fault that a step ends in.
func message(_ body: () throws -> Void) -> String {
  do { try body() } catch let fault as Fault { return fault.message } catch { return "another error: \(error)" }
  return "no fault"
}

@Suite("JSON: reading")
struct ReadingTests {
  @Test("values are found by key and in order, and are what the text says")
  func values() throws {
    let root = try parse(
      #" {"a": [1, -2, 3.5, "x\n\u00e9🦊", true, false, null, {}, []], "b": {"c": 18446744073709551615}} "#)
    let members = try root.members().map { $0 }
    #expect(members.map(\.key) == ["a", "b"])
    let items = try members[0].value.elements().map { $0 }
    let kinds: [JSONValue.Kind] = [.number, .number, .number, .string, .bool, .bool, .null, .object, .array]
    #expect(items.map(\.kind) == kinds)
    #expect(try items[0].integer() == 1)
    #expect(try items[1].integer(in: -2...0) == -2)
    #expect(try items[1].number() == -2)
    #expect(try items[2].number() == 3.5)
    #expect(try items[3].string() == "x\né🦊")
    #expect(try items[4].bool() && !items[5].bool())
    #expect(items[6].isNull)
    let large = try #require(members[1].value.members().map { $0.value }.first)
    #expect(try large.number() == 0x1p64)
    #expect(
      message { _ = try large.integer(in: 0...9) }
        == "b.c: 18446744073709551615 is out of range, expected 0 to 9")
  }

  @Test(
    "whole numbers may be written with a point or an exponent",
    arguments: [("3", 3), ("3.0", 3), ("3e2", 300), ("-0.0", 0), ("9007199254740993", 9_007_199_254_740_993)])
  func wholeNumbers(text: String, value: Int) throws { #expect(try parse(text).integer() == value) }

  @Test("texts that are not JSON are refused")
  func malformed() {
    let texts = [
      "", " ", "{", "[1,]", "[1 2]", #"{"a":1,}"#, #"{a:1}"#, "NaN", "[Infinity]", "01", "+1", "1.", ".5", "'x'", "nul",
      "1 2", "{} {}", "\"\n\"", "\"\\x\"", "[1]]", "/* */ 1", "100000000000000000000000000", "\u{feff}1", "1e999",
    ]
    for text in texts {
      #expect(message { _ = try parse(text) }.hasPrefix("the request: not well-formed JSON"), "\(text)")
    }
    let notUTF8: [UInt8] = [0x22, 0xff, 0x22]
    #expect(
      message { _ = try JSONDocument(parsing: notUTF8.span.bytes, name: "x") }
        == "x: not well-formed JSON: it is not text in UTF-8")
    #expect(message { _ = try parse("[1e999]") }.contains("a number is too large"))
    #expect(message { _ = try parse("[1,]") }.contains("commas, brackets or quotes"))
    let nothing: [UInt8] = []
    #expect(throws: Fault.self) { try JSONDocument(parsing: nothing.span.bytes, name: "x") }
  }

  @Test("nesting has a limit, and is read up to it")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try parse(nested(63)) }
    #expect(
      message { _ = try parse(nested(65)) }
        == "the request: arrays and objects are nested deeper than 64, which is not read here")
    #expect(throws: Fault.self) { try parse(nested(1_000_000)) }
    #expect(try parse(nested(63)).tensor(.u8, shape: [1, 0]) == [])
  }

  @Test(
    "a fault names its place and what stands there",
    arguments: [
      (
        #"{"inputs":[{"shape":[1,"x"]}]}"#,
        #"inputs[0].shape[1]: the string "x" stands where a whole number is expected"#
      ),
      (
        #"{"inputs":[{"shape":[]},{"shape":[[1.5]]}]}"#,
        "inputs[1].shape[0]: an array stands where a whole number is expected"
      ),
      (#"{"inputs":[{"shape":[-1]}]}"#, "inputs[0].shape[0]: -1 is out of range, expected 0 or more"),
      (#"{"inputs":[{"shape":[0.5]}]}"#, "inputs[0].shape[0]: 0.5 is not a whole number"),
      (
        #"{"inputs":[{"shape":[1e300]}]}"#,
        "inputs[0].shape[0]: 1e+300 is out of range, expected 0 to 9223372036854775807"
      ),
      (#"{"inputs":[7]}"#, "inputs[0]: 7 stands where an object is expected"),
      (#"{"inputs":{}}"#, "inputs: an object stands where an array is expected"),
      ("[]", "the request: an array stands where an object is expected"),
      (#"{"output":1}"#, "the request: the key 'output' is not known here (did you mean 'outputs'?)"),
      (#"{"wholly new":1}"#, "the request: the key 'wholly new' is not known here, expected inputs, outputs"),
      (#"{"outputs":1}"#, "the request: the key 'inputs' is missing"),
      (#"{"inputs":[],"outputs":1,"inputs":[]}"#, "the request: the key 'inputs' stands here twice"),
    ])
  func places(text: String, expected: String) {
    enum Key: String, CaseIterable { case inputs, outputs }
    enum Inner: String, CaseIterable { case shape }
    let said = message {
      let fields = try parse(text).fields(Key.self)
      for input in try fields.required(.inputs).elements() {
        for side in try input.fields(Inner.self).required(.shape).elements() { _ = try side.integer(in: 0 ... .max) }
      }
    }
    #expect(said.hasPrefix(expected), "\(said)")
  }

  @Test("keys that a path cannot show plainly are quoted, and long ones cut")
  func oddKeys() throws {
    let root = try parse(#"{"a.b":{"":[0,{"\#(String(repeating: "k", count: 500))":null}]}}"#)
    var value = root
    while value.kind != .null {
      value = value.kind == .array ? try value.elements().map { $0 }[1] : try value.members().map { $0.value }[0]
    }
    #expect(value.place == #"["a.b"][""][1]["\#(String(repeating: "k", count: 40))…"]"#)
  }

  @Test("keys that are not known can be left alone, and a key that stands twice cannot")
  func others() throws {
    enum Key: String, CaseIterable { case id }
    #expect(try parse(#"{"x":1,"id":"7","x":2}"#).fields(Key.self, others: .ignored)[.id]?.string() == "7")
    #expect(throws: Fault.self) { try parse(#"{"id":"7","x":2,"id":"8"}"#).fields(Key.self, others: .ignored) }
  }

  @Test("a choice is one of its words")
  func choices() throws {
    enum Word: String, CaseIterable { case red, green }
    #expect(try parse(#""red""#).choice(of: Word.self) == .red)
    #expect(message { _ = try parse(#""gren""#).choice(of: Word.self) }.contains("did you mean 'green'?"))
    #expect(throws: Fault.self) { try parse("1").choice(of: Word.self) }
  }

  @Test("whatever a good text is turned into, it is read or refused")
  func damage() throws {
    let good = Array(#"{"inputs":[{"name":"x","shape":[2,2],"data":[[1,2.5e3],[-3,"\u00e9"]]}],"p":{"q":null}}"#.utf8)
    var dice = SeededRandom(7)
    func walk(_ value: JSONValue) throws {
      _ = value.place
      for element in ElementType.allCases { _ = try? value.tensor(element, shape: [2, 2]) }
      switch value.kind {
      case .array: for element in try value.elements() { try walk(element) }
      case .object: for (_, member) in try value.members() { try walk(member) }
      case .string: _ = try value.string()
      case .number: _ = try value.number()
      case .bool: _ = try value.bool()
      case .null: break
      }
    }
    var read = 0
    for _ in 0..<3000 {
      var text = good
      for _ in 0..<Int.random(in: 1...3, using: &dice) {
        let at = Int.random(in: 0..<text.count, using: &dice)
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: text[at] = Array("[]{}\",:0123456789.eE-ntfu\\ ".utf8).randomElement(using: &dice)!
        case 1: text.remove(at: at)
        default: text[at] = UInt8.random(in: 0...255, using: &dice)
        }
      }
      if let document = try? JSONDocument(parsing: text.span.bytes, name: "x") {
        try walk(document.root)
        read += 1
      }
    }
    #expect(read > 100)
  }
}
