import Base
import Catalog
import Items
import Library
import LibraryKit
import Predictions
import SearchLanguage
import Store
import TestKit
import Testing

@testable import Search

/// What is too much is said to be.
struct LimitTests {
  /// Publishes what a network said of one frame a second.
  private func publish(
    _ fixture: SearchFixture, _ asset: Asset, _ frames: [[Prediction]], from start: Double = 0
  ) throws {
    let head = AnalysisWriter.Head(
      pipeline: "sha256:" + String(repeating: "1", count: 64), series: "p", models: [], worker: "here", engine: "none",
      version: "0")
    var writer = try AnalysisWriter(fixture.library, asset, head)
    for (second, frame) in frames.enumerated() {
      let stamp = FrameStamp(file: asset.name, index: second, time: start + Double(second))
      try writer.add(stamp, frame) { _ in "m@sha256:0" }
    }
    let made = try writer.finish(framesAnalyzed: 400, corruptFrames: 0, frameIndex: nil)
    try fixture.library.publish(made, replaces: true)
  }

  private func sight(_ label: String, track: Int? = nil) -> Prediction {
    var one = Prediction(kind: .detection, label: label, score: 0.5)
    one.track = track
    return one
  }

  private func answer(_ fixture: SearchFixture, _ text: String) throws -> SearchAnswer {
    let query = try SearchQuery(parsing: text, at: SearchFixture.start, in: .utc)
    return try fixture.desk.search(query, client: "acme", scope: .all, limit: 100)
  }

  private func renew(_ fixture: SearchFixture, _ asset: Asset, most: Int) throws -> [String] {
    let complaints = Monitor([String]())
    try MomentSet(
      library: fixture.library, asset: asset.id, series: "p",
      complain: { one in complaints.update { $0.append(one.message) } },
      most: most
    ).renew()
    return complaints.update { $0 }
  }

  @Test(
    "Objects that are more than are kept make the answers that may lack them incomplete, and no other",
    arguments: Parts.there)
  func cut(parts: Parts) throws {
    let fixture = try SearchFixture(parts, seed: 1)
    let asset = try fixture.addAsset()
    _ = try fixture.addEvent("s1")
    let frames = (0..<60).map { second in
      [sight("car", track: second)] + (second % 20 == 0 ? [sight("person")] : [])
    }
    try publish(fixture, asset, frames)
    try fixture.desk.settle(within: 60)
    #expect(try answer(fixture, "asset:\(asset.id)").found.count == 63)
    #expect(try answer(fixture, "car").incomplete.isEmpty)
    let complaints = try renew(fixture, asset, most: 30)
    #expect(complaints.count == 1 && complaints[0].contains("'\(asset.id)'"))
    let kept = try answer(fixture, "asset:\(asset.id)")
    #expect(kept.found.count == 30)
    #expect(try answer(fixture, "person").found.map { $0[0].to - $0[0].from } == [0, 0], "they are not taken together")
    let (from, to) = (asset.added + 28_000, asset.added + 59_000)
    for text in ["car", "asset:\(asset.id)", "car then person", "label:* near car", "car series:p"] {
      let gaps = try answer(fixture, text).incomplete
      #expect(gaps.map(\.reason) == [.limit], "\(text)")
      #expect(gaps.allSatisfy { $0.message.contains(CompositeKey.time(milliseconds: to)) }, "\(gaps)")
    }
    let earlier = "before:\(CompositeKey.time(milliseconds: from))"
    for text in ["stream:s1", "car series:q", "car \(earlier)", "car asset:00000000000000000000000000"] {
      #expect(try answer(fixture, text).incomplete.isEmpty, "\(text)")
    }
    #expect(try !fixture.desk.verify().differences.isEmpty)
    try fixture.desk.rebuild()
    #expect(try answer(fixture, "car").incomplete.isEmpty && answer(fixture, "car").found.count == 60)
    #expect(try fixture.desk.verify().differences.isEmpty)
    // What is left out of a film goes with it.
    _ = try renew(fixture, asset, most: 30)
    try fixture.library.delete(asset.id.text, scope: .all)
    try fixture.desk.settle(within: 60)
    #expect(try answer(fixture, "car").incomplete.isEmpty)
  }

