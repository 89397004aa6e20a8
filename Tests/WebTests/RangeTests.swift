import Testing

@testable import Web

@Suite("Ranges and entity tags")
struct RangeTests {
  @Test("One range is a part, and what lies beyond the end is left out")
  func single() {
    for (header, part) in [
      ("bytes=0-0", 0..<1), ("bytes=0-", 0..<100), ("bytes=99-", 99..<100), ("bytes=10-19", 10..<20),
      ("bytes=10-1000", 10..<100), ("bytes=-1", 99..<100), ("bytes=-1000", 0..<100), ("BYTES=5-6", 5..<7),
      ("bytes= 5-6 ", 5..<7), ("bytes=5-6,", 5..<7), ("bytes=5-99999999999999999999999", 5..<100),
      ("bytes=-99999999999999999999999", 0..<100), ("bytes=200-,5-6", 5..<7),
    ] { #expect(ByteRange(header, byteCount: 100) == .part(part), "\(header)") }
  }

  @Test("What is not well formed, of another unit, or several parts is answered with all")
  func whole() {
    for header in [
      nil, "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=5", "bytes=6-5", "bytes=+5-6", "bytes=5--6",
      "items=0-1", "bytes=0-1,x", "bytes=0-1,5-6", "bytes = 0-1", "bytes=0-1;2-3", "bytes=\u{661}-5",
    ] { #expect(ByteRange(header, byteCount: 100) == .whole, "\(header ?? "nil")") }
    #expect(ByteRange("bytes=-5", byteCount: 0) == .whole)
  }

  @Test("Ranges without a byte are unsatisfiable")
  func none() {
    for header in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-", "bytes=100-,-0"] {
      #expect(ByteRange(header, byteCount: 100) == .unsatisfiable, "\(header)")
    }
    #expect(ByteRange("bytes=0-", byteCount: 0) == .unsatisfiable)
    #expect(ByteRange.contentRange(0..<1, of: 5) == "bytes 0-0/5" && ByteRange.unsatisfied(of: 5) == "bytes */5")
  }

  @Test("Entity tags are read as they are written, and compared strongly and weakly")
  func tags() {
    let (strong, weak) = (EntityTag("ab"), EntityTag("ab", isWeak: true))
    #expect(EntityTag(header: "\"ab\"") == strong && EntityTag(header: "W/\"ab\"") == weak)
    #expect(strong.text == "\"ab\"" && weak.text == "W/\"ab\"" && EntityTag(header: "\"\"")?.opaque == "")
    for wrong in ["ab", "\"ab", "ab\"", "\"", "", "w/\"ab\"", "\"a\"b\"", "\"a b\"", "W/"] {
      #expect(EntityTag(header: wrong) == nil, "\(wrong)")
    }
    #expect(strong.isSame(as: strong) && !strong.isSame(as: weak) && !weak.isSame(as: weak))
    #expect(strong.means(weak) && !strong.means(EntityTag("abc")))
  }

  @Test("Lists of tags are cut at commas that are not inside of one; a star is whatever there is")
  func lists() {
    #expect(EntityTagList([]) == nil && EntityTagList([" * "]) == .any)
    #expect(
      EntityTagList(["\"a,b\", W/\"c\" ,", "\"d\""])
        == .tags([EntityTag("a,b"), EntityTag("c", isWeak: true), EntityTag("d")]))
    #expect(EntityTagList(["nonsense"]) == .tags([]))
    let list = EntityTagList(["W/\"a\", \"b\""])
    #expect(list?.means(EntityTag("a")) == true && list?.isSame(as: EntityTag("a")) == false)
    #expect(list?.isSame(as: EntityTag("b")) == true && list?.isSame(as: nil) == false)
    #expect(EntityTagList.any.isSame(as: EntityTag("x")) && !EntityTagList.any.means(nil))
  }
}
