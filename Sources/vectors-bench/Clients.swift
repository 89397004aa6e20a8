import Base
import Catalog
import Items
import Library
import Objects
import Search
import Store
import Vectors

/// Searches of one client in a library in which more and more clients have as much as it.
struct Clients {
  let library: Library
  let films: Int
  let length: Int
  private var random = SystemRandomNumberGenerator()
  private static let network = "n@sha256:1"

  init(_ folder: String, films: Int, length: Int) throws(Fault) {
    library = try Library(folder)
    (self.films, self.length) = (films, length)
  }

  /// Assets, heads and vectors, as publishing and the reader of changes leave them.
  mutating func add(_ client: String) throws(Fault) {
    try library.admit(client)
    for number in 0..<films {
      var builder = VectorSetBuilder()
      for second in 0..<filmRows { builder.add(numbers(), network: Self.network, time: Double(second)) }
      let held = try library.put(builder.bytes())
      defer { withExtendedLifetime(held) {} }
      let media = MediaFacts(
        isPicture: false, size: Size(width: 64, height: 48), duration: Double(filmRows), codec: "none", format: "none",
        frameRate: Ratio(1, 1), color: "", rotation: "")
      let asset = Asset(
        id: ULID(milliseconds: library.now, using: &random), group: AssetGroup(client: client), name: "\(number)",
        object: held.name.digest, byteCount: 1, media: media, added: library.now)
      var head = MomentHead(asset: asset.id, client: client, series: "p", generation: 1, count: 0)
      head.vectors = MomentHead.Vectors(
        object: held.name.digest, byteCount: held.byteCount,
        networks: [MomentHead.Network(name: Self.network, count: filmRows)])
      _ = try library.table.write([
        .put(LibraryKeys.asset(asset.id), asset.json), .put(head.itemKey, head.json),
        .put(head.reference!, Array("{}".utf8)),
      ])
    }
  }

  private mutating func numbers() -> [Float] {
    var numbers: [Float] = []
    for _ in 0..<length { numbers.append(Float.random(in: -1...1, using: &random)) }
    return numbers
  }

  /// Seconds of each search, the fastest first.
  mutating func measure(_ client: String, rounds: Int) throws(Fault) -> [Double] {
    let desk = VectorDesk(library)
    var ask = VectorDesk.Ask(client: client, scope: .client(client))
    ask.limit = 100
    var seconds: [Double] = []
    for _ in 0..<rounds {
      let example = try VectorDesk.Example(network: Self.network, numbers: numbers())
      let began = Clock.now
      let answer = try desk.similar(to: example, ask)
      seconds.append(Double(Clock.now - began) / 1e9)
      guard answer.compared == films * filmRows else {
        throw Fault(.bug, "\(answer.compared) vectors were compared, and the client has \(films * filmRows)")
      }
    }
    return seconds.dropFirst().sorted()
  }
}
