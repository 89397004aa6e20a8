import Base
import Catalog
import Items
import Library
import LibraryKit
import Objects
import SearchLanguage
import Store
import TestKit
import Testing
import Vectors

@testable import Search

struct VectorDeskTests {
  private func fixture(_ parts: Parts, seed: UInt64 = 1, assets: Int = 10) throws -> VectorFixture {
    let fixture = try VectorFixture(parts, seed: seed)
    for number in 0..<assets {
      let asset = try fixture.search.addAsset(client: number % 4 == 3 ? "bolt" : "acme")
      let count = fixture.search.number(1...30)
      try fixture.analyse(
        asset, (0..<count).map { _ in fixture.numbers() },
        labels: (0..<count).map { _ in fixture.search.chance(0.4) ? fixture.search.pick(["cat", "dog"]) : nil })
    }
    try fixture.settle()
    return fixture
  }

  private func query(_ text: String) throws -> SearchQuery {
    try SearchQuery(parsing: text, at: SearchFixture.start, in: .utc)
  }

  private func example(_ numbers: [Float]) throws -> VectorDesk.Example {
    try VectorDesk.Example(network: VectorFixture.network, numbers: numbers)
  }

  @Test("What looks like a moment equals a look at all frames, of this client alone", arguments: Parts.there)
  func exact(parts: Parts) throws {
    let fixture = try fixture(parts)
    for frame in fixture.frames.shuffled().prefix(20) {
      let ask = fixture.ask(frame.client)
      let example = try fixture.desk.example(frame.asset.text, at: Double(frame.second) + 0.3, ask)
      let answer = try fixture.desk.similar(to: example, ask)
      #expect(answer.words == fixture.scan(frame.numbers, frame.client))
      #expect(answer.words.first == "\(frame.asset) p \(frame.second)")
      #expect(abs((answer.found.first?.likeness ?? 0) - 1) < 1e-5)
      #expect(answer.compared == fixture.frames.count { $0.client == frame.client })
    }
    let other = fixture.frames.first { $0.client == "bolt" }!
    var ask = fixture.ask("acme")
    #expect(throws: Fault.self) { try fixture.desk.example(other.asset.text, at: 0, ask) }
    ask.scope = .client("bolt")
    #expect(try fixture.desk.similar(to: example(other.numbers), ask).found.isEmpty)
    #expect(try fixture.desk.networks(ask).isEmpty)
    #expect(try fixture.desk.similar(to: example(other.numbers), fixture.ask("none")).found.isEmpty)
  }

  @Test("Filters come first: what they let through is found, however little it is", arguments: Parts.there)
  func filters(parts: Parts) throws {
    let fixture = try fixture(parts, seed: 3)
    let ids = Set(fixture.frames.filter { $0.client == "acme" }.map(\.asset)).sorted()
    let filters: [(String, (VectorFixture.Frame) -> Bool)] = [
      ("asset:\(ids[1].text)", { $0.asset == ids[1] }),
      ("asset:\(ids[0].text),\(ids[2].text)", { [ids[0], ids[2]].contains($0.asset) }),
      ("-asset:\(ids[0].text)", { $0.asset != ids[0] }),
      ("model:p", { _ in true }), ("model:q", { _ in false }),
      ("after:2026-03-20T09:46:45Z", { $0.second >= 5 }),
      ("after:2026-03-20T09:46:45Z before:2026-03-20T09:46:47Z", { (5..<7).contains($0.second) }),
    ]
    for (text, isIn) in filters {
      var ask = fixture.ask()
      ask.filter = try query(text)
      let wanted = fixture.numbers()
      let answer = try fixture.desk.similar(to: example(wanted), ask)
      #expect(answer.words == fixture.scan(wanted, where: isIn), "\(text)")
    }
    // A label's moments may span frames between two of it that are near to each other.
    var ask = fixture.ask()
    ask.filter = try query("cat")
    let moments = try fixture.search.find("cat")
    #expect(!moments.isEmpty)
    let wanted = fixture.numbers()
    let answer = try fixture.desk.similar(to: example(wanted), ask)
    let isIn = { (frame: VectorFixture.Frame) in
      moments.contains { chain in
        let begin = chain[0].offset! / 1000
        return chain[0].source == .asset(frame.asset) && frame.second >= begin
          && frame.second <= begin + (chain[0].to - chain[0].from) / 1000
      }
    }
    #expect(answer.words == fixture.scan(wanted, where: isIn))
    ask.filter = try query("cat then dog within 10s")
    #expect(throws: Fault.self) { try fixture.desk.similar(to: example(wanted), ask) }
  }

