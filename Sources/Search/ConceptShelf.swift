internal import Base
internal import Items
internal import Vectors

/// Where the names of networks' labels lie, as networks of texts said: some thousand names take seconds.
///
/// They are asked for part by part and one asker at a time, and each part is kept: where one asker's time ends, the next goes on.
final class ConceptShelf: Sendable {
  static let shared = ConceptShelf()

  /// A pair of networks.
  private struct Entry: Sendable {
    let key: String
    /// Of the first labels, until all are there.
    var vectors: [UnitVector] = []
    var space: ConceptSpace?
    /// Somebody asks for more of them.
    var isBusy = true
  }

  private enum Turn {
    case made(ConceptSpace)
    /// The caller asks, from this label on.
    case mine(Int)
  }

  private let entries = Monitor<[Entry]>([])
  /// Pairs of networks that are kept; a server has one or two.
  private static let most = 8
  /// Labels of one question: few enough that a slow machine answers it within the time of a search.
  private static let part = 128
  /// Nanoseconds for which one waits for another who asks.
  private static let patience: UInt64 = 5_000_000_000

  /// - Throws: `unavailable` where not all labels are done yet, with how many are; `badInput` for vectors that are none.
  func space(of network: String, _ labels: [String], _ texts: some TextNetwork) throws(Fault) -> ConceptSpace {
    let key = "\(network) \(texts.identity)"
    let turn = entries.wait(before: Clock.now + Self.patience) { Self.turn(key, &$0) }
    switch turn {
    case .made(let space): return space
    case .mine(let first):
      defer { change(key) { $0.isBusy = false } }
      try ask(from: first, labels, texts, key)
      return try finish(key, texts)
    case nil: throw unfinished(key, labels.count, Fault(.unavailable, "another search asks for them"))
    }
  }

  /// `nil` while another asks.
  private static func turn(_ key: String, _ entries: inout [Entry]) -> Turn? {
    guard let place = entries.firstIndex(where: { $0.key.hasSameBytes(as: key) }) else {
      if entries.count >= most, let oldest = entries.firstIndex(where: { !$0.isBusy }) { entries.remove(at: oldest) }
      entries.append(Entry(key: key))
      return .mine(0)
    }
    if let space = entries[place].space { return .made(space) }
    guard !entries[place].isBusy else { return nil }
    entries[place].isBusy = true
    return .mine(entries[place].vectors.count)
  }

  private func ask(
    from first: Int, _ labels: [String], _ texts: some TextNetwork, _ key: String
  ) throws(Fault) {
    var rest = labels.dropFirst(first)
    while !rest.isEmpty {
      let part = Array(rest.prefix(Self.part))
      let said: [TextVector]
      do throws(Fault) { said = try texts.vectors(of: part) } catch {
        guard [.unavailable, .exhausted].contains(error.kind) else { throw error }
        throw unfinished(key, labels.count, error)
      }
      guard said.count == part.count else {
        throw Fault(.bug, "\(texts.identity) gave \(said.count) vectors for \(part.count) labels")
      }
      let vectors = try zip(part, said).map { (label, said) throws(Fault) in try Self.vector(said, label, texts) }
      change(key) { $0.vectors += vectors }
      rest = rest.dropFirst(part.count)
    }
  }

  private static func vector(_ said: TextVector, _ label: String, _ texts: some TextNetwork) throws(Fault) -> UnitVector
  {
    guard let vector = UnitVector(said.numbers) else {
      throw Fault(
        .badInput, "what \(texts.identity) says of the label '\(label)' has no direction: give it a name in words")
    }
    return vector
  }

  private func finish(_ key: String, _ texts: some TextNetwork) throws(Fault) -> ConceptSpace {
    guard let space = ConceptSpace(key, labels: vectors(key)) else {
      throw Fault(.badInput, "\(texts.identity) gives vectors of several lengths: a network of texts gives them of one")
    }
    change(key) { ($0.space, $0.vectors) = (space, []) }
    return space
  }

  private func vectors(_ key: String) -> [UnitVector] {
    entries.update { entries in entries.first { $0.key.hasSameBytes(as: key) }?.vectors ?? [] }
  }

  private func change(_ key: String, _ body: (inout Entry) -> Void) {
    entries.update { entries in
      guard let place = entries.firstIndex(where: { $0.key.hasSameBytes(as: key) }) else { return }
      body(&entries[place])
    }
  }

  private func unfinished(_ key: String, _ count: Int, _ reason: Fault) -> Fault {
    Fault(
      reason.kind,
      "words are compared with what labels are called, and \(vectors(key).count) of \(count) labels are done: search once more",
      cause: reason.message)
  }
}
