import Base
import Catalog
import Foundation
import SearchLanguage
import TestKit
import Testing

/// A query of `Golden/queries.tsv`, and what `Golden/make_golden.py` says of it.
struct GoldenQuery: Sendable, CustomTestStringConvertible {
  let text: String
  let now: Int
  let zone: String
  /// Ids that are found, or behind `! ` what a fault says, in parts that `|` sets apart.
  let expected: String

  var testDescription: String { "\(text) (\(zone))" }

  func parsed() throws(Fault) -> SearchQuery { try SearchQuery(parsing: text, at: now, in: TimeRules.named(zone)) }

  static func isRefused(_ query: GoldenQuery) -> Bool { query.expected.hasPrefix("! ") }

  static let folder = "\(Checkout.path)/Tests/SearchLanguageTests/Golden"

  static let all: [GoldenQuery] = {
    lines(of: "queries.tsv").map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return GoldenQuery(text: parts[0], now: Int(parts[1])!, zone: parts[2], expected: parts[3])
    }
  }()

  static let moments: [Moment] = {
    lines(of: "moments.jsonl").map {
      moment((try? JSONSerialization.jsonObject(with: Data($0.utf8))) as! [String: Any])
    }
  }()

  private static func lines(of file: String) -> [Substring] {
    (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8))?.split(separator: "\n") ?? []
  }

  private static func moment(_ fields: [String: Any]) -> Moment {
    let source: Moment.Source =
      if let asset = fields["asset"] as? String { .asset(ULID(asset)!) } else { .stream(fields["stream"] as! String) }
    var moment = Moment(
      id: fields["id"] as! String, client: "acme", source: source, kind: .init(rawValue: fields["kind"] as! String)!,
      from: fields["began"] as! Int, to: fields["ended"] as! Int, series: fields["series"] as! String)
    moment.label = fields["label"] as? String
    moment.score = (fields["score"] as? Double).map { Float($0) }
    moment.track = fields["track"] as? Int
    moment.traits = fields["traits"] as? [String] ?? []
    moment.zone = (fields["zones"] as? [String])?.first
    moment.rule = fields["rule"] as? String
    moment.text = fields["text"] as? String
    moment.isOpen = fields["open"] as? Bool ?? false
    return moment
  }
}

@Suite("Golden queries")
struct GoldenTests {
  private static let found = GoldenQuery.all.filter { !GoldenQuery.isRefused($0) }
  private static let refused = GoldenQuery.all.filter(GoldenQuery.isRefused)

  @Test("there are as many as were promised")
  func count() {
    #expect(Self.found.count >= 200 && Self.refused.count >= 50 && GoldenQuery.moments.count >= 400)
    #expect(Self.found.filter { !$0.expected.isEmpty }.count >= 200)
  }

  @Test("a query finds the moments that are meant, and so does its canonical text", arguments: found)
  func finds(query: GoldenQuery) throws {
    let parsed = try query.parsed()
    #expect(parsed.scan(GoldenQuery.moments).map(\.id).joined(separator: " ") == query.expected)
    let again = try SearchQuery(parsing: parsed.canonicalText, at: query.now, in: TimeRules.named(query.zone))
    #expect(again.steps == parsed.steps, "\(parsed.canonicalText)")
    #expect(again.canonicalText == parsed.canonicalText)
  }

  @Test("every moment that is found began in the range of its condition", arguments: found)
  func ranges(query: GoldenQuery) throws {
    for step in try query.parsed().steps {
      let (range, parts) = (step.condition.range, step.condition.ranges)
      for moment in GoldenQuery.moments where step.condition.matches(moment) {
        #expect(range.contains(moment.from) && parts.contains { $0.contains(moment.from) })
      }
    }
  }

  @Test("what is no query is refused, with the place and the way out", arguments: refused)
  func refuses(query: GoldenQuery) {
    do throws(Fault) {
      let parsed = try query.parsed()
      Issue.record("it was read as \(parsed.canonicalText)")
    } catch {
      #expect(error.kind == .badInput)
      for part in query.expected.dropFirst(2).split(separator: "|") {
        #expect(error.message.contains(String(part)), "\(error.message)")
      }
    }
  }
}
