import Base
import Items
import TestKit
import Testing

struct KeyTests {
  @Test func `numbers and moments stand in their order as text`() {
    var random = SeededRandom(1)
    var numbers = [Int.min, .min + 1, -1_000_000, -10, -2, -1, 0, 1, 2, 9, 10, 11, 1_000_000, .max - 1, .max]
    numbers += (0..<500).map { _ in Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<60, using: &random) }
    let texts = numbers.map(CompositeKey.number)
    #expect(texts.allSatisfy { $0.utf8.count == 20 })
    #expect(texts.map(CompositeKey.number(of:)) == numbers)
    let order = numbers.sorted()
    #expect(
      zip(order, order.dropFirst()).allSatisfy { $0 == $1 || CompositeKey.number($0).isBefore(CompositeKey.number($1)) }
    )
    for text in ["", "5", "0000000000000000000x", "x0000000000000000001"] {
      #expect(CompositeKey.number(of: text) == nil)
    }
  }

  @Test func `a moment is written as the calendar has it`() {
    for seconds in [0, 951_782_400, 951_868_799, 1_709_164_800, 1_795_768_284, 4_107_542_400, 253_402_300_799] {
      let text = CompositeKey.time(milliseconds: seconds * 1000 + 7)
      #expect(text == UTC.text(seconds).dropLast() + ".007Z")
    }
    #expect(CompositeKey.time(milliseconds: -5) == "1970-01-01T00:00:00.000Z")
    #expect(CompositeKey.time(milliseconds: .max) == "9999-12-31T23:59:59.999Z")
  }

  @Test func `no name reaches into the keys of another`() {
    #expect(CompositeKey.joined("CLIENT", "a#BRAND#b") == "CLIENT#a%23BRAND%23b")
    for parts in [["a", "b"], ["", ""], ["100%", "#", "\u{0}\n", "Straße", "%23"]] {
      #expect(CompositeKey.parts(of: CompositeKey.joined(parts)) == parts)
    }
    #expect(CompositeKey.joined("a#", "b") != CompositeKey.joined("a", "#b"))
  }

  @Test func `keys are bytes, not characters`() throws {
    let (composed, decomposed) = (ItemKey("caf\u{e9}", "x"), ItemKey("cafe\u{301}", "x"))
    #expect(composed.partition == decomposed.partition, "Swift takes them for one text")
    #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
    #expect(ItemKey("a", "Z") < ItemKey("a", "a") && ItemKey("a", "b") < ItemKey("b", "a"))
    for key in [
      ItemKey("", "x"), ItemKey("x", ""), ItemKey("a\0b", "x"), ItemKey("x", String(repeating: "x", count: 1025)),
    ] {
      #expect(throws: Fault.self) { try key.check() }
    }
  }
}

struct TokenTests {
  private let query = Query("p", .prefix("A#"), limit: 10)

  @Test func `a token fits its own query, with any limit`() throws {
    let token = PageToken(query, index: nil, behind: Array("A#5".utf8))
    #expect(try token.place(in: query, index: nil) == Array("A#5".utf8))
    #expect(try token.place(in: Query("p", .prefix("A#"), limit: 3), index: nil) == Array("A#5".utf8))
  }

  @Test func `a token of another query is refused`() {
    let token = PageToken(query, index: nil, behind: Array("A#5".utf8))
    let others = [
      Query("q", .prefix("A#")), Query("p", .prefix("A")), Query("p"), Query("p", .prefix("A#"), order: .descending),
      Query("p", .between("A#", "A#9")),
    ]
    for other in others { #expect(throws: Fault.self) { try token.place(in: other, index: nil) } }
    #expect(throws: Fault.self) { try token.place(in: query, index: "client") }
  }

  @Test func `a token that was cut or changed is refused`() {
    let text = PageToken(query, index: nil, behind: Array("A#5".utf8)).text
    for count in 0..<text.count {
      let cut = PageToken(text: String(text.prefix(count)))
      #expect(throws: Fault.self) { try cut.place(in: query, index: nil) }
    }
    for place in text.indices {
      let changed =
        String(text[..<place]) + (text[place] == "0" ? "1" : "0") + String(text[text.index(after: place)...])
      #expect(throws: Fault.self) { try PageToken(text: changed).place(in: query, index: nil) }
    }
  }
}

struct IndexTests {
  private let index = IndexDeclaration(
    "brand", partition: [.text("CLIENT"), .attribute("client"), .text("BRAND"), .attribute("brand")],
    sort: [.attribute("score")], projection: ["name", "nothing", "more"])
  private var schema: TableSchema { TableSchema(version: 1, indexes: [index], unrecorded: ["READER#"]) }

  private func entry(_ body: String) throws(Fault) -> IndexEntry.Content? {
    try schema.entries(of: Array(body.utf8), at: ItemKey("a", "b")).indexes[0]
  }

  @Test func `an entry is what the body says`() throws {
    let found = try entry(
      #"{"client":"a#b","brand":"Ü","score":-5,"name":"x\n","more":{"a":[1,2.5,null,true,18446744073709551615]}}"#)
    let entry = try #require(found)
    #expect(entry.partition == "CLIENT#a%23b#BRAND#Ü" && entry.sort == CompositeKey.number(-5))
    let expected = #"{"name":"x\n","more":{"a":[1,2.5,null,true,18446744073709551615]}}"#
    #expect(String(decoding: entry.attributes, as: UTF8.self) == expected)
  }

  @Test func `an item that lacks an attribute has no entry`() throws {
    #expect(try entry(#"{"client":"a","score":1}"#) == nil)
    #expect(try entry(#"{"client":"a","brand":null,"score":1}"#) == nil)
  }

  @Test func `a member of one element of an array is a part of a key`() throws {
    let second = IndexDeclaration(
      "second", partition: [.element(of: "models", at: 1, "digest")], sort: [.text("x")], projection: [])
    let schema = TableSchema(version: 1, indexes: [second])
    let entry = { (body: String) throws in
      try schema.entries(of: Array(body.utf8), at: ItemKey("a", "b")).indexes[0]?.partition
    }
    #expect(try entry(#"{"models":[{"digest":"a"},{"name":"n","digest":"b#c"},{"digest":"d"}]}"#) == "b%23c")
    for body in [
      #"{"models":[{"digest":"a"}]}"#, #"{"models":[{"digest":"a"},{"name":"n"}]}"#, #"{"models":[1,2]}"#, "{}",
      #"{"models":[{},{"digest":null}]}"#, #"{"models":"text"}"#, #"{"models":null}"#,
    ] { #expect(try entry(body) == nil, "\(body)") }
    #expect(throws: Fault.self) { try entry(#"{"models":[{},{"digest":5}]}"#) }
    #expect(second.canonicalText.contains("element 1 of models digest"))
  }

  @Test(arguments: [
    "", "5", "[1]", #"{"client":"a""#, #"{"a":1,"a":2}"#, #"{"client":["a"],"brand":"b","score":1}"#,
    #"{"client":"a","brand":"b","score":1.5}"#,
  ])
  func `a body that an index cannot read is refused`(body: String) {
    #expect(throws: Fault.self) { try entry(body) }
  }
}
