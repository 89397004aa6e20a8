public import Base
public import Inference
internal import Loading
public import ModelHub
internal import Tokenization

/// Turns words into the vectors that a network of texts gives for them; for many threads at once.
public final class TextEncoder: Sendable {
  /// `NAME@sha256:…`, of manifest and files.
  public let identity: String
  /// The network of pictures whose vectors lie in the same space; `nil` for a network of texts alone.
  public let pictures: String?
  private let tokens: WordPiece
  private let target: any InferenceTarget
  private let ports: Ports
  private let pooling: TextRecipe.Pooling
  private let cache: String?
  private let computation: String

  /// What came of one text.
  public struct Encoded: Sendable, Hashable {
    /// As the network gave them, of any length.
    public let vector: [Float]
    /// It was longer than the network takes, and what stands behind was not looked at.
    public let isCut: Bool
    /// Words that the network does not know at all.
    public let unknown: [String]
  }

  /// Texts that are on their way at the same time.
  private static let most = 16

  /// For one process: compiles, and starts on one thread for each of a few copies.
  public convenience init(_ model: Model, on engine: Engine) throws(Fault) {
    guard model.manifest.words != nil else { throw TextTokenizer.takesNoWords(model.name) }
    do throws(Fault) {
      let tokenizer = try TextTokenizer(model, cache: engine.cacheFolder)
      let loaded = try TextModel(tokenizer.model, tokenizer.recipe, LoadOptions(), on: engine)
      try self.init(
        tokenizer, digest: tokenizer.model.digest, inputs: loaded.network.inputs, outputs: loaded.network.outputs,
        computation: "\(loaded.network.engine) \(loaded.network.precision)", cache: engine.cacheFolder,
        target: InferenceUnit(loaded.network))
    } catch { throw error.at("model \(model.name)") }
  }

  /// For one that runs already; `digest` is that of manifest and files.
  ///
  /// Vectors of long lists are kept in the folder `cache`, apart for each `computation`: who computes, in which precision.
  public init(
    _ tokenizer: TextTokenizer, digest: String, inputs: [TensorSpec], outputs: [TensorSpec], computation: String,
    cache: String?, target: any InferenceTarget
  ) throws(Fault) {
    let recipe = tokenizer.recipe
    (self.computation, self.cache, tokens) = (computation, cache, tokenizer.pieces)
    identity = "\(tokenizer.model.name)@\(digest)"
    (pictures, pooling, self.target) = (recipe.pictures, recipe.pooling, target)
    ports = try Ports(inputs, outputs, recipe)
  }

  /// The vectors of some texts, in their order; `deadline` is in monotonic nanoseconds, and `source` is for whom it counts.
  public func encode(_ texts: [String], source: String = "", deadline: UInt64 = .max) throws(Fault) -> [Encoded] {
    let all = texts.map(tokens.encode)
    let kept = TextVectorCache(texts, of: "\(identity) \(computation)", in: cache)
    var vectors = kept.read() ?? []
    if vectors.isEmpty {
      vectors = try ask(all, source, deadline)
      kept.write(vectors)
    }
    return zip(all, vectors).map { Encoded(vector: $1, isCut: $0.isCut, unknown: $0.unknown) }
  }

  private func ask(
    _ texts: [WordPiece.Encoded], _ source: String, _ deadline: UInt64
  ) throws(Fault) -> [[Float]] {
    let answers = Monitor(Answers(all: Array(repeating: nil, count: texts.count)))
    for (place, text) in texts.enumerated() {
      answers.wait { $0.begin(most: Self.most) }
      try ask(text.ids, source, deadline) { answer in answers.update { $0.end(place, answer) } }
    }
    return try texts.indices.map { (place) throws(Fault) in try answers.wait { $0.all[place] }.get() }
  }

  private struct Answers: Sendable {
    var all: [Result<[Float], Fault>?]
    /// Asked, and not answered yet.
    var pending = 0

    /// `nil` while as many are asked as may be.
    mutating func begin(most: Int) -> Void? {
      guard pending < most else { return nil }
      pending += 1
      return ()
    }

    mutating func end(_ place: Int, _ answer: Result<[Float], Fault>) {
      all[place] = answer
      pending -= 1
    }
  }

  private func ask(
    _ ids: [Int32], _ source: String, _ deadline: UInt64, done: @escaping @Sendable (Result<[Float], Fault>) -> Void
  ) throws(Fault) {
    let (ports, pooling) = (ports, pooling)
    let request = InferenceRequest(ports.inputs(ids), rows: 1, source: source, deadline: deadline) { outcome, _ in
      switch outcome {
      case .answered(let outputs): done(ports.pooled(outputs, pooling, tokens: ids.count))
      case .failed(let fault), .lost(let fault): done(.failure(fault))
      case .late: done(.failure(Fault(.unavailable, "the network of texts gave no answer in time: search once more")))
      case .cancelled: done(.failure(Fault(.closed, "the search was given up")))
      }
    }
    do throws(AdmissionRefusal) { try target.submit(request) } catch { throw error.fault }
  }
}

