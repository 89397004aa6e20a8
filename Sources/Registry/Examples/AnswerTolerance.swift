internal import Base
internal import Items
internal import Predictions
internal import Reports

/// How far an answer may be from the one that was recorded, and still be the same.
///
/// Labels, texts and counts are equal. What has a score within ``score`` of the threshold, or of the last place that is told, may come or go:
/// there the last bit of a sum decides.
public struct AnswerTolerance: Sendable, Hashable {
  /// Of each side of a box, and of each point, in fractions of the picture.
  public let place: Double
  /// Of a score.
  public let score: Double
  /// Of each number of a tensor, as a share of the largest of it; whole numbers are equal.
  public let share: Double
  /// The least cosine between two embeddings.
  public let cosine: Double
  /// The least intersection over union of two masks.
  public let overlap: Double

  /// Where the same engine, in the same version, computes on the same kind of device in the same precision.
  public static let sameComputation = AnswerTolerance(
    place: 0.01, score: 0.02, share: 0.01, cosine: 0.999, overlap: 0.95)
  /// Where anything of that is another.
  public static let otherComputation = AnswerTolerance(
    place: 0.03, score: 0.05, share: 0.05, cosine: 0.99, overlap: 0.9)

  /// One sentence for each thing in which an answer is not the recorded one; none where it is.
  ///
  /// `threshold` is the score from which the model tells of anything.
  public func differences(
    of found: RecordedAnswers.Answer, from recorded: RecordedAnswers.Answer, threshold: Float
  ) -> [String] {
    switch (recorded, found) {
    case (.predictions(let recorded), .predictions(let found)):
      differences(of: found, from: recorded, Double(threshold))
    case (.tensors(let recorded), .tensors(let found)): differences(of: found, from: recorded)
    default: ["it answers with \(Self.kind(found)), and with \(Self.kind(recorded)) then"]
    }
  }

  private static func kind(_ answer: RecordedAnswers.Answer) -> String {
    if case .tensors = answer { "tensors" } else { "what it finds on a picture" }
  }
}

/// What is found on pictures.
extension AnswerTolerance {
  private func differences(of found: [Prediction], from recorded: [Prediction], _ threshold: Double) -> [String] {
    var (texts, left) = ([String](), Array(found.indices))
    // Of classes, as many are told as are asked for, and the last places are close.
    let last = recorded.first?.kind == .classification ? recorded.compactMap(\.score).min().map(Double.init) : nil
    let floor = max(threshold, last ?? threshold) + score
    for one in recorded {
      let alike = left.filter { Self.isAlike(one, found[$0]) }
      guard let nearest = alike.min(by: { Self.distance(one, found[$0]) < Self.distance(one, found[$1]) }) else {
        if one.score.map(Double.init) ?? .infinity > floor { texts.append("\(Self.name(one)) is missing") }
        continue
      }
      left.removeAll { $0 == nearest }
      texts += differences(of: found[nearest], from: one)
    }
    for place in left where found[place].score.map(Double.init) ?? .infinity > floor {
      texts.append("\(Self.name(found[place])) was not there")
    }
    return texts
  }

  private static func isAlike(_ one: Prediction, _ other: Prediction) -> Bool {
    one.kind == other.kind && (one.label ?? "").hasSameBytes(as: other.label ?? "")
      && (one.text ?? "").hasSameBytes(as: other.text ?? "") && (one.box == nil) == (other.box == nil)
  }

  private static func name(_ one: Prediction) -> String {
    let score = one.score.map { " (\(NumberFormat.fixed(Double($0), 2)))" } ?? ""
    return "'\(one.label ?? one.text ?? one.kind.rawValue)'\(score)"
  }

  private static func distance(_ one: Prediction, _ other: Prediction) -> Double {
    place(one, other) + Double(((one.score ?? 0) - (other.score ?? 0)).magnitude)
  }

  /// The largest difference between sides of boxes and between points.
  private static func place(_ one: Prediction, _ other: Prediction) -> Double {
    var largest = one.points.count == other.points.count ? 0 : Double.infinity
    if let a = one.box, let b = other.box {
      for side in [a.x - b.x, a.y - b.y, a.right - b.right, a.bottom - b.bottom] {
        largest = max(largest, side.magnitude)
      }
    }
    for (a, b) in zip(one.points, other.points) { largest = max(largest, (a.x - b.x).magnitude, (a.y - b.y).magnitude) }
    return largest
  }

