import Base
import TestKit
import Testing

@testable import Access

struct KeyTests {
  @Test("A key says its id, has 160 bits that only its owner knows, and is known again by nobody else")
  func shape() throws {
    var (dice, list, texts) = (SeededRandom(1), KeyList(), Set<String>())
    for number in 0..<100 {
      let new = list.create(KeyRequest(client: "acme", scopes: .all), at: number, using: &dice)
      #expect(new.text.utf8.count == 44 && new.text.hasPrefix("rk_\(new.key.id)_"))
      #expect(KeyText.id(of: new.text) == new.key.id)
      #expect(new.key.tail == String(new.text.suffix(4)))
      #expect(new.key.isKept(of: new.text))
      #expect(
        !String(decoding: list.bytes, as: UTF8.self).contains(new.text.dropFirst(12)), "the secret is not written")
      texts.insert(new.text)
    }
    let file = String(decoding: list.bytes, as: UTF8.self)
    #expect(!texts.contains { file.contains($0.dropFirst(12)) }, "no secret is written")
    #expect(texts.count == 100 && Set(list.keys.map(\.id)).count == 100)
    for (text, key) in zip(texts.sorted(), list.keys.sorted { $0.id < $1.id }).prefix(20) {
      let isKnown = text.indices.contains { index in
        var other = text
        other.replaceSubrange(index...index, with: text[index] == "q" ? "r" : "q")
        return key.isKept(of: other)
      }
      #expect(key.isKept(of: text) && !isKnown)
    }
  }

  @Test("Every letter of the alphabet comes, none more often than chance has it")
  func letters() {
    var system = SystemRandomNumberGenerator()
    let counts = Dictionary(KeyText.word(32_000, using: &system).utf8.map { ($0, 1) }, uniquingKeysWith: +)
    #expect(Set(counts.keys) == Set(KeyText.alphabet) && KeyText.alphabet.count == 32)
    // 1000 each, deviation 31: seven of them are never seen.
    #expect(counts.values.allSatisfy { (780...1220).contains($0) })
  }

  @Test(
    "What has not the form of a key has no id",
    arguments: [
      "", "rk_", "rk_abcdefgh", "rk_abcdefgh_", "sk_abcdefgh_" + String(repeating: "a", count: 32),
      "rk_abcdefgh_" + String(repeating: "a", count: 31), "rk_abcdefgh_" + String(repeating: "a", count: 33),
      "rk_abcdefgh_" + String(repeating: "A", count: 32), "rk_abcdefg1_" + String(repeating: "a", count: 32),
      "rk_abcdefgh-" + String(repeating: "a", count: 32), "rk_äbcdefg_" + String(repeating: "a", count: 32),
    ])
  func noKey(_ text: String) { #expect(KeyText.id(of: text) == nil) }

  @Test("A client's name fits into paths and logs")
  func clients() {
    for name in ["a", "acme", "acme-2.eu_x", String(repeating: "a", count: 80)] { #expect(AccessKey.isClient(name)) }
    for name in ["", "Acme", ".acme", "-a", "_a", "a b", "a/b", "a#b", "ä", String(repeating: "a", count: 81)] {
      #expect(!AccessKey.isClient(name))
    }
  }
}
