internal import Items
public import Predictions

/// Makes the scores of an asset out of its predictions, in whole numbers of a millionth, so that no order matters.
///
/// Of predictions of the kind `score` (a number about a frame or span) the mean; of all others the greatest score of each label, since that says
/// best whether something is in the film at all. A prediction without a label counts by its kind; what has no score does not count.
public struct ScoreCollector: Sendable {
  private struct Running {
    var count = 0
    /// Of as many numbers as there may be, whatever they are.
    var sum = Int128(0)
    var greatest = Int.min
    var isMean = false

    /// To the nearest millionth, halves away from zero.
    var mean: Int {
      let doubled = 2 * sum.magnitude + UInt128(count)
      return (sum < 0 ? -1 : 1) * Int(doubled / (2 * UInt128(count)))
    }
  }

  /// By the label's bytes.
  private var labels: [[UInt8]: Running] = [:]

  public init() {}

  public mutating func add(_ prediction: Prediction) {
    guard let score = prediction.score, score.isFinite, score.magnitude < 1e6 else { return }
    let millionths = Int((Double(score) * 1e6).rounded())
    let label = Array((prediction.label ?? prediction.kind.rawValue).utf8)
    var running = labels[label] ?? Running()
    running.count += 1
    running.sum += Int128(millionths)
    running.greatest = max(running.greatest, millionths)
    running.isMean = prediction.kind == .score
    labels[label] = running
  }

  /// Labels that are longer than a part of a key may be are left out: see ``isKey(_:)``.
  public var values: [LabelScore] {
    labels.filter { Self.isKey($0.key) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { label, running in
      LabelScore(String(decoding: label, as: UTF8.self), running.isMean ? running.mean : running.greatest)
    }
  }

  /// A label of at most 200 bytes, as keys write it.
  private static func isKey(_ label: [UInt8]) -> Bool {
    CompositeKey.joined(String(decoding: label, as: UTF8.self)).utf8.count <= 200 && !label.contains(0)
  }
}
