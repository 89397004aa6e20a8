import Base
import Execution
import Inference
import Loading
import ModelHub

/// What a network of texts that runs here gives for words, and what is done to these.
struct InspectedWords {
  /// Tokens of its vocabulary.
  let tokens: Int
  /// Numbers of a text's vector.
  let numbers: Int

  /// Asks it for a text, so that what the manifest says is known to fit its network.
  static func look(_ model: Model, on engine: Engine) throws(Fault) -> (words: InspectedWords, network: CompiledNetwork)
  {
    let tokenizer = try TextTokenizer(model, cache: engine.cacheFolder)
    let network = try TextModel(tokenizer.model, tokenizer.recipe, LoadOptions(), on: engine).network
    let encoder = try TextEncoder(
      tokenizer, digest: tokenizer.model.digest, inputs: network.inputs, outputs: network.outputs,
      computation: "\(network.engine) \(network.precision)", cache: nil, target: InferenceUnit(network))
    let numbers = try encoder.encode(["a dog on a beach"])[0].vector.count
    return (InspectedWords(tokens: tokenizer.tokenCount, numbers: numbers), network)
  }

  /// What is done to words, and what is made of the answer; less of it is known of one that does not run.
  static func rules(_ recipe: TextRecipe, _ known: InspectedWords?) -> [(String, String)] {
    let pooling =
      switch recipe.pooling {
      case .mean: "mean: of the numbers for each token their mean over all"
      case .first: "first: of the numbers for each token those of the first"
      case .none: "none: the network gives one row for the text"
      }
    let count = known.map { ", \($0.tokens) tokens" } ?? ""
    var rules = [
      (
        "tokens",
        "WordPiece by \(recipe.vocabulary)\(count), \(recipe.isLowercase ? "in small letters" : "as they are")"
      ),
      ("length", "\(recipe.length) tokens at most"), ("pooling", pooling),
    ]
    if let known { rules.append(("vector", "\(known.numbers) numbers")) }
    rules.append(
      (
        "compared",
        recipe.pictures.map { "with vectors of pictures by \($0)" } ?? "with what the labels of a classifier are called"
      )
    )
    return rules
  }

  static func write(_ recipe: TextRecipe, _ known: InspectedWords?, into json: inout JSONWriter) {
    json.object("text") { json in
      json.field("vocabulary", recipe.vocabulary)
      json.field("tokens", ifKnown: known?.tokens)
      json.field("lowercase", recipe.isLowercase)
      json.field("length", recipe.length)
      json.field("pooling", recipe.pooling.rawValue)
      json.field("numbers", ifKnown: known?.numbers)
      json.field("pictures", ifKnown: recipe.pictures)
    }
  }
}
