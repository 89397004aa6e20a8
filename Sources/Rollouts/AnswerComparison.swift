public import Base
public import Predictions
internal import Reports

/// Holds the answers of two versions to the same picture, or the same tensors, against each other.
public enum AnswerComparison {
  /// From which intersection over union two boxes are of one thing.
  public static let leastOverlap = 0.5
  /// From which cosine two vectors say the same.
  public static let leastCosine = 0.99

  /// Answers to one picture or frame: what has a box is the same where label and place are; of classes the best of each network counts; texts are
  /// the same word for word, and vectors by their cosine.
  public static func compare(_ one: [Prediction], _ two: [Prediction]) -> AgreementTally {
    var tally = AgreementTally()
    tally.compared = 1
    let steps = (one + two).map(\.step).max().map { $0 + 1 } ?? 1
    var agreement = Agreement(steps: (0..<steps).map(String.init), least: leastOverlap)
    agreement.add(reference: said(one), other: said(two))
    for step in agreement.steps {
      for label in step.labels.values {
        tally.both += label.both
        tally.apart += label.missed + label.added
      }
    }
    let (mine, theirs) = (one.filter(isVector), two.filter(isVector))
    for (a, b) in zip(mine, theirs) {
      if cosine(a.vector, b.vector) >= leastCosine { tally.both += 1 } else { tally.apart += 2 }
    }
    tally.apart += abs(mine.count - theirs.count)
    return tally
  }

  private static func isVector(_ prediction: Prediction) -> Bool {
    prediction.label == nil && !prediction.vector.isEmpty
  }

  /// What is compared by name and place.
  private static func said(_ predictions: [Prediction]) -> [Prediction] {
    var best: [Int: Prediction] = [:]
    var said: [Prediction] = []
    for prediction in predictions where !isVector(prediction) {
      guard prediction.kind == .classification else {
        var prediction = prediction
        if let text = prediction.text { prediction.label = "\(prediction.label ?? ""): \(text)" }
        said.append(prediction)
        continue
      }
      let place = prediction.step << 32 | (prediction.parent ?? 0)
      if (best[place]?.score ?? -.infinity) < prediction.score ?? 0 { best[place] = prediction }
    }
    return said + best.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func cosine(_ one: [Float], _ two: [Float]) -> Double {
    guard one.count == two.count else { return 0 }
    let sums = zip(one, two).reduce((0.0, 0.0, 0.0)) { sums, pair in
      let (a, b) = (Double(pair.0), Double(pair.1))
      return (sums.0 + a * b, sums.1 + a * a, sums.2 + b * b)
    }
    guard sums.1 > 0, sums.2 > 0 else { return sums.1 == sums.2 ? 1 : 0 }
    return sums.0 / (sums.1 * sums.2).squareRoot()
  }

  /// What is counted of the labels and scores of one picture or frame.
  public static func labels(of predictions: [Prediction]) -> [(label: String, score: Float?)] {
    said(predictions).compactMap { one in one.label.map { ($0, one.score) } }
  }

  /// Outputs as bytes: the same where each number is as near to the other's as `tolerance` says, in shares of the largest magnitude of
  /// the first's; outputs that are no numbers are the same byte for byte.
  public static func compare(
    _ one: [(spec: TensorSpec, bytes: [UInt8])], _ two: [(spec: TensorSpec, bytes: [UInt8])], tolerance: Double
  ) -> AgreementTally {
    var tally = AgreementTally()
    tally.compared = 1
    let isSame =
      one.count == two.count
      && zip(one, two).allSatisfy { mine, other in
        guard mine.spec.element == other.spec.element, mine.spec.shape == other.spec.shape else { return false }
        guard let a = numbers(mine.bytes, mine.spec.element), let b = numbers(other.bytes, other.spec.element) else {
          return mine.bytes == other.bytes
        }
        let largest = a.reduce(0) { max($0, $1.isFinite ? $1.magnitude : 0) }
        return a.count == b.count
          && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) <= tolerance * largest }
      }
    if isSame { tally.both = 1 } else { tally.apart = 2 }
    return tally
  }

  /// What is counted of tensors, whose meaning nobody knows: of the first output, where the largest number stands in each row of 2 to 1000.
  public static func labels(of outputs: [(spec: TensorSpec, bytes: [UInt8])]) -> [(label: String, score: Float?)] {
    guard let first = outputs.first, let sides = first.spec.shape as? [Int], sides.count >= 2 else { return [] }
    let length = sides.dropFirst().reduce(1, *)
    guard (2...1000).contains(length), let values = numbers(first.bytes, first.spec.element),
      values.count.isMultiple(of: length)
    else { return [] }
    return stride(from: 0, to: values.count, by: length).map { start in
      let row = values[start..<start + length]
      let place = row.indices.max { row[$0] < row[$1] } ?? start
      return ("#\(place - start)", Float(row[place]))
    }
  }

  /// Little-endian numbers; `nil` for what is read here as bytes alone.
  static func numbers(_ bytes: [UInt8], _ element: ElementType) -> [Double]? {
    guard element.byteCount > 0, bytes.count.isMultiple(of: element.byteCount) else { return nil }
    switch element {
    case .f32: return all(Float.self) { Double($0) }
    case .f64: return all(Double.self) { $0 }
    case .f16: return all(Float16.self) { Double($0) }
    case .bf16: return all(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .u8, .bool: return all(UInt8.self) { Double($0) }
    case .u16: return all(UInt16.self) { Double($0) }
    case .u32: return all(UInt32.self) { Double($0) }
    case .u64: return all(UInt64.self) { Double($0) }
    case .i8: return all(Int8.self) { Double($0) }
    case .i16: return all(Int16.self) { Double($0) }
    case .i32: return all(Int32.self) { Double($0) }
    case .i64: return all(Int64.self) { Double($0) }
    case .string: return nil
    }

    func all<Number: BitwiseCopyable>(_ type: Number.Type, _ read: (Number) -> Double) -> [Double] {
      bytes.withUnsafeBytes { raw in
        stride(from: 0, to: raw.count, by: MemoryLayout<Number>.stride).map {
          read(raw.loadUnaligned(fromByteOffset: $0, as: type))
        }
      }
    }
  }
}
