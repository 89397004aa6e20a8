/// Letters of 8 by 16 pixels, one bit each, for the printable part of ASCII.
enum Font {
  static let width = 8
  static let height = 16
  /// Row of the grid on which letters stand; descenders reach below.
  static let baseline = 12

  /// The rows of one character from the top, the leftmost pixel in the highest bit.
  static func glyph(_ character: UInt8) -> (upper: UInt64, lower: UInt64) {
    let known = 32...126 ~= character ? character : UInt8(ascii: "?")
    let place = Int(known - 32) * 2
    return (FontGlyphs.rows[place], FontGlyphs.rows[place + 1])
  }

  /// One byte a character, at most `limit` of them: what the font does not have is a question mark, and a text that is
  /// cut ends in two dots.
  static func letters(_ text: String, limit: Int) -> [UInt8] {
    guard limit > 0 else { return [] }
    var letters: [UInt8] = []
    for character in text {
      if letters.count == limit {
        for index in letters.indices.suffix(min(2, limit - 1)) { letters[index] = UInt8(ascii: ".") }
        break
      }
      let known = character.asciiValue.map { 32...126 ~= $0 } ?? false
      letters.append(known ? character.asciiValue ?? 63 : UInt8(ascii: "?"))
    }
    return letters
  }
}
