internal import Base
internal import YAML

/// Single values of a pipeline, with their units.
enum ValueReaders {
  /// A time with its unit, in seconds.
  static func seconds(_ value: YAMLValue, in range: ClosedRange<Double>) throws(Fault) -> Double {
    try value.seconds(in: range, limit: CanonicalText.time)
  }

  /// `0.02` or `2%`.
  static func share(_ value: YAMLValue, in range: ClosedRange<Double>) throws(Fault) -> Double {
    let text = try value.text()
    let isPercent = text.hasSuffix("%")
    guard let number = decimal(isPercent ? text.dropLast() : text[...]) else {
      throw value.fault("'\(text)' is not a share for \(value.what), expected e.g. 0.02 or 2%")
    }
    let share = isPercent ? number / 100 : number
    guard range.contains(share) else {
      throw value.fault(
        "\(text) is out of range for \(value.what), expected \(CanonicalText.number(range.lowerBound)) to \(CanonicalText.number(range.upperBound))"
      )
    }
    return share
  }

  static func number(_ value: YAMLValue, in range: ClosedRange<Double>) throws(Fault) -> Double {
    let text = try value.text()
    guard let number = decimal(text[...]) else { throw value.fault("'\(text)' is not a number for \(value.what)") }
    guard range.contains(number) else {
      throw value.fault(
        "\(text) is out of range for \(value.what), expected \(CanonicalText.number(range.lowerBound)) to \(CanonicalText.number(range.upperBound))"
      )
    }
    return number
  }

  static func score(_ value: YAMLValue) throws(Fault) -> Float { try value.score() }

  /// `3 of 5`.
  static func votes(_ value: YAMLValue) throws(Fault) -> (needed: Int, of: Int) {
    let text = try value.text()
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 3, words[1] == "of", let needed = Int(words[0]), let of = Int(words[2]) else {
      throw value.fault("'\(text)' is no count of votes for \(value.what), expected e.g. 3 of 5")
    }
    guard (2...64).contains(of) else {
      throw value.fault("\(text): the last 2 to 64 frames can be asked, not \(of)")
    }
    guard (1...of).contains(needed) else { throw value.fault("\(text): expected 1 to \(of) votes of \(of)") }
    return (needed, of)
  }

  /// A list of words, or one word; sorted, each once.
  static func words(_ value: YAMLValue) throws(Fault) -> [String] {
    var words: Set<String> = []
    for item in try value.itemsOrOne() { words.insert(try item.text()) }
    guard !words.isEmpty else { throw value.fault("\(value.what) is empty: list them, or take the key away") }
    return words.sorted()
  }

  static func text(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    guard !text.isEmpty else { throw value.fault("\(value.what) has no value") }
    return text
  }

  private static func decimal(_ text: Substring) -> Double? {
    guard !text.isEmpty, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}
