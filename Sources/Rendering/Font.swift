/// Letters of 8 by 16 pixels, one bit each, for the printable part of ASCII.
enum Font {
  static let width = 8
  static let height = 16
  /// Row of the grid on which letters stand; descenders reach below.
  static let baseline = 12
  /// The size at which an outline of the same font has these shapes.
  static let pixelSize = 13

  /// The rows of one character from the top, the leftmost pixel in the highest bit.
  static func glyph(_ character: UInt8) -> (upper: UInt64, lower: UInt64) {
    let known = 32...126 ~= character ? character : UInt8(ascii: "?")
    let place = Int(known - 32) * 2
    return (FontGlyphs.rows[place], FontGlyphs.rows[place + 1])
  }
}
