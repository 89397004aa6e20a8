import Base
import Catalog
import Foundation
import TestKit
import Testing

@testable import SearchLanguage

@Suite("Queries")
struct QueryTests {
  private func parsed(_ text: String) throws -> SearchQuery { try SearchQuery(parsing: text, at: 0, in: .utc) }

  @Test(
    "the canonical text has one spelling for each thing, and times as they were written",
    arguments: [
      ("LABEL:car", "car"), ("car AND  dog", "car dog"), ("car or dog", "car OR dog"), ("NOT car", "-car"),
      ("(car)", "car"),
      ("(car OR dog) zone:\"a\"", "(car OR dog) zone:a"), ("car OR (dog zone:a)", "car OR dog zone:a"),
      ("NOT NOT car", "--car"),
      ("not (a b)", "-(a b)"), ("\"big car\"", "\"big car\""), ("big\\ car", "\"big car\""), ("\"near\"", "\"near\""),
      ("label:near", "label:near"),
      ("a\\*b", "\"a*b\""), ("a\\*b*", "a\\*b*"), ("camera:gate", "stream:gate"), ("colour:red", "is:red"),
      ("series:x", "model:x"),
      ("during:yesterday", "on:yesterday"), ("after:\"yesterday   7am\"", "after:\"yesterday 7am\""),
      ("track:007", "track:7"),
      ("a then b", "a then b within 1m"), ("a THEN b within 90s", "a then b within 90s"),
      ("a near b same track within 120s", "a near b within 2m same track"),
      ("a then b then c within 10s", "a then b within 10s then c within 10s"),
      ("a then b within 10s then c", "a then b within 10s then c within 10s"),
      ("a then b within 1s same track then c", "a then b within 1s same track then c within 1s"),
      ("a then b then c within 1s same track", "a then b within 1s same track then c within 1s same track"),
      ("a then b same track then c within 1s", "a then b within 1m same track then c within 1s"),
      ("car tz:+05:30", "tz:+05:30 car"), ("text:\"way out\"*", "text:\"way out\"*"),
    ])
  func canonical(text: String, expected: String) throws { #expect(try parsed(text).canonicalText == expected) }

  @Test("every search that docs/search.md shows is one, and every fault there is told so")
  func documents() throws {
    let whole = try String(contentsOfFile: "\(Checkout.path)/docs/search.md", encoding: .utf8)
    // What stands behind it is not about the language.
    let page = whole.components(separatedBy: "\n## Alerts\n")[0]
    let blocks = page.split(separator: "```", omittingEmptySubsequences: false).enumerated().filter {
      $0.offset % 2 == 1
    }
    let searches = blocks.filter { $0.element.hasPrefix("search\n") }
      .flatMap { $0.element.split(separator: "\n").dropFirst() }
    #expect(searches.count >= 18)
    for line in searches { _ = try parsed(line.components(separatedBy: "  #")[0]) }
    for (wrong, at) in [("lable:car", 0), ("on:2026-02-30", 1), ("person \"big car", 2), ("after:yesterday 7am", 3)] {
      let told = try #require(blocks.last?.element.split(separator: "\n")[at])
      #expect { try parsed(wrong) } throws: { ($0 as? Fault)?.message.hasPrefix(told.split(separator: "…")[0]) == true }
    }
    // fields with examples in the last column, and times in the first
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|")
      let isField = cells.count == 3
      let examples = cells[isField ? 2 : 0].split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }
      #expect(!examples.isEmpty)
      for example in examples { _ = try parsed("car \(isField ? "" : "after:")\(example.element)") }
    }
  }

  @Test("a text that would be longer when it is spelt out stays as it is")
  func long() throws {
    let text = "\(String(repeating: "x", count: 1988)) then b"
    let query = try parsed(text)
    #expect(query.canonicalText == text)
    #expect(try parsed(query.canonicalText) == query)
  }

  @Test("names are compared byte by byte, also where Unicode takes them for the same")
  func bytes() {
    #expect(Pattern("caf\u{e9}") != Pattern("cafe\u{301}") && !Pattern("caf\u{e9}").matches("cafe\u{301}"))
    #expect(Pattern("caf\u{e9}").literal == "caf\u{e9}" && Pattern([.byte(97), .many]).literal == nil)
    #expect(Pattern([.byte(97), .many, .many]) == Pattern([.byte(97), .many]))
  }

  @Test("conditions that must all hold are listed, however they are grouped")
  func conjuncts() throws {
    let condition = try parsed("a (b (c d)) (e OR f) -g").steps[0].condition
    #expect(condition.conjuncts.count == 6)
  }

  @Test("links: who may stand behind whom")
  func links() {
    func moment(_ id: String, _ from: Int, _ to: Int, _ source: Moment.Source = .stream("s"), series: String = "x")
      -> Moment
    {
      var moment = Moment(id: id, client: "c", source: source, kind: .sight, from: from, to: to, series: series)
      moment.track = 1
      return moment
    }
    let then = SearchQuery.Link(order: .then, within: 10)
    let near = SearchQuery.Link(order: .near, within: 10, sameTrack: true)
    let first = moment("a", 100, 200)
    #expect(then.joins(first, moment("b", 100, 100)) && then.joins(first, moment("b", 210, 300)))
    #expect(
      !then.joins(first, moment("b", 99, 300)) && !then.joins(first, moment("b", 211, 300)) && !then.joins(first, first)
    )
    #expect(
      near.joins(first, moment("b", 0, 90)) && !near.joins(first, moment("b", 0, 89))
        && near.joins(first, moment("b", 210, 211)))
    #expect(
      !near.joins(first, moment("b", 100, 200, .stream("t"))) && !near.joins(first, moment("b", 100, 200, series: "y")))
    var random = SeededRandom(1)
    let asset = Moment.Source.asset(ULID(milliseconds: 0, using: &random))
    #expect(near.joins(moment("a", 0, 1, asset), moment("b", 0, 1, asset)))
    #expect(!near.joins(moment("a", 0, 1, asset), moment("b", 0, 1, asset, series: "y")))
    var untracked = moment("b", 100, 100)
    untracked.track = nil
    #expect(!near.joins(first, untracked) && then.joins(first, untracked))
  }
}