  @Test("Times that no film has are the last that one could have, and too many of them are told as others are")
  func beyond() throws {
    let fixture = try SearchFixture(.embedded, seed: 5)
    let asset = try fixture.addAsset()
    try publish(fixture, asset, (0..<60).map { [sight("car", track: $0)] }, from: 1e9 - 40)
    try fixture.desk.settle(within: 60)
    #expect(try renew(fixture, asset, most: 30).count == 1)
    let found = try answer(fixture, "car")
    #expect(found.found.count == 30)
    let (from, to) = (asset.added + 999_999_990_000, asset.added + 1_000_000_000_000)
    #expect(found.incomplete.map(\.reason) == [.limit])
    for time in [from, to] {
      #expect(found.incomplete[0].message.contains(CompositeKey.time(milliseconds: time)), "\(found.incomplete)")
    }
  }

  @Test("What is noted of moments that were left out, and cannot be, is told to be damaged")
  func damagedCut() throws {
    let fixture = try SearchFixture(.embedded, seed: 6)
    let asset = try fixture.addAsset()
    try publish(fixture, asset, [[sight("car")]])
    try fixture.desk.settle(within: 60)
    let key = LibraryKeys.cutMoments("acme", asset.id, series: "p")
    _ = try fixture.library.table.write([.put(key, Array("{\"from\":0,\"to\":\(Int.max)}".utf8))])
    let found = try answer(fixture, "car")
    #expect(found.found.count == 1 && found.incomplete.map(\.reason) == [.damaged])
  }

  @Test("Stretches of one label that come and go too often are taken together, and nothing is left out")
  func wider() throws {
    let fixture = try SearchFixture(.embedded, seed: 2)
    let asset = try fixture.addAsset()
    try publish(fixture, asset, (0..<300).map { $0 % 10 == 0 ? [sight("person")] : [] })
    try fixture.desk.settle(within: 60)
    #expect(try answer(fixture, "person").found.count == 30)
    #expect(try renew(fixture, asset, most: 10).isEmpty)
    let found = try answer(fixture, "person")
    #expect(found.incomplete.isEmpty && found.found.map { $0[0].to - $0[0].from } == [290_000])
  }

  @Test("An alert that asks too much is told of once, misses that, and holds no other up")
  func alerts() throws {
    let fixture = try SearchFixture(.embedded, seed: 3)
    let desk = AlertDesk(fixture.library)
    for (name, query) in [
      ("much", "label:* then label:* then zone:none within 1d"), ("little", "label:*"),
      ("last", "stream:s1 then stream:s1 within 1s"),
    ] { _ = try desk.add(name, query: query, zone: nil, client: "acme", scope: .all) }
    for _ in 0..<30 { _ = try fixture.addEvent("s1") }
    let asset = try fixture.addAsset()
    try publish(fixture, asset, (0..<80).map { [sight("car", track: $0)] })
    try fixture.desk.settle(within: 60)
    let complaints = Monitor([String]())
    for part in MomentReader.Part.allCases {
      // A hundredth of what is usual.
      let reader = AlertReader(library: fixture.library, part: part, limits: .init(ofMoment: 200, ofFilm: 4000)) {
        one in
        complaints.update { $0.append(one.message) }
      }
      for _ in 0..<3 { try reader.follow(before: Clock.now + 60_000_000_000) }
    }
    let told = complaints.update { $0 }
    #expect(
      told.count == 2 && told.allSatisfy { $0.contains("'much'") && $0.contains("a shorter 'within'") }, "\(told)")
    let notices = try fixture.notices()
    #expect(notices["much"] == nil)
    #expect(notices["little"]?.count == 110)
    #expect(
      try (notices["last"] ?? []).compactMap(\.about).sorted()
        == fixture.find("stream:s1 then stream:s1 within 1s").map { $0[0].id }.sorted())
  }

  @Test("A page goes on by the clocks that it began by")
  func zone() throws {
    let fixture = try SearchFixture(.embedded, seed: 4)
    for _ in 0..<40 { _ = try fixture.addEvent("s1") }
    try fixture.desk.settle(within: 60)
    func page(_ zone: String, _ token: String? = nil, text: String = "label:* after:00:00 before:23:59") throws
      -> SearchAnswer
    {
      let query = try SearchQuery(parsing: text, at: SearchFixture.start, in: TimeRules.named(zone))
      return try fixture.desk.search(query, client: "acme", scope: .all, limit: 2, after: token)
    }
    let next = try #require(try page("Europe/Berlin").next)
    #expect(try page("Europe/Berlin", next).found.count == 2)
    let fault = #expect(throws: Fault.self) { try page("America/New_York", next) }
    #expect(fault?.kind == .badInput && fault?.message.contains("page token") == true)
    let own = try #require(try page("UTC", text: "tz:Europe/Berlin label:* after:00:00 before:23:59").next)
    #expect(try page("+05:00", own, text: "tz:Europe/Berlin label:* after:00:00 before:23:59").found.count == 2)
  }
}
