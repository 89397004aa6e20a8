import Base
import Testing

@Suite("Words")
struct WordTests {
  @Test(
    "bytes as text, by the vectors of RFC 4648",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func base64(plain: String, encoded: String) { #expect(Base64.encode(Array(plain.utf8)) == encoded) }

  @Test("every letter of the alphabet is used")
  func alphabet() {
    #expect(Base64.encode([0xfb, 0xff, 0xbf, 0, 0x10, 0x83]) == "+/+/ABCD")
    #expect(Base64.encode([255]) == "/w==")
  }

  @Test("the word meant is the nearest, and of two equally near ones the first by alphabet")
  func closest() {
    let known = ["threshold", "scores", "strides", "boxes"]
    #expect(Suggestion.closest(to: "treshold", among: known) == "threshold")
    #expect(Suggestion.closest(to: "scroes", among: known) == "scores")
    #expect(Suggestion.closest(to: "boxes", among: known) == "boxes")
    #expect(Suggestion.closest(to: "cat", among: ["rat", "bat"]) == "bat")
  }

  @Test("a word of another kind is no guess", arguments: ["frequency", "", "xy", "stroodlx"])
  func strange(word: String) {
    #expect(Suggestion.closest(to: word, among: ["threshold", "ab", "strides"]) == nil)
    #expect(Suggestion.hint(for: word, among: []) == "")
  }

  @Test("a hint is ready to be put behind a sentence")
  func hint() {
    #expect(Suggestion.hint(for: "stride", among: ["strides"]) == " (did you mean 'strides'?)")
    #expect(Suggestion.hint(for: "größe", among: ["grösse"]) == " (did you mean 'grösse'?)")
  }
}
