/// What is looked at, of pictures or of answers.
public enum DriftMeasure: String, Sendable, Hashable, CaseIterable {
  /// Of pictures: the mean of their luma, 0 to 1.
  case brightness
  /// Of pictures: the standard deviation of their luma.
  case contrast
  /// Of pictures: the mean difference between a pixel's largest and smallest channel.
  case saturation
  /// Of pictures: the mean difference between a pixel's luma and that of its four neighbours.
  case sharpness
  /// Of answers: what they are called.
  case labels
  /// Of answers: how sure they are.
  case scores
  /// Of pictures: how many answers there are about one.
  case objects
  /// Of answers with a box: its share of the picture.
  case areas

  /// Of what a stream shows, whoever looks at it.
  public static let ofPictures: [DriftMeasure] = [.brightness, .contrast, .saturation, .sharpness]
  /// Of what one network answers.
  public static let ofAnswers: [DriftMeasure] = [.labels, .scores, .objects, .areas]

  /// How values are sorted into bins; `nil` for labels, which are told apart by name.
  public var scale: BinScale? {
    switch self {
    case .brightness: BinScale(from: 0, step: 1.0 / 32, count: 32)
    case .contrast, .saturation: BinScale(from: 0, step: 1.0 / 64, count: 32)
    case .sharpness: BinScale(from: -12, step: 0.25, count: 48, isLogarithmic: true)
    case .labels: nil
    case .scores: BinScale(from: 0, step: 1.0 / 20, count: 20)
    case .objects: BinScale(from: 0, step: 1, count: 33, isWhole: true)
    case .areas: BinScale(from: -14, step: 0.5, count: 28, isLogarithmic: true)
    }
  }

  /// How far two distributions have to be apart at least, whatever their index: bins that values have moved by on average, or the share of
  /// labels that are others.
  ///
  /// An index says how sure it is that something moved, and not how far: light that is steady to a thousandth is another with the next lamp.
  public var least: Double {
    switch self {
    case .labels: 0.1
    case .objects: 0.5
    case .sharpness: 2
    case .brightness, .contrast, .saturation, .scores: 1.5
    case .areas: 1
    }
  }
}
