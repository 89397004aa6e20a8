internal import Base
internal import Predictions
internal import Rollouts

/// What one task saw, for the roll-outs that its item goes by.
struct TaskSeen {
  /// Frames that the other version is asked about as well, at most: the first ones.
  static let mostAsked = 32

  /// By network, and the times of all of them together.
  var inferences: [Int] = []
  var times = LogHistogram()
  private(set) var frames = EvenSample<[Prediction]>(most: VersionTally.mostOfTask / 2)
  /// By the frame's number, of those that the other version is asked about as well.
  private(set) var first: [Int: [Prediction]] = [:]
  /// By model.
  var shadows: [String: Shadow] = [:]

  /// What became of asking the other version of a model as well.
  struct Shadow {
    var tally = ShadowTally()
    var agreement = AgreementTally()
    var seen = VersionTally()
  }

  var isEnough: Bool { first.count >= Self.mostAsked }

  mutating func add(_ frame: Int, _ predictions: [Prediction]) {
    frames.add(predictions)
    if !isEnough { first[frame] = predictions }
  }

  /// What it counts of a version that is behind these steps of the pipeline.
  func tally(of steps: [Int]) -> VersionTally {
    var tally = VersionTally()
    let count = steps.reduce(0) { $0 + (inferences.indices.contains($1) ? inferences[$1] : 0) }
    tally.addTask(inferences: count, times)
    for predictions in frames.kept {
      tally.describe(AnswerComparison.labels(of: AnswerComparison.answers(predictions, at: Set(steps))))
    }
    return tally
  }
}

/// Elements of a row of unknown length, evenly spaced: every second one goes whenever there are twice as many as wanted.
struct EvenSample<Element> {
  private(set) var kept: [Element] = []
  private let most: Int
  private var (step, seen) = (1, 0)

  /// From `most` to twice as many are kept of a long row.
  init(most: Int) { self.most = most }

  mutating func add(_ element: Element) {
    defer { seen += 1 }
    guard seen.isMultiple(of: step) else { return }
    kept.append(element)
    guard kept.count == 2 * most else { return }
    kept = stride(from: 0, to: kept.count, by: 2).map { kept[$0] }
    step *= 2
  }
}
