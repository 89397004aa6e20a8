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

  /// From the only input that is not a ``SideInput``, if it can be a picture: four dimensions, one of them 1 or 3 channels; with a window
  /// five, one of them its frames.
  ///
  /// `layout` is what the owner says, for shapes that can be read both ways.
  public init?(_ inputs: [TensorSpec], layout: InputRecipe.Layout? = nil, window: FrameWindow? = nil) {
    guard let place = SideInput.picture(among: inputs) else { return nil }
    let shape = inputs[place].shape
    if let window {
      let fitting = InputRecipe.Layout.ofWindow.compactMap { Self(shape, $0, frames: window.length) }
      let said = layout.map { layout in fitting.filter { $0.layout == layout } } ?? fitting
      guard said.count == 1 else { return nil }
      self = said[0]
      return
    }
    guard shape.count == 4, layout.map(InputRecipe.Layout.ofPicture.contains) ?? true else { return nil }
    let channelsFirst =
      layout.map { $0 == .nchw }
      ?? (Self.isChannels(shape[1]) && !(Self.isChannels(shape[3]) && shape[1] != 3))
    guard let found = Self(shape, channelsFirst ? .nchw : .nhwc, frames: 1) else { return nil }
    self = found
  }

  private static func isChannels(_ side: Int?) -> Bool { side == 1 || side == 3 }

  private init?(_ shape: [Int?], _ layout: InputRecipe.Layout, frames: Int) {
    let letters = Array(layout.rawValue)
    guard shape.count == letters.count else { return nil }
    let sides = Dictionary(uniqueKeysWithValues: zip(letters, shape))
    guard let channels = sides["c"] ?? nil, Self.isChannels(channels) else { return nil }
    if let said = sides["t"] { guard said == nil || said == frames else { return nil } }
    let (width, height) = (sides["w"] ?? nil, sides["h"] ?? nil)
    guard [width, height].allSatisfy({ $0.map { $0 <= Self.longest } ?? true }) else { return nil }
    (batch, self.layout, self.channels, self.width, self.height) = (shape[0], layout, channels, width, height)
  }
}
