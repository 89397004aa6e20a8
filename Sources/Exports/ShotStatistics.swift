public import Base
public import Insights

/// What shots were found by as CSV, a line a frame, as people plot and tune by.
///
/// The frame is counted from 1 and the time from the first frame, as in ``ShotExport``; `shot` is empty for what lies between shots.
public struct ShotStatistics: Sendable {
  private let figures: ShotFigures
  private let shots: [Shot]
  private let firstTime: Double

  public init(_ figures: ShotFigures, _ list: ShotList) {
    (self.figures, shots) = (figures, list.shots)
    firstTime = figures.count > 0 ? figures[0].time : 0
  }

  /// Hands the file on, piece by piece.
  public func write(to sink: (String) throws(Fault) -> Void) throws(Fault) {
    let names =
      switch figures.method {
      case .change: "change,needed"
      case .network: "single,many"
      }
    try sink("Frame Number,Timecode,Time (seconds),\(names),score,threshold,luma,black,shot\n")
    let threshold = NumberFormat.fixed(figures.threshold, 4)
    var shot = 0
    for place in 0..<figures.count {
      let row = figures[place]
      while shot < shots.count, shots[shot].endFrame < row.frame { shot += 1 }
      let isInside = shot < shots.count && shots[shot].startFrame <= row.frame
      let numbers = [row.first, row.second, row.score].map { $0.isFinite ? NumberFormat.fixed(Double($0), 4) : "" }
      let time = Digits.columns(Digits.milliseconds(row.time, from: firstTime))
      try sink(
        "\(row.frame + 1),\(time),\(numbers.joined(separator: ",")),\(threshold),"
          + "\(NumberFormat.fixed(Double(row.luma), 2)),\(row.isBlack ? 1 : 0),\(isInside ? "\(shot + 1)" : "")\n")
    }
  }
}
