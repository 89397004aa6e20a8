import Base
import TestKit
import Testing
import YAML

struct DocumentTests {
  private func fault(_ text: String) throws -> String {
    try #require(throws: Fault.self, "\(text)") { try YAMLDocument.parse(text, name: "d") }.message
  }

  @Test("A document keeps order, places and quotes")
  func order() throws {
    let document = try YAMLDocument.parse("b: 1\na: ['x', y]\n", name: "d").root
    guard case .map(let entries) = document.kind else { return #expect(Bool(false)) }
    #expect(entries.map(\.key) == ["b", "a"])
    #expect(entries[1].place == YAMLPlace(line: 2, column: 1))
    guard case .list(let items) = entries[1].node.kind else { return #expect(Bool(false)) }
    #expect(items.map(\.kind) == [.scalar("x", quoted: true), .scalar("y", quoted: false)])
    #expect(items.map(\.place) == [YAMLPlace(line: 2, column: 5), YAMLPlace(line: 2, column: 10)])
  }

  @Test("Columns count characters, and JSON is read as well")
  func columns() throws {
    let document = try YAMLDocument.parse("{\"ä€\": \"x\", \"k\": [true]}", name: "d").root
    guard case .map(let entries) = document.kind else { return #expect(Bool(false)) }
    #expect(entries.map(\.key) == ["ä€", "k"] && entries[1].place == YAMLPlace(line: 1, column: 13))
  }

  @Test("Nothing, comments and null are an empty document for those who allow one, and a fault for the others")
  func empty() throws {
    for text in ["", "\n\n", "# a\n", "---\n...\n", "~", "null"] {
      let document = try YAMLDocument.parseUnlessEmpty(Array(text.utf8), name: "d")
      #expect(document?.root == nil, "\(text)")
    }
    #expect(try fault("") == "d: the document is empty")
    #expect(try YAMLDocument.parseUnlessEmpty(Array("''".utf8), name: "d") != nil)
    #expect(throws: Fault.self) { try YAMLDocument.parseUnlessEmpty([UInt8(ascii: "[")], name: "d") }
  }

  @Test(
    "What is not allowed is told with its place and the way out",
    arguments: [
      ("a: &x 1", "d:1:4: the anchor '&x' is not allowed here: write the value out"),
      ("a: *x", "d:1:4: the alias '*x' is not allowed here: write the value out"),
      ("a: !!int 1", "d:1:4: the tag 'tag:yaml.org,2002:int' is not allowed here: take it away"),
      ("a: 1\na: 2", "d:2:1: the key 'a' stands here again, it is already in line 1"),
      ("[a]: 1", "d:1:1: a key must be a word"),
      ("a\n---\nb", "d:2:1: a second document begins here: keep one to a file"),
      ("a:\n\tb: 1", "d:2:1: a tab stands where the line is indented: use spaces"),
      ("a: b: c", "d:1:5: a ':' stands where none can be: put quotes around a text that has one"),
    ])
  func refused(_ text: String, _ message: String) throws { #expect(try fault(text) == message) }

  @Test("A document has limits of length, depth and number")
  func limits() throws {
    var limits = YAMLDocument.Limits()
    (limits.bytes, limits.nodes) = (100, 5)
    for text in [String(repeating: "a", count: 101), "[1, 2, 3, 4, 5]"] {
      #expect(throws: Fault.self) { try YAMLDocument.parse(Array(text.utf8), name: "d", limits: limits) }
    }
    #expect(try YAMLDocument.parse(Array("[1, 2, 3, 4]".utf8), name: "d", limits: limits).name == "d")
    #expect(try fault(String(repeating: "[", count: 10_000)) == "d:1:33: nested deeper than 32 levels")
  }

  @Test("Any bytes end in a tree or a fault")
  func anyBytes() {
    var state: UInt64 = 7
    let alphabet = Array("ab:-[]{}&*!|>'\"#%@`,? \n\t0.\u{fe}é".utf8)
    for _ in 0..<5_000 {
      let bytes = (0..<40).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      do throws(Fault) { _ = try YAMLDocument.parse(bytes, name: "d") } catch { #expect(error.kind == .badInput) }
    }
  }
}

struct ValueTests {
  private enum Key: String, CaseIterable { case side, name, list }
  private enum Word: String, CaseIterable { case small, large }

  private func value(_ text: String) throws -> YAMLValue { try YAMLDocument.parse(text, name: "d").value("the thing") }

  private func message<T>(_ body: () throws -> T) throws -> String {
    try #require(throws: Fault.self) { _ = try body() }.message
  }

  @Test("Values come out as what they are asked for")
  func right() throws {
    let fields = try value("{side: 7, name: large, list: [1.5, -2e1]}").fields(Key.self)
    #expect(try fields.required(.side).wholeNumber(in: 1...9, example: 3) == 7)
    #expect(try fields.required(.name).choice(of: Word.self) == .large)
    #expect(try fields.required(.list).items().map { try $0.number(example: "1") } == [1.5, -20])
    #expect(try fields.required(.side).itemsOrOne().count == 1 && fields.required(.list).isList)
    #expect(try value("true").flag() && !value("false").flag())
    #expect(try value("'~'").text() == "~" && value("|\n a\n b\n").text() == "a\nb\n")
    #expect(try value("{}").fields(Key.self)[.side] == nil)
  }

  @Test("What does not fit is told with its place, its name and what was expected")
  func wrong() throws {
    #expect(
      try message { try value("[]").fields(Key.self) } == "d:1:1: this is a list, the thing must be a group of keys")
    #expect(try message { try value("{sid: 1}").fields(Key.self) }.contains("(did you mean 'side'?)"))
    #expect(try message { try value("{}").fields(Key.self).required(.name) }.contains("the key 'name' is missing"))
    #expect(try message { try value("0").wholeNumber(in: 1...9, example: 3) }.contains("expected 1 to 9"))
    #expect(try message { try value("'3'").wholeNumber(in: 1...9, example: 3) }.contains("write it without quotes"))
    #expect(try message { try value("1.5").wholeNumber(in: 1...9, example: 3) }.contains("expected e.g. 3"))
    for text in ["nan", "inf", "0x10", "1e99"] {
      #expect(try message { try value(text).number(example: "0.5") }.contains("expected e.g. 0.5"), "\(text)")
    }
    #expect(try message { try value("smal").choice(of: Word.self) }.contains("(did you mean 'small'?)"))
    #expect(try message { try value("yes").flag() }.contains("expected true or false"))
    #expect(try message { try value("~").text() } == "d:1:1: the thing has no value")
    let nested = try value("{list: [1, {a: b}]}").fields(Key.self).required(.list).items()
    #expect(try message { try nested[1].text() } == "d:1:12: this is a group of keys, item 2 of list must be text")
  }
}
