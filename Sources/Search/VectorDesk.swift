public import Base
public import Catalog
internal import Items
public import Library
public import SearchLanguage
internal import Vectors

/// Finds films and moments of a library by what networks said of their frames in numbers.
public struct VectorDesk: Sendable {
  public let library: Library

  public init(_ library: Library) { self.library = library }

  /// What is compared.
  public struct Ask: Sendable {
    public var client: String
    public var scope: ClientScope
    public var limit = 50
    /// Seconds between frames of one result.
    public var gap = 5.0
    /// What is less alike is not found.
    public var least = -1.0
    /// One step whose moments limit what is compared.
    public var filter: SearchQuery?
    /// Analyses of this series alone.
    public var series: String?

    public init(client: String, scope: ClientScope) { (self.client, self.scope) = (client, scope) }
  }

  /// A vector, and whose it is.
  public struct Example: Sendable {
    /// `NAME@sha256:…`.
    public let network: String
    let vector: UnitVector
    /// Where it is a text's.
    var words: AskedWords?

    init(network: String, vector: UnitVector, words: AskedWords? = nil) {
      (self.network, self.vector, self.words) = (network, vector, words)
    }

    /// What a network said of a picture; faults are `badInput` for what has no direction.
    public init(network: String, numbers: [Float]) throws(Fault) {
      guard let vector = UnitVector(numbers) else {
        throw Fault(.badInput, "what \(network) says of the picture has no direction: zeros alone, or no numbers")
      }
      self.init(network: network, vector: vector)
    }
  }

  /// The networks whose vectors a client has: embeddings first, and then probabilities of labels; of both those with the most vectors first.
  public func networks(_ ask: Ask) throws(Fault) -> [MomentHead.Network] {
    guard ask.scope.covers(ask.client) else { return [] }
    var gaps: [AnswerGap] = []
    var (counts, labelled): ([String: Int], Set<String>) = ([:], [])
    for head in try VectorHeads(client: ask.client, library: library).all(&gaps) where Self.isAsked(head, ask) {
      for network in head.vectors?.networks ?? [] {
        counts[network.name, default: 0] += network.count
        if network.hasLabels { labelled.insert(network.name) }
      }
    }
    let all = counts.map { MomentHead.Network(name: $0, count: $1, hasLabels: labelled.contains($0)) }
    return all.sorted { one, other in
      guard one.hasLabels == other.hasLabels else { return other.hasLabels }
      return one.count == other.count ? one.name < other.name : one.count > other.count
    }
  }

  /// The vector of the frame of an asset that is nearest to a moment of it, in seconds.
  ///
  /// Where several networks gave some, `network` says which: its name, or its name and digest.
  public func example(
    _ id: String, at seconds: Double, network: String? = nil, _ ask: Ask
  ) throws(Fault) -> Example {
    let asset = try library.asset(id, scope: ask.scope).asset
    guard asset.group.client.hasSameBytes(as: ask.client) else { throw Library.noAsset(id) }
    let heads = VectorHeads(client: ask.client, library: library)
    var found: [(series: String, set: VectorSet, group: VectorSet.Group)] = []
    for head in try heads.of(asset.id) where Self.isAsked(head, ask) {
      guard let set = try heads.set(head) else { continue }
      for group in set.groups where group.count > 0 && Self.isNamed(group.network, network) {
        found.append((head.series, set, group))
      }
    }
    guard let one = found.first else {
      try refuse(network, of: id, named: try heads.of(asset.id).filter { Self.isAsked($0, ask) })
      throw Fault(
        .notFound,
        "no network said of the asset '\(id)' in numbers what its frames show: analyse it with one whose task is 'embedding'"
      )
    }
    guard found.allSatisfy({ $0.group.network.hasSameBytes(as: one.group.network) }) else {
      let names = Set(found.map(\.group.network)).sorted().joined(separator: ", ")
      throw Fault(.badInput, "several networks said what the frames of '\(id)' show: name one of \(names), or a series")
    }
    guard let row = one.set.nearest(to: seconds, in: one.group),
      let vector = UnitVector(one.set.vector(row, in: one.group))
    else { throw Fault(.badInput, "the vectors of the asset '\(id)' are damaged: analyse it again") }
    return Example(network: one.group.network, vector: vector)
  }

  /// Where an asset has vectors, and none of the network that was named.
  private func refuse(_ network: String?, of id: String, named heads: [MomentHead]) throws(Fault) {
    let known = Set(heads.flatMap { $0.vectors?.networks.map(\.name) ?? [] }).sorted()
    guard let network, !known.isEmpty else { return }
    throw Fault(
      .notFound, "the asset '\(id)' has no vectors of '\(network)': there are those of \(known.joined(separator: ", "))"
    )
  }

