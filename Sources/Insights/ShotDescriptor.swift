public import Base

/// What shots are found from: the frame in 16x9 cells of luma and 8x3 of chroma, ``byteCount`` bytes.
///
/// Made of a rendition of ``rendition`` pixels, the whole upright picture stretched to it, three bytes a pixel, red first: the very
/// input of TransNetV2. Whole numbers throughout, so equal renditions give equal bytes on every machine.
public struct ShotDescriptor: Sendable, Hashable {
  /// The picture that it is made from.
  public static let rendition = Size(width: 48, height: 27)
  /// 144 of luma by rows, then 24 of Cb and 24 of Cr, 128 for none.
  public static let byteCount = luma + 2 * chroma

  static let columns = 16
  static let rows = 9
  static let luma = columns * rows
  static let chroma = 8 * 3

  public let bytes: [UInt8]

  /// Takes what ``bytes`` gave; `nil` where the number of bytes is another.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// `rgb` holds exactly the pixels of ``rendition``, rows from top to bottom.
  public init(rgb: Span<UInt8>) {
    let (width, height) = (Self.rendition.width, Self.rendition.height)
    precondition(rgb.count == width * height * 3, "shots are found from renditions of 48x27 pixels")
    var luma = [Int](repeating: 0, count: Self.luma)
    var chroma = [Int](repeating: 0, count: 2 * Self.chroma)
    for y in 0..<height {
      for x in 0..<width {
        let pixel = (y * width + x) * 3
        let (red, green, blue) = (Int(rgb[pixel]), Int(rgb[pixel + 1]), Int(rgb[pixel + 2]))
        // BT.601, in 256ths.
        let light = 77 * red + 150 * green + 29 * blue
        luma[y / 3 * Self.columns + x / 3] += light
        let cell = y / 9 * 8 + x / 6
        chroma[cell] += 256 * blue - light
        chroma[Self.chroma + cell] += 256 * red - light
      }
    }
    let cells = luma.map { UInt8(($0 + 9 * 128) / (9 * 256)) }
    // Cb is .564 of blue less luma, Cr .713 of red less luma: 144 and 183 of 256.
    let colors = chroma.enumerated().map { index, sum in
      let scaled = (sum / 54 * (index < Self.chroma ? 144 : 183)) >> 16
      return UInt8(min(255, max(0, 128 + scaled)))
    }
    bytes = cells + colors
  }
}
