internal import Base

/// What shots were found by, frame by frame, for people who plot and tune: made with the shots, no bytes of its own until it is asked for.
public struct ShotFigures: Sendable, Hashable {
  /// What decided.
  public enum Method: Sendable, Hashable {
    /// The change from the frame before, in steps of luma, and how much it has to be for a score of 0.5.
    case change
    /// What a network says: that a shot ends here, and that this is inside of a transition.
    case network
  }

  /// Of one frame.
  public struct Row: Sendable, Hashable {
    public var frame: Int
    /// Seconds.
    public var time: Double
    /// `change` or `single`.
    public var first: Float
    /// What it is measured against, or `many`.
    public var second: Float
    /// 0 to 1, to be held against ``ShotFigures/threshold``.
    public var score: Float
    /// Mean, 0 to 255.
    public var luma: Float
    public var isBlack: Bool
  }

  public let method: Method
  public let threshold: Double
  private let track: FilmTrack
  private let first: [Float]
  /// Empty where it is worked out of the first ones.
  private let second: [Float]
  private let tuning: ShotTuning

  init(changes: [Float], _ track: FilmTrack, _ tuning: ShotTuning, threshold: Double) {
    (method, self.track, self.threshold) = (.change, track, threshold)
    (first, second, self.tuning) = (changes, [], tuning)
  }

  init(single: [Float], many: [Float], _ track: FilmTrack, threshold: Double) {
    (method, self.track, self.threshold) = (.network, track, threshold)
    (first, second, tuning) = (single, many, ShotTuning())
  }

  /// Frames that were looked at.
  public var count: Int { track.count }

  /// Whether a frame of this number was looked at, and shown at this time.
  public func isFrame(_ number: Int, at time: Double) -> Bool {
    let place = track.numbers.partitioningIndex { $0 >= number }
    return place < track.count && track.numbers[place] == number && (track.times[place] - time).magnitude < 1e-5
  }

  public subscript(place: Int) -> Row {
    var row = Row(
      frame: track.numbers[place], time: track.times[place], first: first[place], second: 0, score: first[place],
      luma: track.light[place], isBlack: track.isBlack(place))
    switch method {
    case .network: row.second = second[place]
    case .change:
      row.second = CutFinder.bar(place, first, tuning)
      row.score = place > 0 ? first[place] / (first[place] + row.second) : 0
    }
    return row
  }
}
