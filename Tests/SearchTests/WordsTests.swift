import Base
import Catalog
import Library
import LibraryKit
import SearchLanguage
import TestKit
import Testing
import Vectors

@testable import Search

/// Words against frames whose probabilities of labels are known.
struct WordsTests {
  /// Gives every text a vector of its own, the same each time.
  private final class Texts: TextNetwork {
    let identity: String
    let pictures: String?
    private let length: Int
    let asked = Monitor<[String]>([])

    init(_ identity: String = "texts@sha256:5", pictures: String? = nil, length: Int = 12) {
      (self.identity, self.pictures, self.length) = (identity, pictures, length)
    }

    func numbers(_ text: String) -> [Float] {
      var random = SeededRandom(text.utf8.reduce(17) { ($0 &* 31) &+ UInt64($1) })
      return (0..<length).map { _ in Float.random(in: -1...1, using: &random) }
    }

    func vectors(of texts: [String]) throws(Fault) -> [TextVector] {
      asked.update { $0 += texts }
      return texts.map {
        TextVector(
          numbers: $0 == "nothing" ? [0, 0] : numbers($0), isCut: $0.count > 40, unknown: $0 == "zebra" ? ["zebra"] : []
        )
      }
    }
  }

  private static let labels = (0..<VectorFixture.length).map { "label \($0)" }

  /// Every other film of one client; probabilities of ``labels``.
  private func fixture(_ parts: Parts, seed: UInt64 = 1, network: String = VectorFixture.network) throws
    -> VectorFixture
  {
    let fixture = try VectorFixture(parts, seed: seed)
    for number in 0..<9 {
      let asset = try fixture.search.addAsset(client: number % 3 == 2 ? "bolt" : "acme")
      let rows = (0..<fixture.search.number(1...20)).map { _ in fixture.numbers().map { abs($0 * $0 * $0) } }
      try fixture.analyse(
        asset, network: network, rows,
        labels: rows.map { _ in fixture.search.chance(0.5) ? fixture.search.pick(["cat", "dog"]) : nil },
        areProbabilities: true)
    }
    try fixture.settle()
    return fixture
  }

  private func names(_ network: String) -> [String]? { network == VectorFixture.network ? Self.labels : nil }

  /// The concept method with 64 bits, over all frames, the most alike first.
  private func scan(
    _ text: String, _ texts: Texts, _ fixture: VectorFixture, client: String = "acme",
    where isIn: (VectorFixture.Frame) -> Bool = { _ in true }
  ) -> [String] {
    func unit(_ numbers: [Float]) -> [Double] {
      let size = numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return numbers.map { Double($0) / size }
    }
    let (names, query) = (Self.labels.map { unit(texts.numbers($0)) }, unit(texts.numbers(text)))
    let found = fixture.frames.filter { $0.client == client && isIn($0) }.map { frame in
      let best = frame.numbers.indices.sorted { frame.numbers[$0] > frame.numbers[$1] }.prefix(10)
      var sum = [Double](repeating: 0, count: query.count)
      for label in best {
        for place in sum.indices { sum[place] += Double(frame.numbers[label]) * names[label][place] }
      }
      let size = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return (frame, zip(sum, query).reduce(0) { $0 + $1.0 * $1.1 } / size)
    }
    return found.sorted { $0.1 > $1.1 }.prefix(20).map { "\($0.0.asset) \($0.0.series) \($0.0.second)" }
  }

