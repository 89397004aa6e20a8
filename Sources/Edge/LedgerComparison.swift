public import Base

/// What both ends of a node's ledger have, held against each other.
public struct LedgerComparison: Sendable, Hashable {
  public enum Verdict: String, Sendable, Hashable, CaseIterable {
    /// All that the node said it has is here; what came since is behind that.
    case agree
    /// Some of it waits at the node, or is on its way.
    case behind
    /// The ends do not have the same: what is said in ``Line/verdict`` of the lines.
    case fork
    /// The node said nothing of it yet.
    case unknown
  }

  public struct Line: Sendable, Hashable {
    public let line: LedgerLine
    public let verdict: Verdict
    /// Entries that wait at the node.
    public let behind: Int
    /// `nil` where nothing came yet.
    public let here: LinePosition?
    /// Of the node; `nil` where its report has too many lines to name this one.
    public let there: LedgerReport.Line?
  }

  public let verdict: Verdict
  /// The most urgent first.
  public let lines: [Line]

  /// Milliseconds behind an entry's coming after which no report is from before it.
  private static let patience = 60_000

  /// Of a report, which was heard at a moment in milliseconds since 1970 by the centre's clock, and of what the centre has of the life that this is
  /// of: nothing of one that is just begun.
  public init(
    _ report: LedgerReport?, seen: Int = 0, _ here: [LedgerLine: LinePosition]?, isCopied: Bool = false
  ) {
    guard let report else {
      (verdict, lines) = (.unknown, [])
      return
    }
    let known = here ?? [:]
    let said = Dictionary(report.lines.map { ($0.line, $0) }) { $1 }
    let all = Set(known.keys).union(said.keys).sorted(by: LedgerLine.goesFirst)
    lines = all.map { Self.compare($0, known[$0], said[$0], seen: seen, isWhole: report.isWhole) }
    let found = Set(lines.map(\.verdict))
    verdict = isCopied ? .fork : [.fork, .behind, .unknown].first { found.contains($0) } ?? .agree
  }

  private static func compare(
    _ line: LedgerLine, _ here: LinePosition?, _ there: LedgerReport.Line?, seen: Int, isWhole: Bool
  ) -> Line {
    guard let there else {
      return Line(line: line, verdict: isWhole ? .fork : .unknown, behind: 0, here: here, there: nil)
    }
    let position = here ?? LinePosition()
    let verdict: Verdict =
      if position.sequence == there.taken {
        position.hash != there.hash ? .fork : there.taken == there.sequence ? .agree : .behind
      } else {
        // Less is here than the node knows of only where it was lost; more than it has, unless that came since, where another sent it.
        position.sequence < there.taken
          || position.sequence > there.sequence && position.at + Self.patience < seen
          ? .fork : position.sequence < there.sequence ? .behind : .agree
      }
    return Line(
      line: line, verdict: verdict, behind: max(0, there.sequence - position.sequence), here: here, there: there)
  }

  /// The members of its JSON.
  public func write(into json: inout JSONWriter) {
    json.field("verdict", verdict.rawValue)
    json.array("lines") { json in
      for one in lines {
        json.object { json in
          json.field("line", one.line.kind.rawValue)
          json.field("stream", one.line.stream)
          json.field("verdict", one.verdict.rawValue)
          json.field("behind", one.behind)
          if let here = one.here { json.object("centre", here.write) }
          guard let there = one.there else { return }
          json.object("node") { json in
            json.field("sequence", there.sequence)
            json.field("taken", there.taken)
            json.field("hash", there.hash)
            json.field("waiting_bytes", there.waiting)
            json.field("left_out", there.leftOut)
          }
        }
      }
    }
  }
}
