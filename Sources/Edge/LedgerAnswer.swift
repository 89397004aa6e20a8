public import Base
internal import JSON

/// What a centre says to a message of entries: of each line that was in it, how much is there now.
public struct LedgerAnswer: Sendable, Hashable {
  public struct Line: Sendable, Hashable {
    public let line: LedgerLine
    public var sequence: Int
    public var hash: String
    /// What came is not what is here.
    public var isFork = false
    /// The next entry waits for the bytes of this object.
    public var lacks: String?
    /// Why the next entry cannot be taken for now.
    public var refusal: String?

    public init(_ line: LedgerLine, _ position: LinePosition) {
      (self.line, sequence, hash) = (line, position.sequence, position.hash)
    }
  }

  public let life: String
  public var lines: [Line] = []

  public init(life: String) { self.life = life }
}

extension LedgerAnswer {
  private enum Key: String, CaseIterable { case life, lines }
  private enum LineKey: String, CaseIterable { case line, sequence, hash, fork, lacks, refusal }

  public var json: [UInt8] {
    JSONWriter.object { json in
      json.field("life", life)
      json.array("lines") { json in
        for one in lines {
          json.object { json in
            json.field("line", one.line.text)
            json.field("sequence", one.sequence)
            json.field("hash", one.hash)
            if one.isFork { json.field("fork", true) }
            json.field("lacks", ifKnown: one.lacks)
            json.field("refusal", ifKnown: one.refusal)
          }
        }
      }
    }
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ body: [UInt8]) throws(Fault) {
    let document = try JSONDocument(parsing: body.span.bytes, name: "the centre's answer to entries of the ledger")
    let fields = try document.root.fields(Key.self, others: .ignored)
    life = try LedgerEntry.word(fields.required(.life))
    for value in try fields.required(.lines).elements() {
      let fields = try value.fields(LineKey.self, others: .ignored)
      let name = try fields.required(.line)
      guard let line = LedgerLine(try name.string()) else { throw name.fault("this is no line of a ledger") }
      var one = Line(line, LinePosition())
      one.sequence = try fields.required(.sequence).integer(in: 0 ... .max)
      one.hash = try LedgerEntry.digest(fields.required(.hash))
      one.isFork = try fields[.fork]?.bool() ?? false
      one.lacks = try fields[.lacks].map(LedgerEntry.digest)
      one.refusal = try fields[.refusal]?.string()
      lines.append(one)
    }
  }
}
