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
    guard let recipe = model.manifest.words else { throw Self.takesNoWords(model.name) }
    do throws(Fault) {
      let loaded = try TextModel(model, recipe, LoadOptions(), on: engine)
      let identified = try model.identified(cache: engine.cacheFolder)
      try self.init(
        identified, digest: identified.digest, inputs: loaded.network.inputs, outputs: loaded.network.outputs,
        computation: "\(loaded.network.engine) \(loaded.network.precision)", cache: engine.cacheFolder,
        target: InferenceUnit(loaded.network))
    } catch { throw error.at("model \(model.name)") }
  }

  /// For one that runs already; `digest` is that of manifest and files.
  ///
  /// Vectors of long lists are kept in the folder `cache`, apart for each `computation`: who computes, in which precision.
  public init(
    _ model: Model, digest: String, inputs: [TensorSpec], outputs: [TensorSpec], computation: String, cache: String?,
    target: any InferenceTarget
  ) throws(Fault) {
    guard let recipe = model.manifest.words else { throw Self.takesNoWords(model.name) }
    (self.computation, self.cache) = (computation, cache)
    (identity, pictures, pooling, self.target) = ("\(model.name)@\(digest)", recipe.pictures, recipe.pooling, target)
    ports = try Ports(inputs, outputs, recipe)
    let file = model.path(of: recipe.vocabulary)
    do throws(Fault) {
      tokens = WordPiece(
        try Vocabulary(lines: try FileSystem.read(file, limit: Vocabulary.mostBytes)), isLowercase: recipe.isLowercase,
        length: recipe.length)
    } catch { throw error.at(file) }
  }

  private static func takesNoWords(_ name: String) -> Fault {
    Fault(
      .unsupported,
      "the model '\(name)' takes no words: a network of texts has 'text:' in its manifest, with its vocabulary; see docs/search.md"
    )
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
    let answers = Monitor<[Result<[Float], Fault>?]>(Array(repeating: nil, count: texts.count))
    for (place, text) in texts.enumerated() {
      answers.wait { answers in answers.prefix(place).count { $0 == nil } < Self.most ? () : nil }
      try ask(text.ids, source, deadline) { answer in answers.update { $0[place] = answer } }
    }
    return try texts.indices.map { (place) throws(Fault) in try answers.wait { $0[place] }.get() }
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

  func inputs(_ ids: [Int32]) -> [SharedBytes] {
    roles.map { role, element in
      let values: [Int32] =
        switch role {
        case .ids: ids
        case .mask: ids.map { _ in 1 }
        case .types: ids.map { _ in 0 }
        }
      return SharedBytes(values.flatMap { value in Self.bytes(Int64(value)).prefix(element.byteCount) })
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
