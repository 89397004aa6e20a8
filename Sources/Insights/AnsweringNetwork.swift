/// A vocabulary, taxonomy or mapping in one of its versions.
public struct Versioned: Sendable, Hashable {
  public var name: String
  public var version: String

  public init(name: String, version: String) { (self.name, self.version) = (name, version) }
}

/// A network of a pipeline as analysers know it; predictions name it by its position (`Prediction.step`).
public struct AnsweringNetwork: Sendable, Hashable {
  /// How the pipeline calls it.
  public var name: String
  /// `MODEL@sha256:…`, or what else tells one network from another: two steps with the same are one witness, not two.
  public var version: String
  /// Empty where they are not known.
  public var labels: [String]
  /// Its scores on one picture are shares of a whole (softmax), so those of labels that mean the same can be added.
  public var isExclusive: Bool

  public init(name: String, version: String, labels: [String] = [], isExclusive: Bool = true) {
    (self.name, self.version, self.labels, self.isExclusive) = (name, version, labels, isExclusive)
  }

  /// The model's name, without its digest.
  var model: String { String(version.prefix { $0 != "@" }) }
}