  @Test("What words find equals the concept method over all frames, of this client alone", arguments: Parts.there)
  func exact(parts: Parts) throws {
    let (fixture, texts) = (try fixture(parts), Texts("exact-\(parts)@sha256:5"))
    for text in ["people at a beach", "breakfast", "label 3", "a dog"] {
      for client in ["acme", "bolt"] {
        let ask = fixture.ask(client)
        let example = try fixture.desk.example(words: text, by: texts, ask, labels: names)
        let answer = try fixture.desk.similar(to: example, ask)
        #expect(answer.asked?.text == text)
        #expect(
          answer.found.map { "\($0.asset) \($0.series) \(Int($0.time))" } == scan(text, texts, fixture, client: client))
        #expect(answer.compared == fixture.frames.count { $0.client == client })
        #expect(answer.found.allSatisfy { $0.because.count <= 3 && $0.because.allSatisfy { $0.share > 0 } })
      }
    }
    // Names of labels are asked for once, whatever is searched for.
    #expect(texts.asked.update { $0.count { $0 == "label 7" } } == 1)
    var foreign = fixture.ask("acme")
    foreign.scope = .client("bolt")
    #expect(throws: Fault.self) { try fixture.desk.example(words: "a dog", by: texts, foreign, labels: names) }
  }

  @Test("Filters come first: what they let through is found, however little it is", arguments: Parts.there)
  func filters(parts: Parts) throws {
    let (fixture, texts) = (try fixture(parts, seed: 4), Texts())
    let ids = Set(fixture.frames.filter { $0.client == "acme" }.map(\.asset)).sorted()
    let filters: [(String, (VectorFixture.Frame) -> Bool)] = [
      ("asset:\(ids[1].text)", { $0.asset == ids[1] }), ("-asset:\(ids[0].text)", { $0.asset != ids[0] }),
      ("model:q", { _ in false }), ("after:2026-03-20T09:46:45Z", { $0.second >= 5 }),
    ]
    for (text, isIn) in filters {
      var ask = fixture.ask()
      ask.filter = try SearchQuery(parsing: text, at: SearchFixture.start, in: .utc)
      let example = try fixture.desk.example(words: "a boat", by: texts, ask, labels: names)
      #expect(
        try fixture.desk.similar(to: example, ask).found.map { "\($0.asset) \($0.series) \(Int($0.time))" }
          == scan("a boat", texts, fixture, where: isIn), "\(text)")
    }
    var ask = fixture.ask()
    ask.filter = try SearchQuery(parsing: "cat", at: SearchFixture.start, in: .utc)
    let example = try fixture.desk.example(words: "a boat", by: texts, ask, labels: names)
    let moments = try fixture.search.find("cat")
    let found = try fixture.desk.similar(to: example, ask).found
    #expect(
      found.map { "\($0.asset) \($0.series) \(Int($0.time))" }
        == scan("a boat", texts, fixture) { frame in
          moments.contains { chain in
            let begin = chain[0].offset! / 1000
            return chain[0].source == .asset(frame.asset) && frame.second >= begin
              && frame.second <= begin + (chain[0].to - chain[0].from) / 1000
          }
        })
  }

  @Test("Another client's films are as none, whatever of them is named", arguments: Parts.there)
  func foreign(parts: Parts) throws {
    let (fixture, texts) = (try fixture(parts, seed: 6), Texts("foreign-\(parts)@sha256:5"))
    let foreign = try #require(fixture.frames.first { $0.client == "bolt" }?.asset)
    func found(client: String = "acme", in text: String? = nil) throws -> String {
      var ask = fixture.ask(client)
      ask.scope = .client("acme")
      ask.filter = try text.map { try SearchQuery(parsing: $0, at: SearchFixture.start, in: .utc) }
      do {
        let example = try fixture.desk.example(words: "a boat", by: texts, ask, labels: names)
        let answer = try fixture.desk.similar(to: example, ask)
        return "\(answer.compared) \(answer.films) \(answer.incomplete.map(\.message)) \(answer.words)"
      } catch { return "\(error)".replacing(client, with: "*") }
    }
    let own = try found()
    #expect(own.hasPrefix("\(fixture.frames.count { $0.client == "acme" }) "))
    for (theirs, none) in [
      (try found(client: "bolt"), try found(client: "zork")),
      (try found(in: "asset:\(foreign)"), try found(in: "asset:01ARZ3NDEKTSV4RRFFQ69G5FAV")),
      (try found(in: "-asset:\(foreign)"), own),
    ] { #expect(theirs == none && !theirs.contains(foreign.text)) }
    #expect(try found(client: "bolt").hasPrefix("no network") && found(in: "asset:\(foreign)").hasPrefix("0 0 [] []"))
  }

  @Test("A film that is analysed anew or deleted is found as it is now")
  func renewed() throws {
    let (fixture, texts) = (try fixture(.embedded, seed: 9), Texts())
    func find() throws -> [String] {
      let ask = fixture.ask()
      let example = try fixture.desk.example(words: "a boat", by: texts, ask, labels: names)
      return try fixture.desk.similar(to: example, ask).found.map { "\($0.asset) \($0.series) \(Int($0.time))" }
    }
    #expect(try find() == scan("a boat", texts, fixture))
    let asset = fixture.search.assets[0]
    try fixture.analyse(asset, (0..<6).map { _ in fixture.numbers().map { abs($0) } }, areProbabilities: true)
    try fixture.settle()
    #expect(try find() == scan("a boat", texts, fixture))
    _ = try fixture.library.delete(asset.id.text, scope: .all)
    #expect(try find() == scan("a boat", texts, fixture) { $0.asset != asset.id })
  }

  @Test("Probabilities are what words are compared with, and embeddings what pictures are")
  func chosen() throws {
    let (fixture, texts) = (try fixture(.embedded), Texts())
    let asset = fixture.search.assets[0]
    try fixture.analyse(asset, series: "e", network: "embedding@sha256:7", [[1, 2, 3]])
    try fixture.settle()
    let ask = fixture.ask()
    #expect(try fixture.desk.networks(ask).map(\.hasLabels) == [false, true])
    #expect(try fixture.desk.network(nil, ask) == "embedding@sha256:7")
    #expect(try fixture.desk.example(words: "a dog", by: texts, ask, labels: names).network == VectorFixture.network)
    #expect(throws: Fault.self) {
      try fixture.desk.example(words: "a dog", by: texts, model: "embedding", ask, labels: names)
    }
  }

  @Test("A joint network's words are compared with the vectors of its own network of pictures")
  func joint() throws {
    let fixture = try VectorFixture(.embedded, seed: 3)
    for _ in 0..<5 {
      try fixture.analyse(try fixture.search.addAsset(), (0..<8).map { _ in fixture.numbers() })
    }
    try fixture.settle()
    let texts = Texts(pictures: "net", length: VectorFixture.length)
    let ask = fixture.ask()
    let example = try fixture.desk.example(words: "a dog", by: texts, ask) { _ in nil }
    let answer = try fixture.desk.similar(to: example, ask)
    #expect(answer.found.map { "\($0.asset) \($0.series) \(Int($0.time))" } == fixture.scan(texts.numbers("a dog")))
    #expect(answer.found.allSatisfy { $0.because.isEmpty })
    // Vectors of another space are refused, and never compared.
    #expect(throws: Fault.self) {
      try fixture.desk.example(words: "a dog", by: texts, model: "other", ask) { _ in nil }
    }
    let short = Texts(pictures: "net", length: 5)
    let other = try fixture.desk.example(words: "a dog", by: short, ask) { _ in nil }
    #expect {
      try fixture.desk.similar(to: other, ask)
    } throws: { error in (error as? Fault)?.kind == .conflict }
    let absent = Texts(pictures: "absent", length: 5)
    #expect(throws: Fault.self) { try fixture.desk.example(words: "a dog", by: absent, ask) { _ in nil } }
  }

  @Test(
    "A joint network's words are compared with vectors of the network of pictures that is here, and of no other of its name"
  )
  func spaces() throws {
    let fixture = try VectorFixture(.embedded, seed: 8)
    let assets = try (0..<3).map { _ in try fixture.search.addAsset() }
    for asset in assets { try fixture.analyse(asset, network: "net@sha256:1", (0..<8).map { _ in fixture.numbers() }) }
    try fixture.settle()
    let (texts, ask) = (Texts("pair@sha256:5", pictures: "net", length: VectorFixture.length), fixture.ask())
    func network(_ model: String? = nil, here: String?) throws -> String {
      let example = try fixture.desk.example(
        words: "a dog", by: texts, model: model, ask, labels: { _ in nil }, pictures: { _ in here })
      return try fixture.desk.similar(to: example, ask).network
    }
    func isRefused(_ model: String? = nil, here: String?) -> Bool {
      do { _ = try network(model, here: here) } catch { return (error as? Fault)?.kind == .conflict }
      return false
    }
    #expect(try network(here: nil) == "net@sha256:1" && network(here: "net@sha256:1") == "net@sha256:1")
    // It was trained anew: the same length, and another space.
    for model in [nil, "net", "net@sha256:1"] { #expect(isRefused(model, here: "net@sha256:2"), "\(model ?? "")") }
    try fixture.analyse(assets[0], series: "anew", network: "net@sha256:2", [fixture.numbers()])
    try fixture.settle()
    for model in [nil, "net", "net@sha256:2"] {
      #expect(try network(model, here: "net@sha256:2") == "net@sha256:2", "though there are more of the other")
    }
    #expect(isRefused("net@sha256:1", here: "net@sha256:2"))
    #expect(isRefused(here: nil), "nobody knows which")
    #expect(try network("net@sha256:1", here: nil) == "net@sha256:1")
  }

  @Test("What cannot be compared is refused with the way to it, and what was not understood is told")
  func refused() throws {
    let (fixture, texts) = (try fixture(.embedded), Texts())
    let ask = fixture.ask()
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return (error as? Fault)?.message ?? "\(error)" }
      return "it was not refused"
    }
    #expect(
      message { _ = try fixture.desk.example(words: "a", by: texts, ask) { _ in nil } }
        == "no network gave probabilities of labels for films of 'acme', which words are compared with: analyse some with a network of task 'embedding' that has labels, as docs/search.md says under Words"
    )
    #expect(
      message { _ = try fixture.desk.example(words: "nothing", by: texts, ask, labels: names) }.contains("no direction")
    )
    let few = Texts("few@sha256:1")
    let example = try fixture.desk.example(words: "a", by: few, ask) { _ in ["one", "two"] }
    #expect(
      message { _ = try fixture.desk.similar(to: example, ask) }.contains(
        "has 2 labels, and its vectors have 24 numbers"))
    let conflict = Fault(.conflict, "it is another network here")
    #expect(
      message { _ = try fixture.desk.example(words: "a", by: texts, ask) { _ throws(Fault) in throw conflict } }
        == conflict.message)
    let zebra = try fixture.desk.similar(
      to: fixture.desk.example(words: "zebra", by: texts, ask, labels: names), ask)
    #expect(zebra.asked?.unknown == ["zebra"])
    let json = String(decoding: JSONWriter.object(zebra.write), as: UTF8.self)
    #expect(
      json.contains(#""words":"zebra","textModel":"texts@sha256:5","method":"concepts","unknown":["zebra"]"#),
      "\(json.prefix(300))")
  }
}
