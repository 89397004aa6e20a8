/// What a file may ask for before it is refused, so that a small hostile file cannot take the machine's memory.
public struct DecodeLimits: Sendable, Hashable {
  /// Width times height of a coded picture.
  public var maxPixels: Int
  /// Width or height of a coded picture; the scaler counts in 16 bits.
  public var maxSide: Int

  public init(maxPixels: Int = 1 << 26, maxSide: Int = 32_767) {
    (self.maxPixels, self.maxSide) = (maxPixels, min(maxSide, 32_767))
  }

  func allows(width: Int, height: Int) -> Bool {
    width <= maxSide && height <= maxSide && width * height <= maxPixels
  }
}
