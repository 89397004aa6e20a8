internal import Predictions

/// Picks among the answers of a frame, in which parents stand before what was found on them.
enum PredictionFilter {
  /// Those that pass; one whose parent does not is on its own.
  static func keep(_ answers: [Prediction], where passes: (Prediction) -> Bool) -> [Prediction] {
    pick(answers, answers.map(passes))
  }

  /// Those that pass and whose parents all pass.
  static func keepFamilies(_ answers: [Prediction], where passes: (Int, Prediction) -> Bool) -> [Prediction] {
    var stays: [Bool] = []
    for (index, answer) in answers.enumerated() {
      stays.append(passes(index, answer) && answer.parent.map { stays[$0] } ?? true)
    }
    return pick(answers, stays)
  }

  static func keepFamilies(_ answers: [Prediction], where passes: (Prediction) -> Bool) -> [Prediction] {
    keepFamilies(answers) { _, answer in passes(answer) }
  }

  /// Positions change when others go, so parents are pointed to anew.
  private static func pick(_ answers: [Prediction], _ stays: [Bool]) -> [Prediction] {
    guard stays.contains(false) else { return answers }
    var places: [Int?] = []
    var kept: [Prediction] = []
    for (answer, stays) in zip(answers, stays) {
      places.append(stays ? kept.count : nil)
      guard stays else { continue }
      var answer = answer
      answer.parent = answer.parent.flatMap { places[$0] }
      kept.append(answer)
    }
    return kept
  }
}