  /// The network that is meant: of the client's the one of this name, or the one that gave the most.
  ///
  /// - Throws: `notFound` where there is none.
  public func network(_ name: String?, _ ask: Ask) throws(Fault) -> String {
    let networks = try networks(ask)
    if let found = networks.first(where: { Self.isNamed($0.name, name) }) { return found.name }
    guard !networks.isEmpty else {
      let series = ask.series.map { " by '\($0)'" } ?? ""
      throw Fault(
        .notFound,
        "no network said in numbers what films of '\(ask.client)' show\(series): analyse some with one whose task is 'embedding'"
      )
    }
    let known = networks.map(\.name).joined(separator: ", ")
    throw Fault(
      .notFound, "the films of '\(ask.client)' have no vectors of '\(name ?? "")': there are those of \(known)")
  }

  /// Whether films were looked at with exactly this network: vectors of another mean nothing beside its own.
  public func check(_ identity: String, _ ask: Ask) throws(Fault) {
    let networks = try networks(ask)
    guard !networks.contains(where: { $0.name.hasSameBytes(as: identity) }) else { return }
    let known = networks.map(\.name).joined(separator: ", ")
    throw Fault(
      .conflict,
      "films of '\(ask.client)' have no vectors of \(identity), and vectors of other networks mean nothing beside its own: there are those of \(known.isEmpty ? "none" : known)"
    )
  }

  /// Whether a network is the one that was named, by its name or by its name and digest.
  public static func isNamed(_ network: String, _ name: String?) -> Bool {
    guard let name else { return true }
    if network.hasSameBytes(as: name) { return true }
    return network.utf8.starts(with: (name + "@").utf8)
  }

  static func isAsked(_ head: MomentHead, _ ask: Ask) -> Bool {
    ask.series.map { head.series.hasSameBytes(as: $0) } ?? true
  }

  /// What is most alike to an example: exactly, whatever limits it.
  public func similar(to example: Example, _ ask: Ask) throws(Fault) -> SimilarAnswer {
    var answer = SimilarAnswer()
    (answer.network, answer.asked) = (example.network, example.words)
    answer.upTo = try MomentDesk(library).upTo()
    guard ask.scope.covers(ask.client) else { return answer }
    VectorShelf.shared.begin()
    let heads = VectorHeads(client: ask.client, library: library)
    let filter = try ask.filter.map { (query) throws(Fault) in
      try VectorFilter(query, client: ask.client, scope: ask.scope, library)
    }
    answer.incomplete.note(filter?.gaps ?? [])
    var some = try heads.all(&answer.incomplete).filter { head in
      Self.isAsked(head, ask) && filter?.mayHave(head.asset) ?? true
        && head.vectors!.networks.contains { $0.name.hasSameBytes(as: example.network) }
    }
    while true {
      let bases = filter?.needsTimes == true ? try heads.bases(Set(some.map(\.asset))) : [:]
      let (hits, counts) = try look(at: some, for: example, ask, filter, bases, heads, &answer.incomplete)
      // What was deleted or moved, and is not taken away yet, makes room for what is there.
      let there = try heads.bases(Set(hits.map { some[$0.set].asset }))
      let gone = Set(hits.map { some[$0.set].asset }).subtracting(there.keys)
      guard gone.isEmpty else {
        some.removeAll { gone.contains($0.asset) }
        continue
      }
      (answer.compared, answer.films) = counts
      for hit in hits {
        let head = some[hit.set]
        var found = SimilarAnswer.Found(
          asset: head.asset, series: head.series, time: hit.place.time, span: hit.span, likeness: hit.likeness,
          track: hit.place.track, at: there[head.asset]! + AnalysisMoments.milliseconds(hit.place.time))
        found.because = try reasons(hit.row, of: head, example, heads)
        answer.found.append(found)
      }
      return answer
    }
  }

  private func look(
    at some: [MomentHead], for example: Example, _ ask: Ask, _ filter: VectorFilter?, _ bases: [ULID: Int],
    _ heads: VectorHeads, _ gaps: inout [AnswerGap]
  ) throws(Fault) -> (hits: [NearestSearch.Hit], counts: (compared: Int, films: Int)) {
    var search = NearestSearch(example.vector, limit: ask.limit, gap: ask.gap, least: ask.least)
    var films = 0
    for (number, head) in some.enumerated() {
      guard let set = try heads.set(head, for: example, &gaps), let group = set.group(example.network) else { continue }
      guard group.length == example.vector.numbers.count else { throw example.misfit(group.length) }
      var rows: [Range<Int>]?
      if let filter {
        guard !filter.needsTimes || bases[head.asset] != nil else { continue }
        rows = filter.rows(head, base: bases[head.asset] ?? 0, of: group, in: set)
      }
      guard rows?.isEmpty != true else { continue }
      films += 1
      search.look(at: set, group, number: number, rows: rows)
    }
    return (search.hits, (search.compared, films))
  }
}
