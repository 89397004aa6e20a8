import Base
import Execution
import Inference
import Items
import Library
import Loading
import ModelHub
import Predictions
import Search
import Vision

/// Turns the words of a search into what is compared, with the networks of this machine.
struct WordsLookup {
  private let arguments: Arguments
  private let engine: Engine

  init(_ arguments: Arguments) throws(Fault) {
    self.arguments = arguments
    engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
  }

  func example(
    _ text: String, _ desk: VectorDesk, _ asked: VectorDesk.Ask, _ ask: SimilarAsk
  ) throws(Fault) -> VectorDesk.Example {
    let network = OwnTexts(encoder: try TextEncoder(try model(ask.textModel), on: engine))
    return try desk.example(
      words: text, by: network, model: ask.model, asked,
      labels: { (network) throws(Fault) in try labels(of: network, isNamed: ask.model != nil) },
      pictures: { (name) throws(Fault) in try here(name).map { "\($0.name)@\($0.digest)" } })
  }

  /// A model of this machine, with its digest; `nil` where it is not here.
  private func here(_ name: String) throws(Fault) -> Model? {
    do throws(Fault) { return try resolver.find(name).identified(cache: EngineCache.standard.folder) } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
  }

  /// The network of texts that is meant: the one that is here, where none is named.
  private func model(_ name: String?) throws(Fault) -> Model {
    if let name { return try resolver.find(name) }
    let all = try Hub.standard(models: arguments["models"]).list().compactMap { try? $0.model.get() }
      .filter { $0.manifest.words != nil }
    let ready = all.filter(\.isReady)
    guard ready.count < 2 else {
      throw Fault(
        .usage,
        "there are several networks of texts: say --text-model, one of \(ready.map(\.name).joined(separator: ", "))")
    }
    if let one = ready.first { return try resolver.find(one.name) }
    // Known, and not here: the way to get it stands in the fault.
    if let known = all.first { return try resolver.find(known.name) }
    throw Fault(
      .notFound,
      "a search by words wants a network of texts, and there is none: put a folder with one and a manifest that has 'text:' among the models, or name its folder with --models; docs/search.md says how under Words"
    )
  }

  /// What the numbers of a network of embeddings are called; `nil` where they have no names.
  private func labels(of network: String, isNamed: Bool) throws(Fault) -> [String]? {
    let name = String(network.prefix { $0 != "@" })
    let model: Model
    do throws(Fault) { model = try resolver.find(name).identified(cache: EngineCache.standard.folder) } catch {
      guard !isNamed, error.kind == .notFound else { throw error }
      return nil
    }
    guard model.recipe.task == .embedding, !model.labels.isEmpty else { return nil }
    guard network.hasSameBytes(as: "\(model.name)@\(model.digest)") else {
      throw Fault(
        .conflict,
        "films have vectors of \(network), and '\(name)' is another network here, \(model.digest): what its numbers are called may be something else"
      )
    }
    return model.labels
  }

  private var resolver: ModelResolver { ModelOptions.resolver(arguments, on: engine) }
}

/// A network of texts in this process.
private struct OwnTexts: TextNetwork {
  let encoder: TextEncoder

  var identity: String { encoder.identity }
  var pictures: String? { encoder.pictures }

  func vectors(of texts: [String]) throws(Fault) -> [TextVector] {
    try encoder.encode(texts).map { TextVector(numbers: $0.vector, isCut: $0.isCut, unknown: $0.unknown) }
  }
}
