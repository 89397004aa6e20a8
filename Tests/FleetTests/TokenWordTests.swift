import Base
import Fleet
import TestKit
import Testing

@Suite struct TokenWordTests {
  private func word(_ name: String) throws -> TokenWord {
    TokenWord(
      name: try NodeName(name), secret: (0..<20).map { UInt8($0 * 13 & 255) }, pin: (0..<32).map { UInt8(255 - $0) })
  }

  @Test(arguments: ["d", "dock", "dock-7.west", String(repeating: "x", count: 63)])
  func `a word is read as it was written, with blanks around it`(_ name: String) throws {
    let word = try word(name)
    #expect(word.text.hasPrefix("rn_") && word.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f })
    #expect(try TokenWord(word.text) == word)
    #expect(try TokenWord("\r\n \(word.text)\t\n") == word)
  }

  @Test func `what is no word is refused in a sentence that does not tell it`() throws {
    let text = try word("dock").text
    var bad = ["", "rn_", "rk_abc", text + text, text + " " + text, "rn_é", String(repeating: "a", count: 10_000)]
    bad += (4..<70).map { String(text.prefix($0)) }
    bad += [text.replacing("rn_A", with: "rn_B")]
    for text in bad {
      do {
        _ = try TokenWord(text)
        Issue.record("'\(text.prefix(80))' was taken")
      } catch {
        #expect(error.kind == .badInput)
        #expect(text.utf8.count < 8 || !error.message.contains(text))
      }
    }
  }

  @Test(arguments: [
    "", ".", "-a", "_a", "A", "a/b", "a\u{0}b", "a b", "dóck", "a\n", String(repeating: "x", count: 64),
  ])
  func `names are small letters, digits and marks`(_ text: String) {
    #expect(!NodeName.isValid(text))
    #expect(throws: Fault.self) { try NodeName(text) }
  }
}
