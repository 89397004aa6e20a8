internal import Base
internal import Glibc
public import Predictions

/// Scores and maps of anomalies in time: running means that forget, of the whole picture or of each object.
///
/// A mean moves towards a frame's number by `1 - exp(-dt / over)` of the way, `dt` being the time since the frame before it: what is
/// `over` seconds old counts `1/e`, whatever the frame rate. The first frame counts as it is, so nothing is late at the beginning. Maps are
/// smoothed cell by cell; one of another size begins anew.
public struct AnomalyMeans: Sendable {
  private let over: Double
  private let on: Float
  private let off: Float
  /// By object; -1 is the whole picture.
  private var subjects: [Int: Subject] = [:]

  private struct Subject {
    var time: Double
    var score: Float
    var isOn: Bool
    var cells: [Float]
    var columns: Int?
  }

  /// `over` in seconds, above 0; an anomaly begins where the mean reaches `on`, and ends where it falls below `off`.
  public init(over: Double, on: Float, off: Float) { (self.over, self.on, self.off) = (over, on, off) }

  /// Puts means in the place of what a frame said, and the label that they have; other answers stay as they are.
  public mutating func smooth(_ answer: inout Prediction, by track: Int?, at time: Double) {
    guard answer.kind == .anomaly, let score = answer.score, score.isFinite else { return }
    let columns = answer.anomaly?.size.width
    var subject =
      subjects[track ?? -1] ?? Subject(time: time, score: score, isOn: false, cells: answer.vector, columns: columns)
    let share = Float(1 - exp(-max(0, time - subject.time) / over))
    subject.time = time
    subject.score += (score - subject.score) * share
    subject.isOn = subject.score >= (subject.isOn ? off : on)
    if columns != nil, subject.columns == columns, subject.cells.count == answer.vector.count {
      for place in subject.cells.indices {
        subject.cells[place] += (answer.vector[place] - subject.cells[place]) * share
      }
    } else {
      (subject.cells, subject.columns) = (answer.vector, columns)
    }
    subjects[track ?? -1] = subject
    answer.score = subject.score
    answer.label = subject.isOn ? Prediction.anomalyLabels.anomaly : Prediction.anomalyLabels.good
    if columns != nil { answer.vector = subject.cells.map { $0.rounded() } }
  }

  /// An object is gone.
  public mutating func forget(_ track: Int) { subjects[track] = nil }
}
