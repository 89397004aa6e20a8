public import Base
public import JSON

/// Where the lines of a node's ledger end, as the node says it with its beat.
public struct LedgerReport: Sendable, Hashable {
  public struct Line: Sendable, Hashable {
    public let line: LedgerLine
    /// The last that was put in.
    public let sequence: Int
    /// The last that the centre said it has, and its hash.
    public let taken: Int
    public let hash: String
    /// Bytes that wait.
    public let waiting: Int
    /// How many were not put in since the last entry, as there was no room.
    public let leftOut: Int
  }

  public let life: String
  public let lines: [Line]
  /// There are no more lines than these.
  public let isWhole: Bool

  private enum Key: String, CaseIterable { case life, lines, whole }
  private enum LineKey: String, CaseIterable {
    case line, sequence, taken, hash, waiting, out
  }

  init(life: String, lines: [Line], isWhole: Bool) { (self.life, self.lines, self.isWhole) = (life, lines, isWhole) }

  public var json: [UInt8] {
    JSONWriter.object { json in
      json.field("life", life)
      json.field("whole", isWhole)
      json.array("lines") { json in
        for one in lines {
          json.object { json in
            json.field("line", one.line.text)
            json.field("sequence", one.sequence)
            json.field("taken", one.taken)
            json.field("hash", one.hash)
            json.field("waiting", one.waiting)
            json.field("out", one.leftOut)
          }
        }
      }
    }
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    life = try LedgerEntry.word(fields.required(.life))
    isWhole = try fields.required(.whole).bool()
    var lines: [Line] = []
    for value in try fields.required(.lines).elements() {
      let fields = try value.fields(LineKey.self, others: .ignored)
      let name = try fields.required(.line)
      guard let line = LedgerLine(try name.string()) else { throw name.fault("this is no line of a ledger") }
      lines.append(
        Line(
          line: line, sequence: try fields.required(.sequence).integer(in: 0 ... .max),
          taken: try fields.required(.taken).integer(in: 0 ... .max),
          hash: try LedgerEntry.digest(fields.required(.hash)),
          waiting: try fields.required(.waiting).integer(), leftOut: try fields.required(.out).integer(in: 0 ... .max)))
    }
    self.lines = lines
  }
}