extension TextTokenizer {
  /// Texts, short ones and one that is as long as may be, as the inputs of its network take them: what engines are compared with.
  ///
  /// - Throws: `badInput` where the network is not what the manifest says.
  public func probes(inputs: [TensorSpec], outputs: [TensorSpec]) throws(Fault) -> Probes {
    let ports = try Ports(inputs, outputs, recipe)
    let long = Array(repeating: "two people walk along the beach, and a dog runs ahead of them", count: recipe.length)
    let texts = ["dog", "a red car", "people at a beach at noon", long.joined(separator: " ")]
    let rows = texts.map { ports.bytes(pieces.encode($0).ids) }
    return Probes(rows.count) { rows[$0] }
  }
}

/// Which of a network's inputs takes what, and which of its outputs is read.
private struct Ports: Sendable {
  private enum Role: Sendable { case ids, mask, types }

  private let roles: [(role: Role, element: ElementType)]
  private let output: Int

  init(_ inputs: [TensorSpec], _ outputs: [TensorSpec], _ recipe: TextRecipe) throws(Fault) {
    let names: [(String, Role)] = [(recipe.ids, .ids), (recipe.mask, .mask), (recipe.types, .types)]
    roles = try inputs.map { (input) throws(Fault) in
      guard let role = names.first(where: { $0.0.utf8.elementsEqual(input.name.utf8) })?.1 else {
        throw Fault(
          .badInput,
          "the network's input '\(input.name)' is none of \(names.map(\.0).joined(separator: ", ")): say in the manifest what it takes, text: {ids: …, mask: …, types: …}"
        )
      }
      guard [.i64, .i32].contains(input.element), input.shape.count == 2 else {
        throw Fault(.unsupported, "the network's input \(input) is no row of whole numbers for each text")
      }
      // Each text is as long as its tokens are: in a fixed side the network would read what is no text.
      guard input.shape[1] == nil, (input.shape[0] ?? 1) == 1 else {
        throw Fault(
          .unsupported,
          "the network's input \(input) does not take one text of any length, [1, tokens] with the side of tokens open: export it with that side open, see docs/manifest.md under text"
        )
      }
      return (role, input.element)
    }
    guard roles.contains(where: { $0.role == .ids }) else {
      throw Fault(
        .badInput, "the network has no input '\(recipe.ids)' for the tokens of a text: say which is it, text: {ids: …}")
    }
    guard let output = recipe.output.map({ name in outputs.firstIndex { $0.name.utf8.elementsEqual(name.utf8) } }) ?? 0
    else {
      throw Fault(
        .badInput,
        "the network has no output '\(recipe.output ?? "")': it has \(outputs.map(\.name).joined(separator: ", "))")
    }
    let sides = recipe.pooling == .none ? 2 : 3
    guard outputs.indices.contains(output), outputs[output].shape.count == sides else {
      throw Fault(
        .badInput,
        "the network's output \(outputs.indices.contains(output) ? outputs[output].description : "") does not fit pooling: \(recipe.pooling.rawValue), which reads \(sides) sides, [1, \(sides == 3 ? "tokens, " : "")numbers]"
      )
    }
    self.output = output
  }

  func inputs(_ ids: [Int32]) -> [SharedBytes] { bytes(ids).map { SharedBytes($0) } }

  func bytes(_ ids: [Int32]) -> [[UInt8]] {
    roles.map { role, element in
      let values: [Int32] =
        switch role {
        case .ids: ids
        case .mask: ids.map { _ in 1 }
        case .types: ids.map { _ in 0 }
        }
      return values.flatMap { value in Self.bytes(Int64(value)).prefix(element.byteCount) }
    }
  }

  /// As they lie in memory here, the lowest first: what is cut behind is zeros.
  private static func bytes(_ number: Int64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * Int64($0))) }
  }

  func pooled(_ outputs: Outputs, _ pooling: TextRecipe.Pooling, tokens: Int) -> Result<[Float], Fault> {
    let shape = outputs.specs[output].shape.map { $0 ?? 0 }
    guard let length = shape.last, length > 0, shape.dropLast().reduce(1, *) == (pooling == .none ? 1 : tokens) else {
      return .failure(
        Fault(
          .badInput,
          "the network of texts answered \(outputs.specs[output]) for \(tokens) tokens: pooling does not fit it"))
    }
    return .success(
      outputs.withFloats(output) { values in
        guard pooling == .mean else { return (0..<length).map { values[$0] } }
        return (0..<length).map { place in
          var sum: Float = 0
          for token in 0..<tokens { sum += values[token * length + place] }
          return sum / Float(tokens)
        }
      })
  }
}
