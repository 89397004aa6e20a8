/// The header `tracestate` (W3C Trace Context, level 1): what other tracing systems want to find again.
public enum TraceState {
  /// The values of all headers of that name as one; empty where they are not what the recommendation says, which leaves the trace as it is.
  public static func read(_ headers: [String]) -> String {
    guard !headers.isEmpty else { return "" }
    var (members, names) = ([Substring](), Set<Substring>())
    for header in headers {
      for part in header.split(separator: ",") {
        let member = trimmed(part)
        if member.isEmpty { continue }
        guard let equals = member.firstIndex(of: "="), isName(member[..<equals].utf8),
          isValue(member[member.index(after: equals)...].utf8), names.insert(member[..<equals]).inserted
        else { return "" }
        members.append(member)
      }
    }
    let text = members.joined(separator: ",")
    return members.count <= 32 && text.utf8.count <= mostBytes ? text : ""
  }

  /// At least 512 are to be taken.
  private static let mostBytes = 1024

  private static func trimmed(_ text: Substring) -> Substring {
    var rest = text.drop { $0 == " " || $0 == "\t" }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return rest
  }

  /// `name`, or `tenant@name`.
  private static func isName(_ name: Substring.UTF8View) -> Bool {
    let parts = name.split(separator: UInt8(ascii: "@"), maxSplits: 1, omittingEmptySubsequences: false)
    let lengths = parts.count == 1 ? [1...256] : [1...241, 1...14]
    return zip(parts, lengths).allSatisfy { part, length in
      length.contains(part.count) && part.allSatisfy(isOfName)
        && (isLetter(part.first ?? 0)
          || parts.count == 2 && part.startIndex == name.startIndex && isDigit(part.first ?? 0))
    }
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || "_-*/".utf8.contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Visible ASCII and blanks, without comma and equals sign; none at all is no value.
  private static func isValue(_ value: Substring.UTF8View) -> Bool {
    (1...256).contains(value.count)
      && value.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
  }
}
