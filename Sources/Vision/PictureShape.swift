public import Base

/// Where rows, columns and channels stand in the shape of a network's picture input.
public struct PictureShape: Sendable, Hashable {
  /// Pixels of a side, at most: decoders make a cell for each few of them.
  static let longest = 1 << 14

  /// `nil` where the file leaves the sides open.
  public let width: Int?
  public let height: Int?
  public let channels: Int
  /// Pictures at a time; `nil` where the file leaves it open.
  public let batch: Int?
  public let layout: InputRecipe.Layout

  public var size: Size? {
    guard let width, let height else { return nil }
    return Size(width: width, height: height)
  }

  /// From the only input that is not a ``SideInput``, if it can be a picture: four dimensions, one of them 1 or 3 channels.
  ///
  /// `layout` is what the owner says, for shapes that can be read both ways.
  public init?(_ inputs: [TensorSpec], layout: InputRecipe.Layout? = nil) {
    guard let place = SideInput.picture(among: inputs), inputs[place].shape.count == 4 else { return nil }
    let shape = inputs[place].shape
    let isChannels = { (side: Int?) in side == 1 || side == 3 }
    let channelsFirst = layout.map { $0 == .nchw } ?? (isChannels(shape[1]) && !(isChannels(shape[3]) && shape[1] != 3))
    guard isChannels(channelsFirst ? shape[1] : shape[3]) else { return nil }
    let sides = channelsFirst ? shape[2...3] : shape[1...2]
    guard sides.allSatisfy({ $0.map { $0 <= Self.longest } ?? true }) else { return nil }
    batch = shape[0]
    if channelsFirst {
      (self.layout, channels, height, width) = (.nchw, shape[1]!, shape[2], shape[3])
    } else {
      (self.layout, channels, height, width) = (.nhwc, shape[3]!, shape[1], shape[2])
    }
  }
}
