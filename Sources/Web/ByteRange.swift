/// What of a representation a `Range` header asks for (RFC 9110, 14).
///
/// Pure: headers in, a decision out.
public enum ByteRange: Sendable, Hashable {
  /// There is no header, none that is understood, or several ranges: the answer is 200 with all bytes.
  case whole
  /// The answer is 206 with these bytes, never none, and ``contentRange(_:of:)``.
  case part(Range<Int>)
  /// None of the ranges holds a byte: the answer is 416 with ``unsatisfied(of:)``.
  case unsatisfiable

  /// Reads `bytes=a-b`, `bytes=a-` and `bytes=-n` for a representation of `byteCount` bytes.
  ///
  /// What is not well formed asks for nothing, as RFC 9110, 14.2 has it. Of several ranges one client in a thousand has use, and they
  /// may be answered with all: so they are, unless only one of them holds a byte.
  public init(_ header: String?, byteCount: Int) {
    guard let header, let ranges = ByteRange.specified(header) else {
      self = .whole
      return
    }
    let found = ranges.compactMap { $0.resolve(byteCount) }
    switch found.count {
    case 0: self = .unsatisfiable
    // A suffix of a representation without bytes is all of it, and no range can say so.
    case 1: self = found[0].isEmpty ? .whole : .part(found[0])
    default: self = .whole
    }
  }

  /// The header `Content-Range` of a 206.
  public static func contentRange(_ range: Range<Int>, of byteCount: Int) -> String {
    "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(byteCount)"
  }

  /// The header `Content-Range` of a 416.
  public static func unsatisfied(of byteCount: Int) -> String { "bytes */\(byteCount)" }

  private enum Spec {
    case from(Int, to: Int?), last(Int)

    /// `nil` where it holds nothing.
    func resolve(_ byteCount: Int) -> Range<Int>? {
      switch self {
      case .from(let first, let last):
        guard first < byteCount else { return nil }
        return first..<min(last ?? .max, byteCount - 1) + 1
      case .last(let count): return count == 0 ? nil : byteCount - min(count, byteCount)..<byteCount
      }
    }
  }

  private static func specified(_ header: String) -> [Spec]? {
    let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
    var specs: [Spec] = []
    for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let word = part.trimmed
      if word.isEmpty { continue }
      guard let spec = spec(word) else { return nil }
      specs.append(spec)
    }
    return specs.isEmpty ? nil : specs
  }

  private static func spec(_ word: Substring) -> Spec? {
    let ends = word.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2 else { return nil }
    if ends[0].isEmpty { return number(ends[1]).map { .last($0) } }
    guard let first = number(ends[0]) else { return nil }
    if ends[1].isEmpty { return .from(first, to: nil) }
    guard let last = number(ends[1]), last >= first else { return nil }
    return .from(first, to: last)
  }

  /// Digits alone; more than any representation has bytes is the largest number.
  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text) ?? .max
  }
}

extension Substring {
  /// Without blanks and tabs at its ends.
  var trimmed: Substring {
    var rest = self
    while let first = rest.utf8.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
    while let last = rest.utf8.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
    return rest
  }
}
