@_spi(_Unicode) internal import Swift

/// Makes words of a text as BERT's networks were taught: what is no letter of anything goes, each mark of punctuation and each ideograph is a word.
///
/// Devlin et al., "BERT" (2018), as `BertNormalizer` and `BertPreTokenizer` of Hugging Face's tokenizers do it.
struct TextNormalizer {
  /// Letters are made small, and accents taken away.
  let isLowercase: Bool

  func words(of text: String) -> [[Unicode.Scalar]] {
    var (words, word): ([[Unicode.Scalar]], [Unicode.Scalar]) = ([], [])
    func end() {
      if !word.isEmpty { words.append(word) }
      word = []
    }
    for scalar in scalars(text) {
      if Self.isSpace(scalar) {
        end()
      } else if Self.isPunctuation(scalar) || Self.isIdeograph(scalar) {
        end()
        words.append([scalar])
      } else {
        word.append(scalar)
      }
    }
    end()
    return words
  }

  private func scalars(_ text: String) -> [Unicode.Scalar] {
    let clean = text.unicodeScalars.filter { $0.value != 0 && $0.value != 0xfffd && !Self.isControl($0) }
    guard isLowercase else { return Array(clean) }
    var plain: [Unicode.Scalar] = []
    for scalar in String(String.UnicodeScalarView(clean))._nfd
    where scalar.properties.generalCategory != .nonspacingMark {
      plain += scalar.properties.lowercaseMapping.unicodeScalars
    }
    return plain
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  /// Tabs and ends of lines are spaces.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    if [9, 10, 13].contains(scalar.value) { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse: true
    default: false
    }
  }

  /// Every sign of ASCII counts that is neither letter nor digit, also where Unicode calls it a symbol.
  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return switch scalar.value {
      case 33...47, 58...64, 91...96, 123...126: true
      default: false
      }
    }
    return switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  /// Blocks of ideographs, as BERT lists them.
  private static let ideographs: [ClosedRange<UInt32>] = [
    0x4e00...0x9fff, 0x3400...0x4dbf, 0x20000...0x2a6df, 0x2a700...0x2b73f, 0x2b740...0x2b81f, 0x2b920...0x2ceaf,
    0xf900...0xfaff, 0x2f800...0x2fa1f,
  ]

  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value > 0x33ff && ideographs.contains { $0.contains(scalar.value) }
  }
}
