import Base
import Catalog
import Foundation
import Items
import Library
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Search

/// What dies at any instant: films and streams change, and readers keep their moments in step, in one process or two that are ended with `kill -9`.
struct MomentKillTests {
  private let folder = TemporaryFolder()

  /// Each library is killed so often: what is compared grows with each time.
  private static let killsEach = 10
  /// As many as `make soak-search` says (50).
  private static let kills = ProcessInfo.processInfo.environment["RIDLEY_SEARCH_KILLS"].flatMap { Int($0) } ?? 2
  private static let worker = Program.path.replacing(/ridley$/, with: "library-worker")

  private func killed(_ seed: Int, in path: String, after seconds: Double, two: Bool) -> String {
    let script = """
      "$0" moments "$LIB" $SEED >"$OUT.a" 2>"$OUT.e" & a=$!; b=; : >"$OUT.b"
      if [ "$TWO" = 1 ]; then "$0" moments "$LIB" 9$SEED >"$OUT.b" 2>>"$OUT.e" & b=$!; fi
      for try in $(seq 3000); do [ "$(grep -c ! "$OUT.a")" -ge 5 ] && break; kill -0 $a || break; sleep 0.02; done
      sleep "$FOR"; kill -9 $a $b || echo "ended too early"; wait; cat "$OUT.a" "$OUT.e"; echo; cat "$OUT.b"
      """
    let environment = [
      "LIB": path, "SEED": "\(seed)", "OUT": folder.file("out"), "TWO": two ? "1" : "0",
      "FOR": String(format: "%.3f", seconds),
    ]
    return shell(["bash", "-c", script, Self.worker], environment: environment).output
  }

  @Test("Moments whose readers and writers were killed at any instant are those of a rebuild, and never half of a set")
  func kills() throws {
    var (random, told, checked, alerted) = (SeededRandom(20), 0, 0, 0)
    for round in 0..<Self.kills {
      let path = folder.file("lib\(round / Self.killsEach)")
      let output = killed(round, in: path, after: Double.random(in: 0...1.5, using: &random), two: round % 2 == 1)
      let odd = output.split(separator: "\n").filter { $0.wholeMatch(of: /[0-7] !/) == nil }
      try #require(odd.count <= 2 && odd.allSatisfy { $0.count < 4 }, "a worker told: \(odd)")
      told += output.count { $0 == "!" }
      let library = try Library(path)
      try expectWholeSets(library)
      let report = try MomentDesk(library).verify()
      #expect(report.differences == [], "seed 20, round \(round)")
      try expectWholeSets(library)
      alerted += try expectAlerts(library)
      checked += report.checked
    }
    #expect(checked > 0 && told > 0 && alerted > 0)
    print(
      "\(Self.kills) kills, \(told) operations acknowledged, \(checked) moments compared with a rebuild, \(alerted) that alerts were told of once"
    )
  }

  /// Readers of alerts that were killed, and go on, tell of each moment of a stream once, and of each that is found.
  private func expectAlerts(_ library: Library) throws -> Int {
    let deadline = Clock.now + 60_000_000_000
    for part in MomentReader.Part.allCases { try AlertReader(library: library, part: part).follow(before: deadline) }
    var count = 0
    for client in ["c0", "c1"] {
      for alert in try AlertDesk(library).alerts(of: client, scope: .all) {
        let query = try SearchQuery(alert.query, zone: nil, at: library.now)
        var token: String?
        repeat {
          let page = try MomentDesk(library).search(query, client: client, scope: .all, limit: 200, after: token)
          // What was killed before it ended goes on, and is told to no one.
          let marks = page.found.filter { !$0.contains(where: \.isOpen) }.map { AlertMarks.key($0[0], by: alert) }
          let there = Set(try library.table.present(marks).map(\.key))
          #expect(Set(marks).subtracting(there).isEmpty, "the alert \(alert.name) of \(client)")
          count += page.found.count
          token = page.next
        } while token != nil
        try expectOnce(alert, library)
      }
    }
    return count
  }

  private func expectOnce(_ alert: SearchAlert, _ library: Library) throws {
    var filter = EventFilter(client: alert.client)
    filter.kind = .alert
    var (about, token) = ([String](), PageToken?.none)
    repeat {
      let page = try library.events(filter, scope: .all, limit: 200, after: token)
      about += page.elements.filter { $0.rule == alert.name && $0.asset == nil }.compactMap(\.about)
      token = page.next
    } while token != nil
    #expect(about.count == Set(about).count, "the alert \(alert.name) of \(alert.client)")
  }

  /// Of each film and series that is found all is found, or nothing.
  private func expectWholeSets(_ library: Library) throws {
    let table = library.table
    for client in ["c0", "c1"] {
      var counts: [String: Int] = [:]
      var token: String?
      let query = try SearchQuery(parsing: "after:1970-01-02 kind:sight", at: library.now, in: .utc)
      repeat {
        let page = try MomentDesk(library).search(query, client: client, scope: .all, limit: 500, after: token)
        for moment in page.found { counts["\(moment[0].source.key) \(moment[0].series)", default: 0] += 1 }
        token = page.next
      } while token != nil
      let heads = Query(CompositeKey.joined("CLIENT", client, "MOMENT-HEADS"), limit: 1000)
      for entry in try table.entries(of: LibrarySchema.momentHeads, heads).elements {
        let head = try MomentHead(try #require(try table.get(entry.key)))
        let found = counts.removeValue(forKey: "asset:\(head.asset.text) \(head.series)") ?? 0
        #expect([0, head.count].contains(found), "\(head)")
      }
      #expect(counts.isEmpty, "what no head names is not found")
    }
  }
}
