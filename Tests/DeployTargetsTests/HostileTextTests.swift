import Base
import TestKit
import Testing
import YAML

@testable import DeployTargets

/// No text of a site changes what stands around it.
struct HostileTextTests {
  static let texts = [
    "yes", "No", "on", "OFF", "null", "~", "", " ", "true", "1e3", "0x1f", "0o17", "017", "1_000", "12:30:45", "1.5",
    ".inf", "-.INF", ".nan", "=", "<<", "2026-11-30", "a: b", "a #b", "#a", "- a", "? a", "a:", ": a", "[a]", "{a: b}",
    "&a", "*a", "!a", "!!str a", "|", ">", "%a", "@a", "`a", "\"", "'", "\\", "\\n", "a\nb: c", "a\r\nb", "\ta",
    "a\u{0}b",
    "a\u{85}b", "a\u{2028}b", "\u{feff}a", "\u{202e}abc", "${HOME}", "$$", "$(id)", "{{resolve:ssm:a}}", "---", "...",
    "e\u{301}", "日本", "👩‍👩‍👧", "\u{e0001}", "\u{10ffff}", "{{.Name}}", "a\n---\nkind: Secret",
  ]

  /// A tree of texts, each once as key and once as value, quoted and in lists.
  private func entries(_ texts: [String]) -> [YAMLEntry] {
    let place = YAMLPlace(line: 1, column: 1)
    func node(_ kind: YAMLNode.Kind) -> YAMLNode { YAMLNode(kind, at: place) }
    func entry(_ key: String, _ node: YAMLNode) -> YAMLEntry { YAMLEntry(key: key, place: place, node: node) }
    let scalars = texts.map { node(.scalar($0, quoted: true)) }
    return zip(texts, scalars).map { entry($0, $1) } + [
      entry("in a list", node(.list(scalars))), entry("nothing", node(.list([]))), entry("none", node(.map([]))),
      entry("deeper", node(.map([entry("a", node(.list([node(.map(zip(texts, scalars).map { entry($0, $1) }))])))]))),
    ]
  }

  /// Keys and texts without places and quotes, which are not what is compared.
  private func plain(_ node: YAMLNode) -> String {
    switch node.kind {
    case .scalar(let text, _): "«\(Array(text.utf8))»"
    case .list(let nodes): "[" + nodes.map(plain).joined(separator: ",") + "]"
    case .map(let entries): "{" + entries.map { "\(Array($0.key.utf8)):\(plain($0.node))" }.joined(separator: ",") + "}"
    }
  }

  @Test func `what is written is read back as it was`() throws {
    let entries = entries(Self.texts)
    let text = YAMLText(entries).text
    let read = try YAMLDocument.parse(text, name: "text").root
    #expect(plain(read) == plain(YAMLNode(.map(entries), at: read.place)))
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x202e })
  }

  @Test func `so are texts by chance`() throws {
    var random = SeededRandom(22)
    let marks = Array("ab1 :#-?[]{}&*!|>'\"%@`,\\\n\t$=~.y\u{85}\u{2029}é".unicodeScalars)
    for _ in 0..<300 {
      var texts: [String] = []
      for _ in 0..<8 {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...6, using: &random) { text.append(marks.randomElement(using: &random)!) }
        let made = String(text)
        if !texts.contains(where: { $0.utf8.elementsEqual(made.utf8) }) { texts.append(made) }
      }
      let entries = entries(texts)
      let read = try YAMLDocument.parse(YAMLText(entries).text, name: "text").root
      #expect(plain(read) == plain(YAMLNode(.map(entries), at: read.place)), "\(texts)")
    }
  }

  @Test func `a text is on one line, and plain only where no reader takes it for anything else`() {
    for text in Self.texts {
      let scalar = YAMLText.scalar(text)
      #expect(!scalar.contains("\n") && (scalar.hasPrefix("\"") || scalar == text))
      let whole: YAMLText = "a: \(text)\nb: \(7)\n"
      let lines = whole.text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count == 3 && lines[1] == "b: 7")
    }
    for text in ["yes", "No", "null", "1e3", "0x1f", "12:30:45", "017", ".inf", "=", "a:", "$x", "-1"] {
      #expect(YAMLText.scalar(text) == "\"\(text)\"")
    }
    for text in ["ridley", "/etc/ridley", "http://a.b:80/c", "sha256:0a", "a-b_c.d"] {
      #expect(YAMLText.scalar(text) == text)
    }
  }

  @Test func `numbers, times and flags of settings stay what they were`() throws {
    let text = "a: 5s\nb: off\nc: -1\nd: 0.0.0.0:8080\ne: two words, and more\nf: [x]\ng: .5\nh: +5\ni: -.5\n"
    let root = try YAMLDocument.parse(text, name: "text").root
    guard case .map(let entries) = root.kind else { return #expect(Bool(false)) }
    let written = YAMLText(entries).text
    #expect(
      written
        == "a: 5s\nb: off\nc: -1\nd: 0.0.0.0:8080\ne: \"two words, and more\"\nf:\n  - x\ng: .5\nh: +5\ni: -.5\n")
  }

  @Test func `values that platforms replace are not replaced`() throws {
    let store = "store: {secret: env:STORE}\nserver: {replicas: 1}\n"
    let site = try RenderedSites.site(store + #"objects: "s3://bucket/a$HOME\"b""#)
    let compose = try RenderTarget.compose.files(for: site)[0].text
    #expect(compose.contains(#"RIDLEY_OBJECTS: "s3://bucket/a$$HOME\"b""#))
    let secret = try RenderTarget.kubernetes.files(for: site).first { $0.path == "secret.example.yaml" }
    #expect(secret?.text.contains(#"RIDLEY_OBJECTS: "s3://bucket/a$HOME\"b""#) == true)
  }
}
