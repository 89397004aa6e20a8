import Base
import TestKit
import Testing

@testable import Items

struct SearchWordsTests {
  @Test func `words are letters and digits, without case and accents`() {
    #expect(SearchWords.asked(in: "Äpfel_und-Birnen (final).MP4") == ["apfel", "und", "birnen", "final", "mp4"])
    #expect(SearchWords.asked(in: "Straße STRASSE ΣΊΣΥΦΟΣ İstanbul") == ["strasse", "σισυφοσ", "istanbul"])
    #expect(SearchWords.asked(in: "e\u{301}lan \u{c9}lan ELAN") == ["elan"])
    #expect(SearchWords.asked(in: "हिन्दी").count == 1, "vowel signs are part of a word")
  }

  @Test func `a symbol is a word, signs are none`() {
    #expect(SearchWords.asked(in: "\u{1f3ac}\u{fe0f}final\u{1f44d}\u{1f3fd}") == ["\u{1f3ac}", "final", "\u{1f44d}"])
    for text in ["", " ", "\"", "*", "--", "\0", "?!(){}^:+", "\u{200b}"] {
      #expect(SearchWords.asked(in: text).isEmpty && SearchWords.all(in: text).isEmpty)
    }
    #expect(SearchWords.asked(in: "a\0b NEAR(x, 2) \"c*\" AND") == ["a", "b", "near", "x", "2", "c", "and"])
  }

  @Test func `a word begins at every letter where a script sets no spaces`() {
    #expect(SearchWords.all(in: "春の広告2") == ["春の広告2", "の広告2", "広告2", "告2", "2"])
    #expect(SearchWords.all(in: "clip01") == ["clip01"])
    #expect(SearchWords.asked(in: "広告") == ["広告"])
  }

  @Test func `of a word the first 32 characters count`() {
    let long = String(repeating: "x", count: 40)
    #expect(SearchWords.asked(in: long) == [String(long.prefix(32))] && SearchWords.all(in: long).count == 1)
  }
}

struct TextDeclarationTests {
  private let index = TextIndexDeclaration(
    "text", partition: [.text("CLIENT"), .attribute("client")], filters: ["state", "tags"], words: ["name", "tags"])

  private func entry(_ body: String) throws(Fault) -> TextEntry? {
    try index.entry(of: ItemBody(Array(body.utf8), of: ItemKey("a", "b")))
  }

  @Test func `an entry holds the values and the words of its attributes`() throws {
    let body = "{\"client\":\"a#b\",\"state\":\"new\",\"name\":\"One two\",\"tags\":[\"Red Car\",\"x\"],\"other\":5}"
    let entry = try #require(try entry(body))
    func allows(_ query: TextQuery) throws -> Bool {
      try index.allows(query, Array(body.utf8), of: ItemKey("a", "b"))
    }
    #expect(entry.partition == "CLIENT#a%23b")
    #expect(entry.filters == [.init("state", "new"), .init("tags", "Red Car"), .init("tags", "x")])
    #expect(entry.words == ["one", "two", "red", "car", "x"])
    #expect(try allows(TextQuery("CLIENT#a%23b", filters: [("tags", "x"), ("state", "new")])))
    #expect(try !allows(TextQuery("CLIENT#a%23b", filters: [("tags", "red car")])))
    #expect(try !allows(TextQuery("CLIENT#a")))
  }

  @Test func `an item without its partition has no entry, whatever else it holds`() throws {
    #expect(try entry("{\"name\":5}") == nil)
    #expect(try entry("{\"client\":null,\"name\":\"x\"}") == nil)
    #expect(try entry("{\"client\":\"a\"}")?.words.isEmpty == true)
    #expect(throws: Fault.self) { try entry("{\"client\":\"a\",\"name\":5}") }
    #expect(throws: Fault.self) { try entry("{\"client\":\"a\",\"tags\":[\"x\",5]}") }
    let many = (0...ItemLimits.wordCount).map { "\($0)" }.joined(separator: " ")
    #expect(throws: Fault.self) { try entry("{\"client\":\"a\",\"name\":\"\(many)\"}") }
  }

  @Test func `a token fits the same words and filters, and no others`() throws {
    let query = TextQuery("p", filters: [("state", "new")], text: "Red car")
    let token = PageToken(query, index: "text", behind: 1 << 40)
    #expect(try token.row(in: query, index: "text") == 1 << 40)
    #expect(
      try token.row(in: TextQuery("p", filters: [("state", "new")], text: "red, CAR", limit: 3), index: "text") > 0)
    let others = [
      TextQuery("q", filters: [("state", "new")], text: "red car"), TextQuery("p", text: "red car"),
      TextQuery("p", filters: [("state", "new")], text: "red"),
      TextQuery("p", filters: [("state", "old")], text: "red car"),
    ]
    for other in others { #expect(throws: Fault.self) { try token.row(in: other, index: "text") } }
    #expect(throws: Fault.self) { try token.row(in: query, index: "other") }
    #expect(throws: Fault.self) { try token.place(in: Query("p"), index: "text") }
    #expect(throws: Fault.self) { try PageToken(text: "00").row(in: query, index: "text") }
  }

  @Test func `a search has limits, and only the filters of its index`() {
    let wrong = [
      TextQuery(""), TextQuery("p", limit: 0), TextQuery("p", filters: [("name", "x")]),
      TextQuery("p", text: String(repeating: "x", count: 1025)),
      TextQuery("p", text: (0..<33).map { "\($0)" }.joined(separator: " ")),
      TextQuery("p", filters: (0..<33).map { ("tags", "\($0)") }),
    ]
    for query in wrong { #expect(throws: Fault.self) { try query.check(for: index) } }
  }
}
