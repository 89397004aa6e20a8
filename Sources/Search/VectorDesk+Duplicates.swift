public import Base
public import Catalog
internal import Items
internal import Library
internal import Vectors

/// Films and pictures of a library that are nearly the same, the most alike first.
public struct DuplicatesAnswer: Sendable {
  public struct Pair: Sendable, Hashable {
    /// The one that was added first.
    public let a: ULID
    public let b: ULID
    /// The mean of the best cosines, see docs/search.md; 1 for the same frames.
    public let likeness: Double
    /// Seconds that the same frame is later in `b`.
    public let offset: Double
  }

  public internal(set) var network = ""
  /// What is less alike was left out.
  public internal(set) var least = 0.0
  public internal(set) var pairs: [Pair] = []
  public internal(set) var films = 0
  /// Frames of each film that were compared, at most.
  public internal(set) var frames = 0
  public internal(set) var upTo = 0
  /// What may be missing, and why; none where everything is found.
  public internal(set) var incomplete: [AnswerGap] = []

  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("model", network)
    json.field("least", least)
    json.array("pairs") { json in
      for pair in pairs {
        json.object { json in
          json.field("a", pair.a.text)
          json.field("b", pair.b.text)
          json.field("similarity", pair.likeness, digits: 6)
          json.field("offset", pair.offset, digits: 3)
        }
      }
    }
    json.field("films", films)
    json.field("frames", frames)
    incomplete.write(into: &json)
    json.field("asOf", CompositeKey.time(milliseconds: upTo))
  }
}

extension VectorDesk {
  /// Frames of one film that are compared, at most.
  private static let mostFrames = 128
  /// Multiplications that one answer may take: some twenty seconds of one core.
  private static let mostWork = 100_000_000_000
  /// What is less alike is no near-duplicate, where nobody says otherwise; how it was found stands in docs/search.md.
  public static let duplicate = 0.9

  /// The pairs of a client's films that one network finds alike; `network` is as ``networks(_:)`` has it.
  ///
  /// Of many films fewer frames each are compared, one at least. Faults: `exhausted` where that is too much still.
  public func duplicates(_ network: String, _ ask: Ask) throws(Fault) -> DuplicatesAnswer {
    var answer = DuplicatesAnswer()
    (answer.network, answer.least) = (network, ask.least)
    answer.upTo = try MomentDesk(library).upTo()
    guard ask.scope.covers(ask.client) else { return answer }
    VectorShelf.shared.begin()
    let heads = VectorHeads(client: ask.client, library: library)
    let some = try films(network, ask, heads, &answer.incomplete)
    var pairs: LikenessPairs?
    answer.frames = Self.mostFrames
    for (number, head) in some.enumerated() {
      guard let set = try heads.set(head, &answer.incomplete), let group = set.group(network) else { continue }
      if pairs == nil {
        answer.frames = try Self.frames(some, network, group.length)
        pairs = LikenessPairs(length: group.length, frames: answer.frames)
      }
      pairs?.add(set, group, number: number)
      answer.films += 1
    }
    answer.pairs = (pairs?.pairs(least: ask.least, limit: ask.limit) ?? []).map { pair in
      DuplicatesAnswer.Pair(a: some[pair.a].asset, b: some[pair.b].asset, likeness: pair.likeness, offset: pair.offset)
    }
    return answer
  }

  /// One head of each asset that is there: of several series, the one with the most vectors.
  private func films(
    _ network: String, _ ask: Ask, _ heads: VectorHeads, _ gaps: inout [AnswerGap]
  ) throws(Fault) -> [MomentHead] {
    var best: [ULID: (head: MomentHead, count: Int)] = [:]
    let filter = try ask.filter.map { (query) throws(Fault) in
      try VectorFilter(query, client: ask.client, scope: ask.scope, library)
    }
    gaps.note(filter?.gaps ?? [])
    for head in try heads.all(&gaps) where Self.isAsked(head, ask) && filter?.mayHave(head.asset) ?? true {
      guard let count = head.vectors!.networks.first(where: { $0.name.hasSameBytes(as: network) })?.count,
        count > best[head.asset]?.count ?? 0
      else { continue }
      best[head.asset] = (head, count)
    }
    let there = try heads.bases(Set(best.keys), &gaps)
    return best.values.map(\.head).filter { head in
      there[head.asset].map { filter?.mayHave(head, base: $0) ?? true } ?? false
    }.sorted { $0.asset < $1.asset }
  }

  private static func frames(_ some: [MomentHead], _ network: String, _ length: Int) throws(Fault) -> Int {
    var frames = mostFrames
    while frames > 0 {
      let vectors = some.reduce(0) { sum, head in
        sum + min(frames, head.vectors!.networks.first { $0.name.hasSameBytes(as: network) }?.count ?? 0)
      }
      if vectors * vectors / 2 * length <= mostWork { return frames }
      frames /= 2
    }
    throw Fault(
      .exhausted,
      "these are too many films to compare all with all (\(some.count)): say which, such as with --in 'label:car' or a series"
    )
  }
}
