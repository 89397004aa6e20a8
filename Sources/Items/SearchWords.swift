@_spi(_Unicode) internal import Swift

/// The words of a text as searches compare them; pure, so that every engine finds the same.
///
/// A word is a run of letters, their marks, and digits; a symbol such as an emoji is a word of its own; all else stands between words.
/// Case, and the accents of Latin, Greek and Cyrillic letters, do not count (`Äpfel` is `apfel`, `Straße` is `strasse`). Of a word the first
/// 32 characters count. Where a script sets no spaces between words (Chinese, Japanese, Thai and its neighbours), a word begins
/// at each letter too, so that what stands in the middle of a run is found.
enum SearchWords {
  private static let length = 32

  /// What an item has: every word that begins somewhere in the text.
  static func all(in text: String) -> Set<String> {
    var words: Set<String> = []
    for run in runs(text) {
      for start in run.indices where begins(at: start, of: run) { words.insert(word(run[start...])) }
    }
    return words
  }

  /// What is looked for, in the order of the text, each once.
  static func asked(in text: String) -> [String] {
    var (words, known): ([String], Set<String>) = ([], [])
    for run in runs(text) {
      let word = word(run[...])
      if known.insert(word).inserted { words.append(word) }
    }
    return words
  }

  static func word(_ run: ArraySlice<Unicode.Scalar>) -> String {
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: run.prefix(length))
    return String(scalars)
  }

  static func begins(at place: Int, of run: [Unicode.Scalar]) -> Bool {
    guard place > 0 else { return true }
    return (isUnspaced(run[place]) || isUnspaced(run[place - 1])) && !isMark(run[place])
  }

  /// Upper case and then lower case makes one of what has several forms: `ß` and `ss`, `ς` and `σ`, `ﬁ` and `fi`.
  static func runs(_ text: String) -> [[Unicode.Scalar]] {
    var (runs, run): ([[Unicode.Scalar]], [Unicode.Scalar]) = ([], [])
    func end() {
      if !run.isEmpty { runs.append(run) }
      run = []
    }
    // most texts, whose folding is a matter of one bit; that of all others asks the tables of Unicode for each letter
    let isPlain = text.utf8.allSatisfy { $0 < 0x80 }
    if isPlain {
      for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): run.append(Unicode.Scalar(byte | 0x20))
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
          run.append(Unicode.Scalar(byte))
        default: end()
        }
      }
      end()
      return runs
    }
    for scalar in text.uppercased().lowercased()._nfd {
      switch kind(scalar) {
      case .part: run.append(scalar)
      case .whole:
        end()
        runs.append([scalar])
      case .nothing: continue
      case .gap: end()
      }
    }
    end()
    return runs
  }

  private enum Kind { case part, whole, nothing, gap }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    if scalar.isASCII { return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) ? .part : .gap }
    // accents, and what chooses between pictures of one character
    if (0x300...0x36f).contains(scalar.value) || (0xfe00...0xfe0f).contains(scalar.value) { return .nothing }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .privateUse:
      .part
    case .otherSymbol: .whole
    case .format: .nothing
    default: .gap
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    [.nonspacingMark, .spacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
  }

  /// Thai, Lao, Myanmar, Khmer; kana; ideographs (blocks of Unicode 15).
  private static let unspaced: [ClosedRange<UInt32>] = [
    0x0e00...0x0eff, 0x1000...0x109f, 0x1780...0x17ff, 0x3040...0x30ff, 0x31f0...0x31ff, 0x3400...0x4dbf,
    0x4e00...0x9fff, 0xf900...0xfaff, 0xff66...0xff9f, 0x20000...0x3ffff,
  ]

  private static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value > 0xdff && unspaced.contains { $0.contains(scalar.value) }
  }
}
