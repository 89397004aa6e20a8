import Base
import Foundation
import Insights
import TestKit
import Testing

@Suite struct SafetyMappingTests {
  private static let good = """
    name: own
    version: "3"
    taxonomy: {name: House rules, version: "2"}
    categories:
      - {id: H1, name: Bare skin}
    rules:
      - name: skin
        category: H1
        risk: high
        score: 0.8
        signals:
          - {network: open-nsfw, labels: unsafe}
    """

  @Test func `A taxonomy of one's own is judged by and named in the result`() throws {
    let safety = SafetyAssessment.of(
      Array(repeating: says(1, ["unsafe": 0.9]), count: 3), mapping: try SafetyTests.mapping("agree: 1,"))
    let written = text { safety.write(into: &$0) }
    #expect(safety.risk == .high && safety.notAssessed == ["H2"])
    #expect(
      written.contains(#""taxonomy":{"name":"House rules","version":"2"},"mapping":{"name":"own","version":"3"}"#))
    #expect(!written.contains("riskId"))
  }

  @Test(arguments: [
    (
      "risk: high", "risk: terrible",
      "own.yaml:9:11: 'terrible' is not allowed for risk, expected floor, high, medium or low"
    ),
    ("category: H1", "category: H2", "own.yaml:8:15: 'H2' is none of the categories above (did you mean 'H1'?)"),
    ("score: 0.8", "score: 0", "own.yaml:10:12: a score of 0 is every frame"),
    ("    score: 0.8\n", "", "own.yaml:11:9: neither this signal nor its rule says a score"),
    ("score: 0.8", "score: 0.8\n    agree: 2", "own.yaml:11:12: 2 networks are to agree, and the signals name 1"),
    ("labels: unsafe", "labels: []", "own.yaml:12:38: labels is empty"),
    ("version: \"3\"\n", "", "the key 'version' is missing"),
    ("risk: high", "rsik: high", "unknown key 'rsik' in item 1 of rules (did you mean 'risk'?)"),
  ])
  func `A mistake is told with its place`(part: String, wrong: String, message: String) {
    let text = Self.good.replacingOccurrences(of: part, with: wrong)
    let fault = #expect(throws: Fault.self) { try SafetyMapping.read(bytes: Array(text.utf8), name: "own.yaml") }
    #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
  }

  @Test func `A label that the network does not have is told with its place and what was meant`() throws {
    let text = Self.good.replacingOccurrences(of: "labels: unsafe", with: "labels: unsave")
    let check = try SafetyMapping.read(bytes: Array(text.utf8), name: "own.yaml").check(Networks.all)
    #expect(
      check.faults == ["own.yaml:12:38: rule 'skin': 'open-nsfw' knows no label 'unsave' (did you mean 'unsafe'?)"])
    #expect(check.fault?.kind == .badInput)
  }

  @Test func `A slip among labels for any network is told, and labels for a network that is not here are not`() throws {
    let arms = Self.good.replacingOccurrences(
      of: "network: open-nsfw, labels: unsafe", with: "labels: [rifle, revolvr]")
    let mapping = try SafetyMapping.read(bytes: Array(arms.utf8), name: "own.yaml")
    #expect(
      mapping.check(Networks.all).faults == [
        "own.yaml:12:26: rule 'skin': no network here knows a label 'revolvr' (did you mean 'revolver'?)"
      ])
    let check = mapping.check([Networks.unsafe])
    #expect(
      check.faults == []
        && check.idle == ["own.yaml:7:5: rule 'skin' asks for 1 of networks with its labels, and none is here"])
  }

  @Test func `What is built in names nothing that its networks do not have`() {
    let check = SafetyMapping.builtIn.check(Networks.all)
    #expect(check.faults == [])
    #expect(
      check.idle.count == 1
        && check.idle[0].contains(
          "'explicit-parts' asks for 2 of nudenet, nudenet-320n, open-nsfw or open_nsfw, and 1 is here")
    )
  }

  @Test(.enabled(if: Analysers.isThere, "the taxonomies of shared/analysers are not here"))
  func `Every id that is built in is one of IAB's sensitive topics, and none of them is missing`() throws {
    let rows = try Analysers.table("iab/Content_Taxonomy_3.1.tsv")
    let topics = rows.filter { $0.count > 2 && $0[1] == "v9i3On" }
    #expect(topics.count == 11)
    let names = Dictionary(uniqueKeysWithValues: topics.map { ($0[0], $0[2]) })
    let own = SafetyMapping.builtIn.categories
    #expect(Set(own.map(\.id)) == Set(names.keys))
    for category in own { #expect(names[category.id] == category.name) }
    let vectors = try Analysers.table("iab/Content_Taxonomy_3.0_Descriptive_Vectors.tsv")
    let tiers = Dictionary(
      uniqueKeysWithValues: vectors.filter { $0.count > 2 && $0[1] == "MRkz4Q" }.map { ($0[0], $0[2]) })
    let risks = SafetyMapping.builtIn.risks.map { risk, id in tiers[id]?.lowercased().hasPrefix(risk.rawValue) == true }
    #expect(risks == [true, true, true, true])
  }
}

/// The folder of taxonomies, beside that of real models.
enum Analysers {
  static let folder = TestData.folder.map { $0 + "/../analysers" }
  static var isThere: Bool { folder.map { FileManager.default.fileExists(atPath: $0) } ?? false }

  static func table(_ name: String) throws -> [[String]] {
    let text = try String(contentsOfFile: folder! + "/" + name, encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
