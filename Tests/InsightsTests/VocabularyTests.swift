import Base
import Insights
import Testing

@Suite struct VocabularyTests {
  private let words = Vocabulary.builtIn

  @Test func `Every class of ImageNet and place of Places365 is there, and is something`() {
    #expect(words.entries.count > 1700)
    #expect(words.entries.prefix(1000).allSatisfy { $0.id.hasPrefix("n") })
    #expect(words.entries.dropFirst(1000).prefix(365).allSatisfy { $0.id.hasPrefix("place:") })
    #expect(Set(words.entries.map(\.name)).count == words.entries.count)
  }

  @Test(arguments: [
    ("goldfish", "n01443537"), ("goldfish, Carassius auratus", "n01443537"), ("n01443537", "n01443537"),
    ("half track", "n03478589"), ("HALF TRACK", "n03478589"), ("/a/airfield", "place:airfield"),
    ("maillot, tank suit", "n03710721"), ("apartment_building/outdoor", "place:apartment_building/outdoor"),
    ("Cardigan", "n02113186"), ("cardigan", "n02963159"), ("missile", "n03773504"), ("projectile", "n04008634"),
  ])
  func `Networks spell one thing in many ways`(label: String, id: String) {
    #expect(words.entry(of: label)?.id == id)
  }

  @Test(arguments: ["crane", "maillot", "unsafe", "", ",", "bottl"])
  func `What means several things, or nothing, is not guessed`(label: String) {
    #expect(words.entry(of: label) == nil)
  }

  @Test func `What is above is told nearest first`() throws {
    let tabby = try #require(words.entry(of: "tabby"))
    let above = words.ancestors(of: tabby).compactMap { words.entry(of: $0)?.name }
    #expect(above.first == "domestic cat" && above.contains("animal") && above.last != "domestic cat")
  }

  @Test func `A vocabulary of one's own is read`() throws {
    let own = try Vocabulary.read(
      bytes: Array("# mine\nname\tmine\nversion\t7\na\tb\tApple\tapple|pomme\nb\t\tFruit\n".utf8), name: "mine.tsv")
    #expect(own.version == "7" && own.entry(of: "pomme")?.name == "Apple")
    #expect(own.ancestors(of: try #require(own.entry(of: "a"))) == ["b"])
  }

  @Test(arguments: [
    ("a\t\tApple\n", "a line 'name' and a line 'version' must say"),
    ("name\tx\nversion\t1\na\tApple\n", "x.tsv:3: expected id, parents, name"),
    ("name\tx\nversion\t1\na\tz\tApple\n", "x.tsv:3: 'a' is a kind of 'z', and no line has this id"),
    ("name\tx\nversion\t1\na\tb\tA\nb\ta\tB\n", "x.tsv:3: 'a' is a kind of itself"),
    ("name\tx\nversion\t1\na\t\tA\na\t\tB\n", "x.tsv:4: the id 'a' stands here again"),
  ])
  func `A vocabulary with a mistake is refused with its line`(text: String, message: String) {
    let fault = #expect(throws: Fault.self) { try Vocabulary.read(bytes: Array(text.utf8), name: "x.tsv") }
    #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
  }
}
