import Base
import Catalog
import LibraryKit
import SearchLanguage
import TestKit
import Testing

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
