public import Base

/// What a picture shows, and what a model says, with labels as numbers.
public struct ClassificationSample: Sendable, Hashable {
  public struct Answer: Sendable, Hashable {
    public var label: Int
    public var score: Double

    public init(label: Int, score: Double) { (self.label, self.score) = (label, score) }
  }

  public var truth: Int
  /// By falling score.
  public var answers: [Answer]
  public var slice: String?

  public init(truth: Int, answers: [Answer], slice: String? = nil) {
    (self.truth, self.answers, self.slice) = (truth, answers, slice)
  }
}

/// All that is said of a model of classes against a truth.
public struct ClassificationReport: Sendable {
  /// What is said of all pictures, or of one slice of them.
  public struct Part: Sendable, Hashable {
    public let pictures: Int
    /// Shares of pictures whose label comes first, and is among the first five.
    public let top1: Double?
    public let top5: Double?
    /// Mean over labels that are in the truth.
    public let macroF1: Double?
  }

  public let labels: [String]
  public let all: Part
  public let slices: [(name: String, part: Part)]
  public let byLabel: [LabelCounts]
  public private(set) var confusion: ConfusionMatrix
  /// Of what comes first; `nil` where scores are no probabilities.
  public private(set) var calibration: Calibration?
  /// Mean over pictures of the squares of what all labels' scores are off by; `nil` where not every label has a probability.
  public let brier: Double?
  /// By sample: what the true label's score lacks to 1; where scores are no probabilities, 1 for a wrong answer.
  public let doubts: [Double]

  public init(_ samples: [ClassificationSample], labels: [String]) {
    self.labels = labels
    let isProbable = samples.allSatisfy { sample in sample.answers.allSatisfy { (0...1).contains($0.score) } }
    all = Part(samples, labels.count)
    byLabel = Part.counts(samples, labels.count)
    let names = Set(samples.compactMap(\.slice)).sorted()
    slices = names.map { name in (name, Part(samples.filter { $0.slice == name }, labels.count)) }
    confusion = ConfusionMatrix(labels + ["nothing"])
    var calibration = Calibration()
    for sample in samples {
      confusion.add(truth: sample.truth, said: sample.answers.first?.label ?? labels.count)
      if let first = sample.answers.first { calibration.add(score: first.score, isRight: first.label == sample.truth) }
    }
    self.calibration = isProbable && calibration.count > 0 ? calibration : nil
    // Of labels that are one name for two classes nobody knows which is meant.
    brier = Set(labels).count == labels.count ? Self.brier(samples, labels.count) : nil
    doubts = samples.map { sample in
      guard isProbable else { return sample.answers.first?.label == sample.truth ? 0 : 1 }
      return 1 - (sample.answers.first { $0.label == sample.truth }?.score ?? 0)
    }
  }

  private static func brier(_ samples: [ClassificationSample], _ count: Int) -> Double? {
    var sum = 0.0
    for sample in samples {
      let total = sample.answers.reduce(0) { $0 + $1.score }
      guard sample.answers.count == count, (total - 1).magnitude < 1e-3,
        sample.answers.allSatisfy({ (0...1).contains($0.score) })
      else { return nil }
      for answer in sample.answers {
        let off = answer.score - (answer.label == sample.truth ? 1 : 0)
        sum += off * off
      }
    }
    return samples.isEmpty ? nil : sum / Double(samples.count)
  }

  /// Members of its JSON.
  public func write(into json: inout JSONWriter) {
    all.write(into: &json)
    json.field("brier", brier, digits: 6)
    json.array("labels") { json in
      for (place, label) in labels.enumerated() where byLabel[place].support + byLabel[place].wrong > 0 {
        json.object { json in
          json.field("label", label)
          byLabel[place].write(into: &json)
        }
      }
    }
    json.array("slices") { json in
      for (name, part) in slices {
        json.object { json in
          json.field("slice", name)
          part.write(into: &json)
        }
      }
    }
    if let calibration { json.object("calibration", calibration.write) }
    confusion.write("confusion", into: &json)
  }
}

extension ClassificationReport.Part {
  fileprivate init(_ samples: [ClassificationSample], _ labels: Int) {
    let share = { (most: Int) -> Double? in
      guard !samples.isEmpty else { return nil }
      let right = samples.count { sample in sample.answers.prefix(most).contains { $0.label == sample.truth } }
      return Double(right) / Double(samples.count)
    }
    let known = Self.counts(samples, labels).filter { $0.support > 0 }.compactMap(\.f1)
    self.init(
      pictures: samples.count, top1: share(1), top5: share(5),
      macroF1: known.isEmpty ? nil : known.reduce(0, +) / Double(known.count))
  }

  fileprivate static func counts(_ samples: [ClassificationSample], _ labels: Int) -> [LabelCounts] {
    var counts = [LabelCounts](repeating: LabelCounts(), count: labels)
    for sample in samples {
      let said = sample.answers.first?.label
      if said == sample.truth {
        counts[sample.truth].right += 1
      } else {
        counts[sample.truth].missed += 1
        if let said { counts[said].wrong += 1 }
      }
    }
    return counts
  }

  func write(into json: inout JSONWriter) {
    json.field("pictures", pictures)
    json.field("top1", top1, digits: 6)
    json.field("top5", top5, digits: 6)
    json.field("macro_f1", macroF1, digits: 6)
  }
}