  @Test(
    "A new analysis takes the place of the old vectors; what is deleted is not found, and its object goes",
    arguments: Parts.there)
  func replaced(parts: Parts) throws {
    let fixture = try fixture(parts, assets: 5)
    let asset = fixture.search.assets[0]
    let heads = VectorHeads(client: "acme", library: fixture.library)
    let old = try #require(try heads.of(asset.id).first?.vectors)
    try fixture.analyse(asset, (0..<12).map { _ in fixture.numbers() })
    try fixture.settle()
    let new = try #require(try heads.of(asset.id).first)
    #expect(new.vectors?.object != old.object)
    #expect(try fixture.library.table.get(try #require(new.reference)) != nil)
    let probe = fixture.numbers()
    #expect(try fixture.desk.similar(to: example(probe), fixture.ask()).words == fixture.scan(probe))
    _ = try fixture.library.collect()
    #expect(try fixture.library.objects.open(try #require(ObjectName(old.object))) == nil)
    #expect(try fixture.desk.similar(to: example(probe), fixture.ask()).words == fixture.scan(probe))
    #expect(try fixture.search.desk.verify().differences.isEmpty)

    _ = try fixture.library.delete(asset.id.text, scope: .all)
    let rest = fixture.scan(probe) { $0.asset != asset.id }
    #expect(
      try fixture.desk.similar(to: example(probe), fixture.ask()).words == rest, "before its vectors are taken away")
    try fixture.settle()
    #expect(try fixture.desk.similar(to: example(probe), fixture.ask()).words == rest)
    #expect(try fixture.library.table.get(try #require(new.reference)) == nil)
    _ = try fixture.library.collect()
    #expect(try fixture.library.objects.open(try #require(ObjectName(new.vectors!.object))) == nil)
  }

  @Test("Vectors that are missing or another's are told, and made anew")
  func verified() throws {
    let fixture = try fixture(.embedded, assets: 3)
    #expect(try fixture.search.desk.verify().differences.isEmpty)
    let heads = VectorHeads(client: "acme", library: fixture.library)
    var head = try #require(try heads.all().first)
    let other = try #require(try heads.all().last)
    head.vectors = other.vectors
    _ = try fixture.library.table.write([.put(head.itemKey, head.json)])
    #expect(try fixture.search.desk.verify().differences == [head.itemKey.description])
    try fixture.search.desk.rebuild()
    #expect(try fixture.search.desk.verify().differences.isEmpty)
    let probe = fixture.numbers()
    #expect(try fixture.desk.similar(to: example(probe), fixture.ask()).words == fixture.scan(probe))
  }

  @Test("Several networks are told apart, and which is meant must be said where it is not clear")
  func networks() throws {
    let fixture = try fixture(.embedded, assets: 2)
    let asset = fixture.search.assets[0]
    try fixture.analyse(asset, series: "q", network: "other@sha256:9", [[1, 2, 3], [3, 2, 1]])
    try fixture.settle()
    let ask = fixture.ask()
    #expect(throws: Fault.self) { try fixture.desk.example(asset.id.text, at: 0, ask) }
    let example = try fixture.desk.example(asset.id.text, at: 1, network: "other", ask)
    #expect(try fixture.desk.similar(to: example, ask).words == ["\(asset.id) q 1", "\(asset.id) q 0"])
    #expect(try fixture.desk.network(nil, ask) == VectorFixture.network)
    #expect(try fixture.desk.network("other", ask) == "other@sha256:9")
    #expect(throws: Fault.self) { try fixture.desk.network("oth", ask) }
    #expect(throws: Fault.self) { try fixture.desk.check("other@sha256:8", ask) }
    var series = ask
    series.series = "q"
    #expect(try fixture.desk.networks(series).map(\.name) == ["other@sha256:9"])
  }

  @Test(
    "Near-duplicates come first, with how much later the same frame is; others are left out", arguments: Parts.there)
  func duplicates(parts: Parts) throws {
    let fixture = try VectorFixture(parts, seed: 5)
    let scenes = (0..<40).map { _ in fixture.numbers() }
    let film = try fixture.search.addAsset()
    try fixture.analyse(film, scenes.flatMap { [$0, $0, $0, $0] })
    let later = try fixture.search.addAsset()
    let lead = [fixture.numbers(), fixture.numbers()]
    try fixture.analyse(later, lead.flatMap { [$0, $0, $0, $0] } + scenes[..<20].flatMap { [$0, $0, $0, $0] })
    let picture = try fixture.search.addAsset()
    try fixture.analyse(picture, [fixture.numbers()])
    let copy = try fixture.search.addAsset()
    try fixture.analyse(copy, [fixture.frames.last!.numbers.map { $0 * 3 }])
    let stranger = try fixture.search.addAsset(client: "bolt")
    try fixture.analyse(stranger, [fixture.frames.last!.numbers])
    try fixture.settle()
    var ask = fixture.ask()
    ask.least = 0.7
    let answer = try fixture.desk.duplicates(VectorFixture.network, ask)
    #expect(answer.films == 4)
    #expect(answer.pairs.map { Set([$0.a, $0.b]) } == [[picture.id, copy.id], [film.id, later.id]])
    #expect(answer.pairs.allSatisfy { $0.a < $0.b })
    #expect(abs(answer.pairs[0].likeness - 1) < 1e-5)
    let offset = answer.pairs[1].a == film.id ? answer.pairs[1].offset : -answer.pairs[1].offset
    #expect(abs(offset - 8) < 4)
    ask.filter = try query("-asset:\(copy.id.text)")
    #expect(try fixture.desk.duplicates(VectorFixture.network, ask).pairs.count == 1)
    _ = try fixture.library.delete(film.id.text, scope: .all)
    #expect(try fixture.desk.duplicates(VectorFixture.network, ask).pairs.isEmpty)
  }

  @Test("What is kept of vectors is bounded, and what has no room is read all the same")
  func shelf() throws {
    let fixture = try fixture(.embedded, assets: 8)
    let heads = try VectorHeads(client: "acme", library: fixture.library).all()
    let sizes = heads.map { $0.vectors!.byteCount }
    let shelf = VectorShelf(byteCount: sizes.prefix(3).reduce(0, +))
    for _ in 0..<30 {
      shelf.begin()
      for head in heads {
        let set = try shelf.set(head.vectors!.object, in: fixture.library)
        #expect(set.byteCount == head.vectors!.byteCount)
      }
      #expect(shelf.kept <= sizes.prefix(3).reduce(0, +))
    }
    #expect(shelf.kept > 0)
  }

  @Test("A purge leaves no vectors, in the table or on the disk")
  func purged() throws {
    let fixture = try fixture(.embedded, assets: 4)
    let heads = try VectorHeads(client: "acme", library: fixture.library).all()
    #expect(!heads.isEmpty)
    let report = try fixture.library.purge("acme")
    #expect(report.left.isEmpty)
    for head in heads {
      #expect(try fixture.library.table.get(head.itemKey) == nil)
      #expect(try fixture.library.table.get(head.reference!) == nil)
      #expect(try fixture.library.objects.open(ObjectName(head.vectors!.object)!) == nil)
    }
    #expect(try !VectorHeads(client: "bolt", library: fixture.library).all().isEmpty)
  }
}
