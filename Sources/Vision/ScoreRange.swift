internal import Base

/// The least and greatest of what an answer calls probabilities.
struct ScoreRange {
  /// What rounding of eight bits may add.
  static let slack: Float = 0.05

  private(set) var low: Float = 0
  private(set) var high: Float = 0

  /// Numbers that are none are dropped elsewhere.
  mutating func note(_ score: Float) {
    if score < low, score.isFinite { low = score }
    if score > high, score.isFinite { high = score }
  }

  var isProbability: Bool { low >= -Self.slack && high <= 1 + Self.slack }

  /// Throws where values called probabilities lie outside 0 to 1.
  func check(_ recipe: Recipe) throws(Fault) {
    guard !isProbability else { return }
    let facts = recipe.output.decoder.facts
    let more = facts.activations.filter { $0 != .none && $0 != recipe.output.activation }.map(\.rawValue)
    let way =
      more.isEmpty
      ? "say what its columns are, or read it otherwise"
      : "say what makes scores of them, activation \(more.joined(separator: " or ")), or read it otherwise"
    throw Fault(
      .unsupported,
      "what should be probabilities ranges from \(Self.text(low)) to \(Self.text(high)), not 0 to 1: \(way)"
    )
  }

  private static func text(_ value: Float) -> String { "\((value * 1000).rounded() / 1000)" }
}
