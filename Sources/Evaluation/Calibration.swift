public import Base

/// Whether scores mean what they say: of answers with a score of .8, eight in ten should be right.
public struct Calibration: Sendable, Hashable {
  public struct Bin: Sendable, Hashable {
    public fileprivate(set) var count = 0
    fileprivate var scores = 0.0
    fileprivate var right = 0

    /// `nil` for an empty one.
    public var meanScore: Double? { count > 0 ? scores / Double(count) : nil }
    public var accuracy: Double? { count > 0 ? Double(right) / Double(count) : nil }
  }

  /// Of equal width from 0 to 1; a score on an edge belongs to the lower one.
  public private(set) var bins = [Bin](repeating: Bin(), count: 15)
  private var squares = 0.0

  public init() {}

  public mutating func add(score: Double, isRight: Bool) {
    guard (0...1).contains(score) else { return }
    let place = min(bins.count - 1, max(0, Int((score * Double(bins.count)).rounded(.up)) - 1))
    bins[place].count += 1
    bins[place].scores += score
    bins[place].right += isRight ? 1 : 0
    squares += (score - (isRight ? 1 : 0)) * (score - (isRight ? 1 : 0))
  }

  public var count: Int { bins.reduce(0) { $0 + $1.count } }

  /// The expected calibration error: how far scores and accuracies of the bins are apart, on average over answers.
  public var error: Double? {
    guard count > 0 else { return nil }
    let sum = bins.reduce(0.0) { $0 + ($1.scores - Double($1.right)).magnitude }
    return sum / Double(count)
  }

  /// Mean square of what scores are off by, each being about right or wrong.
  public var brier: Double? { count > 0 ? squares / Double(count) : nil }

  /// Members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("ece", error, digits: 6)
    json.field("brier", brier, digits: 6)
    json.array("bins") { json in
      for (place, bin) in bins.enumerated() {
        json.object { json in
          json.field("to", Double(place + 1) / Double(bins.count))
          json.field("count", bin.count)
          json.field("score", ifKnown: bin.meanScore, digits: 6)
          json.field("accuracy", ifKnown: bin.accuracy, digits: 6)
        }
      }
    }
  }
}

/// How often answers of one label were right.
public struct LabelCounts: Sendable, Hashable {
  public internal(set) var right = 0
  /// Answers of this label where it is not.
  public internal(set) var wrong = 0
  /// Of what should have got this label and did not.
  public internal(set) var missed = 0

  public var support: Int { right + missed }
  public var precision: Double? { right + wrong > 0 ? Double(right) / Double(right + wrong) : nil }
  public var recall: Double? { support > 0 ? Double(right) / Double(support) : nil }
  /// `nil` where the label neither is nor was said.
  public var f1: Double? {
    right + wrong + missed > 0 ? 2 * Double(right) / Double(2 * right + wrong + missed) : nil
  }

  func write(into json: inout JSONWriter) {
    json.field("support", support)
    json.field("right", right)
    json.field("wrong", wrong)
    json.field("missed", missed)
    json.field("precision", precision, digits: 6)
    json.field("recall", recall, digits: 6)
    json.field("f1", f1, digits: 6)
  }
}

/// How often what is one label was called each: rows are the truth, columns what was said.
public struct ConfusionMatrix: Sendable, Hashable {
  /// Of rows and columns; in detection the last is the background.
  public let names: [String]
  public private(set) var counts: [Int: [Int: Int]] = [:]

  init(_ names: [String]) { self.names = names }

  mutating func add(truth: Int, said: Int) { counts[truth, default: [:]][said, default: 0] += 1 }

  public subscript(truth: Int, said: Int) -> Int { counts[truth]?[said] ?? 0 }

  /// What is taken for something else, the most often first.
  public var confusions: [(truth: String, said: String, count: Int)] {
    counts.flatMap { row in
      row.value.filter { $0.key != row.key }.map { (row.key, $0.key, $0.value) }
    }.sorted { ($1.2, $0.0, $0.1) < ($0.2, $1.0, $1.1) }.map { (names[$0.0], names[$0.1], $0.2) }
  }

  /// Cells that are not 0: `{"truth":…,"said":…,"count":…}`.
  func write(_ name: JSONWriter.Name, into json: inout JSONWriter) {
    json.array(name) { json in
      for (truth, row) in counts.sorted(by: { $0.key < $1.key }) {
        for (said, count) in row.sorted(by: { $0.key < $1.key }) {
          json.object { json in
            json.field("truth", names[truth])
            json.field("said", names[said])
            json.field("count", count)
          }
        }
      }
    }
  }
}
