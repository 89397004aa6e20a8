/// Amazon's trace header (`Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`) as a W3C trace context.
public struct TraceHeader: Sendable, Hashable {
  /// 32 hexadecimal digits.
  public let trace: String
  /// 16 hexadecimal digits.
  public let parent: String
  public let isSampled: Bool

  /// `nil` for what is not one, or names no parent.
  public init?(_ text: String) {
    var parts: [Substring: Substring] = [:]
    for part in text.split(separator: ";") {
      let words = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
      if words.count == 2 { parts[words[0]] = words[1] }
    }
    guard let root = parts["Root"], let parent = parts["Parent"] else { return nil }
    let words = root.split(separator: "-", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "1", Self.isHex(words[1], 8), Self.isHex(words[2], 24), Self.isHex(parent, 16),
      parent.contains(where: { $0 != "0" }), (words[1] + words[2]).contains(where: { $0 != "0" })
    else { return nil }
    (trace, self.parent) = ((words[1] + words[2]).lowercased(), parent.lowercased())
    isSampled = parts["Sampled"] == "1"
  }

  /// The value of the header `traceparent`.
  public var traceParent: String { "00-\(trace)-\(parent)-0\(isSampled ? 1 : 0)" }

  private static func isHex(_ text: Substring, _ count: Int) -> Bool {
    text.utf8.count == count && text.allSatisfy { $0.isASCII && $0.isHexDigit }
  }
}
