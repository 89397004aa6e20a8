import Base
import Testing
import XML

struct XMLTests {
  private func read(_ text: String, _ limits: XMLElement.Limits = .init()) throws(Fault) -> XMLElement {
    try XMLElement(document: Array(text.utf8), limits: limits)
  }

  @Test("Elements have their names without prefixes, their text with its entities and their order")
  func tree() throws {
    let root = try read(
      "<?xml version=\"1.0\"?><a xmlns:s='u'><s:b>1 &lt;&#34;\u{e9}</s:b><!-- x --><c/><b><![CDATA[<2>]]></b></a>")
    #expect(root.name == "a" && root.children.map(\.name) == ["b", "c", "b"])
    #expect(root.all("b").map(\.text) == ["1 <\"\u{e9}", "<2>"] && root.text(of: "c") == "" && root["d"] == nil)
  }

  @Test(
    "What is broken, declares a document type, or is too deep or too large is refused",
    arguments: [
      "", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&x;</a>", "<a>\u{1}</a>",
      "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>",
      "<a><a><a><a><a/></a></a></a></a>", "<a><b/><b/><b/><b/><b/></a>",
      "<a>0123456789012345678901234567890123456789</a>",
    ])
  func refused(text: String) throws {
    var limits = XMLElement.Limits()
    (limits.depth, limits.elementCount, limits.byteCount) = (4, 5, text.hasPrefix("<a>0") ? 40 : 1000)
    #expect(try #require(throws: Fault.self) { try read(text, limits) }.kind == .badInput)
  }

  @Test("Nothing that comes as a document ends the reader")
  func cut() throws {
    let whole = Array("<a><b>x&amp;\u{e9}</b><c d='e'/></a>".utf8)
    for count in 0..<whole.count {
      #expect(throws: Fault.self) { try XMLElement(document: Array(whole[..<count])) }
      var other = whole
      other[count] ^= 0x5a
      _ = try? XMLElement(document: other)
    }
  }
}
