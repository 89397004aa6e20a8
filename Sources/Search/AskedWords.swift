public import Base
internal import Vectors

/// Words that are searched for, and how they are compared with frames.
public struct AskedWords: Sendable {
  public let text: String
  /// Whose vector of them is compared: `NAME@sha256:…`.
  public let network: String
  /// It was longer than the network takes, and what stands behind was not looked at.
  public let isCut: Bool
  /// Words that the network does not know at all.
  public let unknown: [String]
  /// Where frames lie among words; `nil` where they and words have vectors in one space.
  let concepts: Concepts?

  /// Labels of a network of pictures, and where their names lie.
  struct Concepts: Sendable {
    let labels: [String]
    let space: ConceptSpace
  }

  func write(into json: inout JSONWriter) {
    json.field("words", text)
    json.field("textModel", network)
    json.field("method", concepts == nil ? "joint" : "concepts")
    if isCut { json.field("cut", true) }
    if !unknown.isEmpty { json.field("unknown", unknown) }
  }
}

extension SimilarAnswer.Reason {
  func write(_ json: inout JSONWriter) {
    json.field("label", label)
    json.field("share", share, digits: 4)
    json.field("similarity", likeness, digits: 4)
  }
}

/// What turns words into vectors: a port.
public protocol TextNetwork: Sendable {
  /// `NAME@sha256:…`.
  var identity: String { get }
  /// The network of pictures whose vectors lie in the same space; `nil` for a network of texts alone.
  var pictures: String? { get }

  func vectors(of texts: [String]) throws(Fault) -> [TextVector]
}

/// What a network of texts says of one.
public struct TextVector: Sendable {
  public let numbers: [Float]
  /// It was longer than the network takes.
  public let isCut: Bool
  /// Words that the network does not know at all.
  public let unknown: [String]

  public init(numbers: [Float], isCut: Bool, unknown: [String]) {
    (self.numbers, self.isCut, self.unknown) = (numbers, isCut, unknown)
  }
}
