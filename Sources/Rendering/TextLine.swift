/// A text laid out in the places of ``Font``'s grid: ASCII by that font, all else by a ``Typeface``.
///
/// Letters stand side by side, from left to right, as they come in the text: marks that combine with a letter are left out, and
/// scripts that are written from right to left, or whose letters join, are not put in their order or shape.
struct TextLine {
  enum Letter {
    case ascii(UInt8)
    case glyph(Typeface.Glyph)

    var cells: Int {
      switch self {
      case .ascii: 1
      case .glyph(let glyph): glyph.cells
      }
    }
  }

  private(set) var letters: [Letter] = []
  /// Places of the grid that it takes.
  private(set) var cells = 0

  /// At most `limit` places: a text that is cut ends in two dots, and what no font has is a question mark.
  ///
  /// `typeface` is asked for with the first letter beyond ASCII.
  init(_ text: String, limit: Int, scale: Int, typeface: @autoclosure () -> Typeface? = .installed) {
    guard limit > 0 else { return }
    for character in text {
      let letter = Self.letter(character, scale, typeface)
      guard cells + letter.cells <= limit else {
        cut(to: limit)
        return
      }
      append(letter)
    }
  }

  /// Of a character that is made of several scalars the first is drawn.
  private static func letter(_ character: Character, _ scale: Int, _ typeface: () -> Typeface?) -> Letter {
    if let ascii = character.asciiValue { return .ascii(32...126 ~= ascii ? ascii : UInt8(ascii: "?")) }
    guard let scalar = character.unicodeScalars.first, let typeface = typeface() else {
      return .ascii(UInt8(ascii: "?"))
    }
    if scalar.isASCII { return letter(Character(scalar), scale) { typeface } }
    return .glyph(typeface.glyph(scalar, scale: scale))
  }

  private mutating func append(_ letter: Letter) {
    letters.append(letter)
    cells += letter.cells
  }

  private mutating func cut(to limit: Int) {
    let dots = min(2, limit - 1)
    while cells + dots > limit { cells -= letters.removeLast().cells }
    for _ in 0..<dots { append(.ascii(UInt8(ascii: "."))) }
  }
}
