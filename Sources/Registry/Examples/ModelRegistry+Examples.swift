public import Base
public import Catalog
internal import Crypto
internal import Items
internal import Library
internal import ModelHub
internal import Objects
internal import Store

/// Inputs of versions, with what they answered.
extension ModelRegistry {
  /// What of one version is recorded at a time.
  public static let mostExamples = 256
  public static let mostExampleBytes = 64 << 20

  /// All that was recorded of a version, the oldest first.
  public func examples(of model: String, version number: Int) throws(Fault) -> [ModelExamples] {
    guard NameGrammar.isModelName(model) else { return [] }
    var found: [ModelExamples] = []
    let query = Query(LibraryKeys.modelPartition(model), .prefix(LibraryKeys.modelExamples(of: number)))
    try table.forEach(query) { (item) throws(Fault) in found.append(try ModelExamples(item)) }
    return found
  }

  /// Writes down inputs of a version with what it answered; what was recorded before stays as it is.
  public func record(
    _ examples: [(input: ExampleInput, answer: RecordedAnswers.Answer)], of version: RegisteredVersion,
    by computation: RecordedAnswers.Computation, who: String
  ) throws(Fault) -> ModelExamples {
    try Self.check(who, nil)
    let byteCount = examples.reduce(0) { $0 + $1.input.bytes.count }
    guard !examples.isEmpty, examples.count <= Self.mostExamples, byteCount <= Self.mostExampleBytes else {
      throw Fault(
        .badInput,
        "1 to \(Self.mostExamples) inputs of at most \(Units.text(bytes: Self.mostExampleBytes)) together are recorded at a time, and these are \(examples.count) of \(Units.text(bytes: byteCount))"
      )
    }
    var (bytes, kept) = ([UInt8](), [RecordedAnswers.Example]())
    for example in examples {
      let from = bytes.count
      bytes += example.input.bytes
      kept.append(.init(name: example.input.name, input: from..<bytes.count, answer: example.answer))
    }
    let answers = RecordedAnswers(kept, by: computation)
    let stored = [try library.put(bytes), try library.put(answers.bytes)]
    defer { withExtendedLifetime(stored) {} }
    var random = SystemRandomNumberGenerator()
    let set = ModelExamples(
      model: version.model, version: version.number, id: ULID(milliseconds: library.now, using: &random),
      inputs: stored[0].name.digest, answers: stored[1].name.digest, count: kept.count,
      computation: computation.text, by: who, recorded: library.now)
    return try library.change("the model '\(version.model)'") { () throws(Fault) in
      let writes = try check(version.number, of: version.model) + [.put(set.itemKey, set.json, if: .absent)]
      return (writes + set.references.map { .put($0, Self.emptyBody) }, set)
    }
  }

  /// What was recorded, with the inputs' bytes, which are held against their digests.
  public func answers(of set: ModelExamples) throws(Fault) -> (answers: RecordedAnswers, inputs: [ExampleInput]) {
    let place = "the recorded inputs \(set.id) of version \(set.version) of '\(set.model)'"
    do throws(Fault) {
      let answers = try RecordedAnswers(try whole(set.answers), name: place)
      let bytes = try whole(set.inputs)
      guard answers.examples.allSatisfy({ $0.input.upperBound <= bytes.count }) else {
        throw Fault(.badInput, "an input lies beyond the end of all")
      }
      return (answers, answers.examples.map { ExampleInput(name: $0.name, bytes: Array(bytes[$0.input])) })
    } catch { throw error.at(place) }
  }

  /// An object's bytes, of which nothing is changed.
  private func whole(_ digest: String) throws(Fault) -> [UInt8] {
    let bytes = try library.read(digest)
    guard SHA256.hex(of: bytes) == digest else {
      throw Fault(.badInput, "the object \(digest) is damaged: see 'ridley library verify --bytes'")
    }
    return bytes
  }
}
