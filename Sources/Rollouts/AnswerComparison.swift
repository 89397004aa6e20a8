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

  /// Of answers to one picture or frame, those of the networks at these steps: what others say says nothing of them.
  public static func answers(_ predictions: [Prediction], at steps: Set<Int>) -> [Prediction] {
    predictions.filter { steps.contains($0.step) }
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
}
