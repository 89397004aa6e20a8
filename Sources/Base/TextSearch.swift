/// Words found in texts, byte by byte.
///
/// The toolchain's own ways to do this bring its regular expressions into the program, which are 1.4 MB of it.
extension StringProtocol {
  @_disfavoredOverload
  public func contains(_ words: String) -> Bool { firstRange(of: words) != nil }

  /// Where the words stand first; an empty text stands at the beginning.
  public func firstRange(of words: String) -> Range<String.Index>? {
    let (text, sought) = (Array(utf8), Array(words.utf8))
    guard let found = text.firstRange(of: sought) else { return nil }
    return index(found.lowerBound)..<index(found.upperBound)
  }

  /// Where the words stand, one place after the other; nowhere for an empty text.
  public func ranges(of words: String) -> [Range<String.Index>] {
    Array(utf8).ranges(of: Array(words.utf8)).map { index($0.lowerBound)..<index($0.upperBound) }
  }

  /// The same text with other words in each place where these stand.
  public func replacing(_ words: String, with others: String) -> String {
    let (text, other) = (Array(utf8), Array(others.utf8))
    var (new, place) = ([UInt8](), 0)
    for found in text.ranges(of: Array(words.utf8)) {
      new += text[place..<found.lowerBound] + other
      place = found.upperBound
    }
    return String(decoding: new + text[place...], as: UTF8.self)
  }

  private func index(_ offset: Int) -> String.Index { utf8.index(utf8.startIndex, offsetBy: offset) }
}

extension String {
  public mutating func replace(_ words: String, with others: String) { self = replacing(words, with: others) }
}

extension [UInt8] {
  /// Where these bytes stand first, from `start` on.
  public func firstRange(of bytes: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard let first = bytes.first else { return start..<start }
    var place = start
    while place + bytes.count <= count {
      guard let next = self[place...(count - bytes.count)].firstIndex(of: first) else { return nil }
      if self[next..<next + bytes.count].elementsEqual(bytes) { return next..<next + bytes.count }
      place = next + 1
    }
    return nil
  }

  fileprivate func ranges(of bytes: [UInt8]) -> [Range<Int>] {
    var (found, place) = ([Range<Int>](), 0)
    while !bytes.isEmpty, let next = firstRange(of: bytes, from: place) {
      found.append(next)
      place = next.upperBound
    }
    return found
  }
}