@Suite("Completion")
struct CompletionTests {
  /// The cursor stands at `|`.
  private func completion(_ text: String) -> (QueryCompletion, replaced: String) {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    let whole = parts.joined()
    let found = SearchQuery.completion(of: whole, at: parts[0].utf8.count)
    return (found, String(decoding: Array(whole.utf8)[found.range], as: UTF8.self))
  }

  @Test(
    "what is being typed is told with what an offer replaces",
    arguments: [
      ("|", QueryCompletion.Subject.word, "", ""), ("la|", .word, "la", "la"), ("person zo|", .word, "zo", "zo"),
      ("label:|", .name(.label), "", ""), ("label:ca|", .name(.label), "ca", "ca"),
      ("label:c|ar dog", .name(.label), "c", "car"),
      ("label:car,do|", .name(.label), "do", "do"), ("label:car,d|og,x", .name(.label), "d", "dog"),
      ("colour:re|", .name(.trait), "re", "re"),
      ("Camera:\"dock no|", .name(.stream), "dock no", "\"dock no"),
      ("zone:\"Hof ü|\" x", .name(.zone), "Hof ü", "\"Hof ü\""),
      ("-per|", .word, "per", "per"), ("(per|", .word, "per", "per"), ("x (-zone:d|)", .name(.zone), "d", "d"),
      ("after:\"yest|", .value(field: "after"), "yest", "\"yest"), ("during:la|", .value(field: "on"), "la", "la"),
      ("state:|", .value(field: "state"), "", ""), ("foo:b|", .value(field: ""), "b", "b"),
      ("caf\u{e9} ca|", .word, "ca", "ca"),
      ("big\\ c|ar", .word, "big c", "big\\ car"), ("person | car", .word, "", ""),
      ("stream:a:b|", .name(.stream), "a:b", "a:b"),
      ("l|abel:car", .word, "l", "label"), ("\"la:b|", .word, "la:b", "\"la:b"),
    ])
  func subject(text: String, subject: QueryCompletion.Subject, prefix: String, replaced: String) {
    let found = completion(text)
    #expect(found.0.subject == subject && found.0.prefix == prefix && found.replaced == replaced, "\(found)")
  }

  @Test("what is offered is read as the name that it is")
  func offers() throws {
    for name in ["car", "big car", "near", "-x", "a\"b\\", "a*b?", "x:y", "a,b", "(z)", "猫", "\u{301}"] {
      for text in ["", "label:", "label:car,", "-"] {
        let found = SearchQuery.completion(of: text, at: text.utf8.count)
        let query = try SearchQuery(parsing: text + found.spelling(of: name), at: 0, in: .utc)
        #expect("\(query.steps[0].condition)".contains("\(Pattern(name))"), "\(text)\(found.spelling(of: name))")
      }
    }
    #expect(QueryCompletion.fields.contains("label:") && !QueryCompletion.fields.contains("camera:"))
  }
}