  private func differences(of found: Prediction, from recorded: Prediction) -> [String] {
    var texts: [String] = []
    let (name, apart) = (Self.name(recorded), Self.place(recorded, found))
    if !(apart <= place) { texts.append("\(name) lies \(NumberFormat.fixed(apart, 3)) of the picture elsewhere") }
    if let a = recorded.score, let b = found.score, !(Double((a - b).magnitude) <= score), !(a.isNaN && b.isNaN) {
      texts.append("\(name) has the score \(NumberFormat.fixed(Double(b), 3))")
    }
    if let a = recorded.mask, let b = found.mask {
      let shared = a.size == b.size ? a.overlap(b) : 0
      if shared < overlap {
        texts.append("the mask of \(name) covers other pixels (overlap \(NumberFormat.fixed(shared, 3)))")
      }
    } else if (recorded.mask == nil) != (found.mask == nil) {
      texts.append("\(name) has a mask, or has none any more")
    }
    if !areAlike(recorded, found) { texts.append("the numbers of \(name) are others") }
    return texts
  }

  /// Embeddings by their angle, maps and raw values number by number.
  private func areAlike(_ recorded: Prediction, _ found: Prediction) -> Bool {
    guard recorded.vector.count == found.vector.count, recorded.tensor?.spec.shape == found.tensor?.spec.shape else {
      return false
    }
    if let a = recorded.tensor, let b = found.tensor {
      let pairs = [(a.minimum, b.minimum), (a.maximum, b.maximum), (a.mean, b.mean)].map { (Double($0), Double($1)) }
      guard areClose(pairs, scale: Double(max(a.minimum.magnitude, a.maximum.magnitude))) else { return false }
    }
    let pairs = zip(recorded.vector, found.vector).map { (Double($0), Double($1)) }
    guard recorded.kind == .embedding, !pairs.isEmpty else {
      return areClose(pairs, scale: pairs.map(\.0.magnitude).max() ?? 0)
    }
    let (dot, a, b) = pairs.reduce((0.0, 0.0, 0.0)) { ($0.0 + $1.0 * $1.1, $0.1 + $1.0 * $1.0, $0.2 + $1.1 * $1.1) }
    return a == 0 && b == 0 || dot >= cosine * (a * b).squareRoot() && dot > 0
  }

  private func areClose(_ pairs: [(Double, Double)], scale: Double) -> Bool {
    pairs.allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN || ($0 - $1).magnitude <= share * scale + 1e-6 }
  }
}

/// What comes out of networks that take tensors.
extension AnswerTolerance {
  private func differences(of found: [RecordedAnswers.Tensor], from recorded: [RecordedAnswers.Tensor]) -> [String] {
    var texts: [String] = []
    for one in recorded {
      guard let other = found.first(where: { $0.name.hasSameBytes(as: one.name) }) else {
        texts.append("the output '\(one.name)' is missing")
        continue
      }
      guard one.element == other.element, one.shape == other.shape else {
        texts.append(
          "the output '\(one.name)' is \(other.element.rawValue) \(other.shape), and was \(one.element.rawValue) \(one.shape)"
        )
        continue
      }
      if let text = difference(of: other, from: one) { texts.append("the output '\(one.name)' \(text)") }
    }
    for other in found where !recorded.contains(where: { $0.name.hasSameBytes(as: other.name) }) {
      texts.append("the output '\(other.name)' was not there")
    }
    return texts
  }

  private func difference(of found: RecordedAnswers.Tensor, from recorded: RecordedAnswers.Tensor) -> String? {
    if recorded.bytes == found.bytes { return nil }
    guard let a = recorded.fractions, let b = found.fractions, a.count == b.count else {
      return "has other whole numbers"
    }
    let scale = a.filter(\.isFinite).map(\.magnitude).max() ?? 0
    var worst: (apart: Double, place: Int)?
    for place in a.indices where !areClose([(a[place], b[place])], scale: scale) {
      let apart = (a[place] - b[place]).magnitude
      if worst == nil || !(apart <= worst!.apart) { worst = (apart, place) }
    }
    return worst.map { "is \(b[$0.place]) at place \($0.place), and was \(a[$0.place])" }
  }
}

extension RecordedAnswers.Tensor {
  /// Its numbers where they are fractions; `nil` for whole ones, truth values and texts.
  fileprivate var fractions: [Double]? {
    let width = element.byteCount
    guard [.f16, .bf16, .f32, .f64].contains(element), bytes.count.isMultiple(of: width) else { return nil }
    return stride(from: 0, to: bytes.count, by: width).map { place in
      let bits = (place..<place + width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
      return switch element {
      case .f64: Double(bitPattern: bits)
      case .f32: Double(Float(bitPattern: UInt32(bits)))
      case .bf16: Double(Float(bitPattern: UInt32(bits) << 16))
      default: Double(Float16(bitPattern: UInt16(bits)))
      }
    }
  }
}
