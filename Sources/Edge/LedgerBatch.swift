public import Base
internal import JSON

/// Entries of some lines on their way to the centre: each line's without a hole.
///
/// Lines of JSON: the life, and then of each entry its head and its contents, byte for byte as they were put in.
public struct LedgerBatch: Sendable, Hashable {
  public struct Sent: Sendable, Hashable {
    public let line: LedgerLine
    public var entry: LedgerEntry
    /// Milliseconds that the node's wall clock was behind the centre's as this was put in, where that is known; no part of the chain, as
    /// it may be found out later.
    public var clock: Int?
    /// Why its bytes or contents do not come: they were removed before they were forwarded.
    public var gone: String?

    public init(line: LedgerLine, entry: LedgerEntry, clock: Int? = nil, gone: String? = nil) {
      (self.line, self.entry, self.clock, self.gone) = (line, entry, clock, gone)
    }
  }

  /// Which outbox this is, drawn as it was made; a chain goes on within one life.
  public let life: String
  public var entries: [Sent] = []

  public init(life: String, entries: [Sent] = []) { (self.life, self.entries) = (life, entries) }

  /// Why a picture, or an analysis, does not come that has a better one behind it, which is no loss.
  static let superseded = "superseded"

  /// Of one message: entries, and bytes about.
  public static let (mostEntries, mostBytes) = (400, 1 << 20)

  private enum HeadKey: String, CaseIterable { case life, entries }

  public var bytes: [UInt8] {
    var bytes = JSONWriter.line { json in
      json.field("life", life)
      json.field("entries", entries.count)
    }
    for sent in entries {
      bytes += JSONWriter.line { json in
        json.field("line", sent.line.text)
        sent.entry.write(into: &json)
        json.field("clock", ifKnown: sent.clock)
        json.field("gone", ifKnown: sent.gone)
      }
      bytes += sent.entry.body ?? []
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// Reads what ``bytes`` wrote; the fault is `badInput` for anything else, such as a message that was cut.
  public init(_ bytes: [UInt8]) throws(Fault) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
    guard lines.count >= 2, lines.removeLast().isEmpty else { throw Self.cut }
    let first = lines.removeFirst()
    let head = try JSONDocument(parsing: first.span.bytes, name: "the head of a ledger's message")
    let fields = try head.root.fields(HeadKey.self, others: .ignored)
    life = try LedgerEntry.word(fields.required(.life))
    guard lines.count == 2 * (try fields.required(.entries).integer(in: 0...Self.mostEntries)) else { throw Self.cut }
    for place in stride(from: 0, to: lines.count, by: 2) { entries.append(try Sent(lines[place], lines[place + 1])) }
  }

  private static let cut = Fault(.badInput, "a ledger's message was cut on its way: it is sent again")
}

extension LedgerBatch.Sent {
  fileprivate init(_ head: [UInt8], _ body: [UInt8]) throws(Fault) {
    let document = try JSONDocument(parsing: head.span.bytes, name: "the head of a ledger's entry")
    let fields = try document.root.fields(LedgerEntry.Key.self, others: .ignored)
    let name = try fields.required(.line)
    guard let line = LedgerLine(try name.string()) else { throw name.fault("this is no line of a ledger") }
    guard body.count <= LedgerEntry.most else { throw name.fault("an entry has \(body.count) bytes", .tooLarge) }
    self.init(
      line: line, entry: try LedgerEntry(fields, body: body.isEmpty ? nil : body),
      clock: try fields[.clock]?.integer(in: LedgerEntry.moments), gone: try fields[.gone]?.string())
  }
}
