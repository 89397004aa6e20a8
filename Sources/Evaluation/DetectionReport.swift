public import Base

/// All that is said of a model of objects against a truth.
public struct DetectionReport: Sendable {
  /// What is said of all pictures, or of one slice of them.
  public struct Part: Sendable, Hashable {
    public let pictures: Int
    /// Objects that have to be found.
    public let objects: Int
    public let average: AveragePrecision
    /// At the model's threshold and an overlap of a half.
    public let counts: LabelCounts
  }

  public let labels: [String]
  /// From which score on an answer counts in counts, confusion and calibration; average precision takes all that there are.
  public let threshold: Double
  public let all: Part
  public let slices: [(name: String, part: Part)]
  /// By label, at the threshold and an overlap of a half.
  public private(set) var byLabel: [LabelCounts]
  public private(set) var confusion: ConfusionMatrix
  public private(set) var calibration = Calibration()
  /// By sample: how wrong and how unsure the model is there, 0 where it is right and sure of all.
  ///
  /// 1 for each object that was missed, the score of each answer that is wrong, and what each right answer's score lacks to 1.
  public private(set) var doubts: [Double]

  public init(_ samples: [DetectionSample], labels: [String], threshold: Double) {
    (self.labels, self.threshold) = (labels, threshold)
    byLabel = Array(repeating: LabelCounts(), count: labels.count)
    confusion = ConfusionMatrix(labels + ["background"])
    doubts = Array(repeating: 0, count: samples.count)
    all = Self.part(samples, labels.count, threshold)
    let names = Set(samples.compactMap(\.slice)).sorted()
    slices = names.map { name in
      (name, Self.part(samples.filter { $0.slice == name }, labels.count, threshold))
    }
    for place in samples.indices {
      for category in labels.indices { doubts[place] += count(samples[place], category) }
      confuse(samples[place])
    }
  }

  private static func part(_ samples: [DetectionSample], _ categories: Int, _ threshold: Double) -> Part {
    var counts = LabelCounts()
    for sample in samples {
      for category in 0..<categories {
        let counted = Counted(sample, category, threshold)
        counts.right += counted.right.count
        counts.wrong += counted.wrong.count
        counts.missed += counted.missed
      }
    }
    return Part(
      pictures: samples.count, objects: counts.support,
      average: AveragePrecision(samples, categories: categories), counts: counts)
  }

  /// - Returns: what it adds to the doubt about the picture.
  private mutating func count(_ sample: DetectionSample, _ category: Int) -> Double {
    let counted = Counted(sample, category, threshold)
    byLabel[category].right += counted.right.count
    byLabel[category].wrong += counted.wrong.count
    byLabel[category].missed += counted.missed
    for score in counted.right { calibration.add(score: score, isRight: true) }
    for score in counted.wrong { calibration.add(score: score, isRight: false) }
    return Double(counted.missed) + counted.wrong.reduce(0, +) + counted.right.reduce(0) { $0 + 1 - $1 }
  }

  /// Pairs boxes whatever they are called, those that overlap most first.
  private mutating func confuse(_ sample: DetectionSample) {
    let found = sample.found.filter { $0.score >= threshold }
    let objects = sample.objects.filter { !$0.isCrowd && !$0.isIgnored }
    let background = labels.count
    var pairs: [(overlap: Double, object: Int, answer: Int)] = []
    for (object, truth) in objects.enumerated() {
      for (answer, said) in found.enumerated() {
        let overlap = PictureMatches.overlap(said.box, truth)
        if overlap >= 0.5 { pairs.append((overlap, object, answer)) }
      }
    }
    pairs.sort { ($1.overlap, $0.object, $0.answer) < ($0.overlap, $1.object, $1.answer) }
    var (seen, used): (Set<Int>, Set<Int>) = ([], [])
    for (_, object, answer) in pairs where !seen.contains(object) && !used.contains(answer) {
      seen.insert(object)
      used.insert(answer)
      confusion.add(truth: objects[object].category, said: found[answer].category)
    }
    for (place, object) in objects.enumerated() where !seen.contains(place) {
      confusion.add(truth: object.category, said: background)
    }
    let spared = sample.objects.filter { $0.isCrowd || $0.isIgnored }
    for (place, answer) in found.enumerated() where !used.contains(place) {
      let isSpared = spared.contains {
        $0.category == answer.category && PictureMatches.overlap(answer.box, $0) >= 0.5
      }
      if !isSpared { confusion.add(truth: background, said: answer.category) }
    }
  }
}

/// Answers of one label on one picture at the model's threshold: scores of those that are right and wrong, and objects that were missed.
private struct Counted {
  var right: [Double] = []
  var wrong: [Double] = []
  var missed = 0

  init(_ sample: DetectionSample, _ category: Int, _ threshold: Double) {
    guard
      sample.objects.contains(where: { $0.category == category })
        || sample.found.contains(where: { $0.category == category })
    else { return }
    let matches = PictureMatches(sample, category: category, area: AveragePrecision.areas[0])
    for answer in matches.answers where answer.score >= threshold && answer.ignored & 1 == 0 {
      if answer.matched & 1 != 0 { right.append(answer.score) } else { wrong.append(answer.score) }
    }
    missed = matches.wanted - right.count
  }
}

extension DetectionReport {
  /// Members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("threshold", threshold, digits: 6)
    all.write(into: &json)
    json.array("labels") { json in
      for (place, label) in labels.enumerated() {
        json.object { json in
          json.field("label", label)
          json.field("ap", all.average.categories[place]?.ap, digits: 6)
          json.field("ap50", all.average.categories[place]?.ap50, digits: 6)
          json.field("ap75", all.average.categories[place]?.ap75, digits: 6)
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
    json.object("calibration", calibration.write)
    confusion.write("confusion", into: &json)
  }
}

extension DetectionReport.Part {
  func write(into json: inout JSONWriter) {
    json.field("pictures", pictures)
    json.field("objects", objects)
    for (name, value) in average.figures { json.field(.made(name), value, digits: 6) }
    json.field("precision", counts.precision, digits: 6)
    json.field("recall", counts.recall, digits: 6)
    json.field("f1", counts.f1, digits: 6)
  }
}
