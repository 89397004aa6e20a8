import Predictions
import Reports

/// How far two versions of a model, or two engines, answer alike on the same frames.
struct AnswerAgreement {
  private var all: Agreement
  private var sameFirst = 0

  init(of model: String) { all = Agreement(steps: [model]) }

  var frames: Int { all.frames }
  /// Either found something somewhere.
  var foundAny: Bool { !all.steps[0].labels.isEmpty }

  /// One frame's answers.
  mutating func add(reference: [Prediction], other: [Prediction]) {
    all.add(reference: reference, other: other)
    if reference.first?.label == other.first?.label { sameFirst += 1 }
  }

  /// Of a step in which something was found, by what the answers are: vectors by their angle, classes by the first, masks by what they
  /// cover, the rest by what is in both.
  func share(_ task: ModelTask) -> (Double, String) {
    let step = all.steps[0]
    if let cosine = step.meanCosine { return (cosine, "mean cosine between the vectors of both") }
    if task == .classification {
      return (Double(sameFirst) / Double(frames), "share of pictures with the same first class")
    }
    let labels = step.labels.values
    if task == .segmentation {
      let (sum, count) = labels.reduce((0.0, 0)) {
        ($0.0 + ($1.meanOverlap ?? 0) * Double($1.both), $0.1 + $1.both + $1.missed + $1.added)
      }
      return (sum / Double(count), "mean intersection over union of the masks")
    }
    let (both, all) = labels.reduce((0, 0)) { ($0.0 + 2 * $1.both, $0.1 + 2 * $1.both + $1.missed + $1.added) }
    let share = Double(both) / Double(all)
    if task == .text { return (share * (step.sameName ?? 1), "share of answers in both, with the same text") }
    guard let distance = step.meanPointDistance else {
      return (share, "share of answers in both, with boxes that overlap by half")
    }
    return (share * max(0, 1 - distance), "share of answers in both, less how far their points are apart")
  }
}
