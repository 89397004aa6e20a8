/// The last lines of a log: those before them go, by number and by bytes, and of one that is very long the rest goes.
public struct LogRing: Sendable {
  public struct Line: Sendable, Hashable {
    /// Milliseconds since 1970.
    public let at: Int
    public let text: String
    public let isFault: Bool
  }

  private let (mostLines, mostBytes): (Int, Int)
  private var lines: [Line] = []
  private var first = 0
  private var byteCount = 0

  public init(lines: Int = 1000, bytes: Int = 256 << 10) { (mostLines, mostBytes) = (lines, bytes) }

  public mutating func add(_ text: String, isFault: Bool, at moment: Int) {
    let text =
      text.utf8.count <= mostBytes / 16 ? text : String(decoding: text.utf8.prefix(mostBytes / 16), as: UTF8.self) + "…"
    lines.append(Line(at: moment, text: text, isFault: isFault))
    byteCount += text.utf8.count
    while lines.count - first > mostLines || byteCount > mostBytes {
      byteCount -= lines[first].text.utf8.count
      first += 1
    }
    // Those that went are taken out when they are half of all, and not one by one.
    if first > lines.count / 2 {
      lines.removeFirst(first)
      first = 0
    }
  }

  /// As many of the last as there are, the oldest first.
  public func last(_ count: Int, faultsOnly: Bool = false) -> [Line] {
    let kept = lines[first...]
    guard faultsOnly else { return Array(kept.suffix(count)) }
    var found: [Line] = []
    for line in kept.reversed() where line.isFault && found.count < count { found.append(line) }
    return found.reversed()
  }
}
