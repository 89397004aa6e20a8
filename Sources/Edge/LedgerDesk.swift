public import Base
internal import Catalog
internal import Items
internal import JSON
public import Library
internal import Store

/// What a centre does with what its nodes forward: puts it into its own library, with how much of each line is there, in one transaction.
///
/// What comes twice, late or in pieces changes nothing; what does not follow what is here is refused. For threads that may block, and for
/// several processes of one library.
public final class LedgerDesk: Sendable {
  public let library: Library
  let examiner: any MediaExaminer
  public let blobs: BlobInbox
  let complain: @Sendable (Fault) -> Void
  /// Nodes of which a message is being taken.
  private let busy = Monitor<Set<String>>([])

  /// Whose ledger it is, as the door knows it and not as the message says.
  public struct Sender: Sendable, Hashable {
    public let node: String
    /// Whose what it forwards is.
    public let client: String

    public init(node: String, client: String) { (self.node, self.client) = (node, client) }
  }

  /// `complain` hears of what cannot be read, and of nodes whose chain is another than is here.
  public init(
    _ library: Library, examiner: any MediaExaminer, complain: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    (self.library, self.examiner, self.complain) = (library, examiner, complain)
    blobs = try BlobInbox(library)
  }

  var table: any Table { library.table }

  /// Takes a message of entries, and says how much of each of its lines is here now.
  ///
  /// One after the other of a node, so that none has more threads than one. Faults: `badInput` for what no node sends; `closed` where the node's
  /// client was removed; `denied` where the node was revoked; `unavailable` while another message of the node is being taken.
  public func take(_ bytes: [UInt8], from sender: Sender) throws(Fault) -> LedgerAnswer {
    guard busy.update({ $0.insert(sender.node).inserted }) else {
      throw Fault(.unavailable, "another message of the node '\(sender.node)' is being taken: send this one again")
    }
    defer { busy.update { _ = $0.remove(sender.node) } }
    let batch = try LedgerBatch(bytes)
    guard LedgerLife.isLife(batch.life), batch.entries.allSatisfy({ $0.line.isOfNode }) else {
      throw Fault(.badInput, "a ledger has a life of small letters and digits, and lines of streams as nodes call them")
    }
    var (lines, order) = ([LedgerLine: [LedgerBatch.Sent]](), [LedgerLine]())
    for sent in batch.entries {
      if lines[sent.line] == nil { order.append(sent.line) }
      lines[sent.line, default: []].append(sent)
    }
    var answer = LedgerAnswer(life: batch.life)
    for line in order {
      answer.lines.append(try take(lines[line] ?? [], of: line, batch.life, sender))
    }
    return answer
  }

  private func take(
    _ entries: [LedgerBatch.Sent], of line: LedgerLine, _ life: String, _ sender: Sender
  ) throws(Fault) -> LedgerAnswer.Line {
    var last = LinePosition()
    for attempt in 0..<1000 {
      let found = try table.get(LibraryKeys.ledgerLine(sender.node, life: life, line.text))
      let position = try found.map { (item) throws(Fault) in try LinePosition(item) } ?? LinePosition()
      last = position
      var told = LedgerAnswer.Line(line, position)
      switch position.verdict(entries.map(\.entry), in: line, of: life) {
      case .hole: return told
      case .broken(let place):
        throw Fault(.badInput, "entry \(place) of the line '\(line.text)' does not follow the one before it")
      case .fork(let place):
        told.isFork = true
        try note(fork: place, position, found?.version, of: line, life, sender)
        return told
      case .new(let place):
        if attempt == 0 { forget(entries[..<place], of: sender) }
        guard place < entries.count else { return told }
        var step = LedgerImport(self, sender, line, life, position, over: found?.version)
        switch try step.take(entries[place...]) {
        case .written, .conflict: continue
        case .stopped(let lacks, let refusal):
          (told.lacks, told.refusal) = (lacks, refusal)
          return told
        }
      }
    }
    return LedgerAnswer.Line(line, last)
  }

  /// Nothing waits for the objects of entries that came again: where the answer to these was lost, the node may have sent the bytes again too.
  private func forget(_ entries: ArraySlice<LedgerBatch.Sent>, of sender: Sender) {
    for entry in entries.map(\.entry) {
      for name in entry.objects { blobs.forget(name, sender.node) }
    }
  }

  private func note(
    fork place: Int, _ position: LinePosition, _ version: ItemVersion?, of line: LedgerLine, _ life: String,
    _ sender: Sender
  ) throws(Fault) {
    var position = position
    position.forks += 1
    let key = LibraryKeys.ledgerLine(sender.node, life: life, line.text)
    _ = try table.write([.put(key, position.json, if: version.orAbsent)])
    // Of many in a row ever fewer are told.
    guard position.forks.nonzeroBitCount == 1 else { return }
    complain(
      Fault(
        .conflict,
        "the node '\(sender.node)' sends another entry \(place) of the line '\(line.text)' than is here: it was restored from a backup, or somebody has a copy of it; revoke it where you do not know why"
      ))
  }

  /// Where all lines of a node stand here, those of a life; `nil` where nothing of it came.
  public func lines(of node: String, life: String) throws(Fault) -> [LedgerLine: LinePosition]? {
    var lines: [LedgerLine: LinePosition] = [:]
    let query = Query(
      LibraryKeys.ledgerPartition(node), .prefix(CompositeKey.prefix(life)), limit: ItemLimits.pageCount)
    try table.forEach(query) { (item) throws(Fault) in
      guard let line = CompositeKey.parts(of: item.key.sort).last.flatMap(LedgerLine.init) else { return }
      lines[line] = try LinePosition(item)
    }
    return lines.isEmpty ? nil : lines
  }
}

extension LinePosition {
  init(_ item: Item) throws(Fault) {
    try self.init(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }
}
