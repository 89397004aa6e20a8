public import Base
internal import Catalog
internal import Items
internal import Vectors

extension VectorDesk {
  /// The vector of some words, and the network whose frames it is compared with.
  ///
  /// A joint network's words are compared with the frames that its network of pictures saw. Those of a network of texts alone are compared with what a
  /// classifier's labels are called: `labels` gives the names of a network, `NAME@sha256:…`, whose vectors are the probabilities of its labels, and `nil` for others.
  /// `pictures` gives the network of a name as it is here, `NAME@sha256:…`, and `nil` where it is not: a joint network's words mean nothing beside vectors of another.
  /// `model` is the network of pictures that is meant, else the first of ``networks(_:)`` that serves.
  /// - Throws: `notFound` where the client's films have no vectors that serve, `conflict` where those that they have are of another network, `badInput` for words that
  ///   say nothing.
  public func example(
    words text: String, by network: some TextNetwork, model: String? = nil, _ ask: Ask,
    labels: (String) throws(Fault) -> [String]?, pictures: (String) throws(Fault) -> String? = { _ in nil }
  ) throws(Fault) -> Example {
    if let joint = network.pictures {
      let compared = try compared(with: network.identity, of: joint, model, ask, pictures)
      let (vector, words) = try Self.vector(of: text, network, nil)
      return Example(network: compared, vector: vector, words: words)
    }
    let (compared, names) = try concepts(model, ask, labels)
    let space = try ConceptShelf.shared.space(of: compared, names, network)
    let (vector, words) = try Self.vector(of: text, network, AskedWords.Concepts(labels: names, space: space))
    return Example(network: compared, vector: vector, words: words)
  }

  /// The network whose vectors lie in one space with what a joint network says of words; `here` gives it as it is on this machine.
  private func compared(
    with words: String, of pictures: String, _ model: String?, _ ask: Ask, _ here: (String) throws(Fault) -> String?
  ) throws(Fault) -> String {
    guard Self.isNamed(pictures, model) || model.map({ Self.isNamed($0, pictures) }) == true else {
      throw Fault(
        .conflict, "words of \(words) are compared with vectors of '\(pictures)', and not of '\(model ?? "")'")
    }
    let most = try network(model ?? pictures, ask)
    let named = try networks(ask).map(\.name).filter { Self.isNamed($0, model ?? pictures) }
    guard let own = try here(pictures) else {
      guard named.count < 2 else {
        throw Fault(
          .conflict,
          "films of '\(ask.client)' have vectors of several networks that are called '\(pictures)', and none of them is here to tell which words of \(words) belong to: say as the model one of \(named.joined(separator: ", "))"
        )
      }
      return most
    }
    guard named.contains(where: { $0.hasSameBytes(as: own) }) else {
      throw Fault(
        .conflict,
        "films of '\(ask.client)' have vectors of \(named.joined(separator: ", ")), and '\(pictures)' is another network here, \(own): words mean nothing beside them, so analyse the films again with it"
      )
    }
    return own
  }

  private static func vector(
    of text: String, _ network: some TextNetwork, _ concepts: AskedWords.Concepts?
  ) throws(Fault) -> (UnitVector, AskedWords) {
    let said = try network.vectors(of: [text])[0]
    guard let vector = UnitVector(said.numbers) else {
      throw Fault(.badInput, "what \(network.identity) says of the words has no direction: zeros alone, or no numbers")
    }
    let words = AskedWords(
      text: text, network: network.identity, isCut: said.isCut, unknown: said.unknown, concepts: concepts)
    return (vector, words)
  }

  /// The network whose labels words are compared with, and their names.
  private func concepts(
    _ model: String?, _ ask: Ask, _ labels: (String) throws(Fault) -> [String]?
  ) throws(Fault) -> (network: String, names: [String]) {
    let named = model == nil ? nil : try network(model, ask)
    var reason: Fault?
    for network in try networks(ask) where named.map({ $0.hasSameBytes(as: network.name) }) ?? network.hasLabels {
      do throws(Fault) {
        if let names = try labels(network.name), !names.isEmpty { return (network.name, names) }
      } catch { reason = reason ?? error }
    }
    if let reason { throw reason }
    let lack = named.map { "\($0) gives no probabilities of labels" } ?? "no network gave probabilities of labels"
    throw Fault(
      .notFound,
      "\(lack) for films of '\(ask.client)', which words are compared with: analyse some with a network of task 'embedding' that has labels, as docs/search.md says under Words"
    )
  }

  /// Why a frame is found by words: the labels that have most to do with it.
  func reasons(
    _ row: Int, of head: MomentHead, _ example: Example, _ heads: VectorHeads
  ) throws(Fault) -> [SimilarAnswer.Reason] {
    // What was analysed anew meanwhile has other rows, and no reasons are told.
    guard let concepts = example.words?.concepts, let object = head.vectors?.object,
      let set = try? VectorShelf.shared.set(object, in: heads.library), let group = set.group(example.network),
      row < group.count
    else { return [] }
    let all = concepts.space.reasons(set.vector(row, in: group), for: example.vector)
    return all.filter { $0.share * $0.likeness > 0 }.sorted { $0.share * $0.likeness > $1.share * $1.likeness }
      .prefix(Self.mostReasons).map {
        SimilarAnswer.Reason(label: concepts.labels[$0.label], share: $0.share, likeness: $0.likeness)
      }
  }

  private static let mostReasons = 3
}

extension VectorDesk.Example {
  /// Vectors of another length are like none of these, and mean something else.
  func misfit(_ count: Int) -> Fault {
    Fault(
      .conflict,
      "vectors of \(network) have \(count) numbers, and \(words?.network ?? "what is looked for") has \(vector.numbers.count): they are not of one space"
    )
  }
}
