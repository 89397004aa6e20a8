import Base
import Foundation
import TestKit
import Testing
import Tokenization

/// Held against Hugging Face's tokenizers; `Tests/Fixtures/tokens/make_golden.py` made what is expected.
struct WordPieceTests {
  private struct Golden: Decodable {
    struct Row: Decodable {
      var text: String
      var ids: [Int32]
      var lowercase: Bool?
    }

    var large: [Row]
    var tokens: [String]
    var small: [Row]
  }

  private static func golden() throws -> Golden {
    let data = try Data(contentsOf: URL(filePath: Checkout.path + "/Tests/Fixtures/tokens/golden.json"))
    return try JSONDecoder().decode(Golden.self, from: data)
  }

  private func vocabulary(_ tokens: [String]) throws -> Vocabulary {
    try Vocabulary(lines: Array(tokens.map { $0 + "\n" }.joined().utf8))
  }

  private func check(_ rows: [Golden.Row], _ vocabulary: Vocabulary, begin: Int32, end: Int32) {
    for row in rows {
      let pieces = WordPiece(vocabulary, isLowercase: row.lowercase ?? true, length: 4096)
      let encoded = pieces.encode(row.text)
      #expect(encoded.ids == [begin] + row.ids + [end], "\(row.text.debugDescription)")
      #expect(!encoded.isCut)
    }
  }

  @Test func `tokens of a few lines are those of tokenizers, with case and without`() throws {
    let golden = try Self.golden()
    #expect(golden.small.count == 18)
    check(golden.small, try vocabulary(golden.tokens), begin: 2, end: 3)
  }

  @Test(.enabled(if: AnalyserData.isThere, Comment(rawValue: AnalyserData.whyNot)))
  func `tokens of BERT's vocabulary are those of tokenizers, for texts of many scripts`() throws {
    let bytes = try FileSystem.read(AnalyserData.path("all-MiniLM-L6-v2_vocab.txt"), limit: Vocabulary.mostBytes)
    let (golden, vocabulary) = (try Self.golden(), try Vocabulary(lines: bytes))
    #expect(vocabulary.count == 30522 && golden.large.count > 80)
    check(golden.large, vocabulary, begin: 101, end: 102)
  }

  @Test func `what is longer is cut, the mark at the end stays, and it is told`() throws {
    let vocabulary = try vocabulary(Self.golden().tokens)
    let pieces = WordPiece(vocabulary, isLowercase: true, length: 5)
    #expect(pieces.encode("a beach people").ids == [2, 4, 5, 10, 3])
    #expect(!pieces.encode("a beach people").isCut)
    let cut = pieces.encode("a beach people a")
    #expect(cut.ids == [2, 4, 5, 10, 3] && cut.isCut)
    #expect(pieces.encode("peoples beaches").ids == [2, 10, 11, 5, 3])
  }

  @Test func `words without tokens are told, and marks in a text are text`() throws {
    let pieces = WordPiece(try vocabulary(Self.golden().tokens), isLowercase: true, length: 64)
    let encoded = pieces.encode("a Zebra [SEP] beach")
    #expect(encoded.unknown == ["zebra", "[", "sep", "]"])
    #expect(encoded.ids == [2, 4, 1, 1, 1, 1, 5, 3])
  }

  @Test func `what is no vocabulary is refused with what is missing`() throws {
    for missing in ["[CLS]", "[SEP]", "[UNK]"] {
      let tokens = ["[CLS]", "[SEP]", "[UNK]", "a"].filter { $0 != missing }
      #expect {
        try vocabulary(tokens)
      } throws: { error in (error as? Fault)?.message.contains(missing) == true }
    }
    #expect(throws: Fault.self) { try Vocabulary(lines: []) }
    let windows = try Vocabulary(lines: Array("[CLS]\r\n[SEP]\r\n[UNK]\r\na\r\n".utf8))
    #expect(WordPiece(windows, isLowercase: true, length: 9).encode("a").ids == [0, 3, 1])
  }
}
