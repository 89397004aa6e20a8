import Base
import Testing

struct TextSearchTests {
  @Test(
    "Words are found where they stand first, and each of them is replaced",
    arguments: [
      ("aaab", "ab", 2, "aa-"), ("abab", "ab", 0, "--"), ("a", "ab", nil, "a"), ("", "a", nil, ""),
      ("aaa", "aa", 0, "-a"), ("größer", "ß", 4, "gr\u{f6}-er"), ("x://y", "://", 1, "x-y"), ("ab", "ab", 0, "-"),
    ] as [(String, String, Int?, String)])
  func found(text: String, words: String, place: Int?, replaced: String) {
    let range = text.firstRange(of: words)
    #expect(range.map { text.utf8.distance(from: text.utf8.startIndex, to: $0.lowerBound) } == place)
    #expect(range.map { String(text[$0]) == words } ?? true)
    #expect(text.contains(words) == (place != nil))
    #expect(text.replacing(words, with: "-") == replaced)
    #expect(Substring("<\(text)>").dropFirst().dropLast().replacing(words, with: "-") == replaced)
    #expect(text.ranges(of: words).count == replaced.filter { $0 == "-" }.count)
  }

  @Test("No words stand at the beginning, once, and nothing is replaced there")
  func none() {
    #expect("ab".firstRange(of: "")?.isEmpty == true && "ab".ranges(of: "").isEmpty)
    #expect("ab".replacing("", with: "-") == "ab")
    #expect([UInt8](1...9).firstRange(of: [4, 5]) == 3..<5 && [UInt8](1...9).firstRange(of: [5, 4]) == nil)
  }
}
