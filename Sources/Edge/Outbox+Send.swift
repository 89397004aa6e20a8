public import Base
internal import Catalog
internal import Items
internal import Store

/// Both ends of a line as the node knows them.
struct OutboxEnds {
  var line = OutboxLine()
  var taken = OutboxTaken()
}

extension Outbox {
  /// All lines of a life.
  func ends(of life: String) throws(Fault) -> [LedgerLine: OutboxEnds] {
    var ends: [LedgerLine: OutboxEnds] = [:]
    try table.forEach(Query(LibraryKeys.outbox, limit: ItemLimits.pageCount)) { (item) throws(Fault) in
      let parts = CompositeKey.parts(of: item.key.sort)
      guard parts.count == 3, parts[1] == life, let line = LedgerLine(parts[2]) else { return }
      switch parts[0] {
      case "LINE": ends[line, default: OutboxEnds()].line = try OutboxLine(item)
      case "TAKEN": ends[line, default: OutboxEnds()].taken = try OutboxTaken(item)
      default: break
      }
    }
    return ends
  }

  /// What goes next of some kinds of lines, the most urgent first; of lines that rest nothing, and of those whose entries go alone one.
  func next(
    _ kinds: Set<LedgerLine.Kind>, atMost most: Int = LedgerBatch.mostEntries, bytes: Int = LedgerBatch.mostBytes,
    resting: Set<LedgerLine> = []
  ) throws(Fault) -> LedgerBatch? {
    guard let position = try position() else { return nil }
    var (batch, byteCount) = (LedgerBatch(life: position.life), 0)
    let ends = try ends(of: position.life)
    let lines = ends.keys.filter { kinds.contains($0.kind) && !resting.contains($0) }.sorted(by: LedgerLine.goesFirst)
    for line in lines {
      guard let ends = ends[line], ends.line.sequence > ends.taken.sequence else { continue }
      guard !line.kind.isAlone || batch.entries.isEmpty else { break }
      let most = line.kind.isAlone ? 1 : most
      var next = ends.taken.sequence + 1
      let query = Query(
        LibraryKeys.outboxPartition(position.life, line.text),
        .between(CompositeKey.number(next), CompositeKey.number(.max)), limit: min(100, most))
      for item in try table.items(query).elements {
        guard batch.entries.count < most, byteCount < bytes else { break }
        let entry = try OutboxEntry(item).entry
        guard entry.sequence == next else { throw Self.hole(line, next) }
        batch.entries.append(LedgerBatch.Sent(line: line, entry: entry, clock: clock.skew(at: entry.moment)))
        byteCount += item.body.count
        next += 1
      }
      guard next > ends.taken.sequence + 1 else { throw Self.hole(line, next) }
      if batch.entries.count >= most || byteCount >= bytes { break }
    }
    return batch.entries.isEmpty ? nil : batch
  }

  private static func hole(_ line: LedgerLine, _ sequence: Int) -> Fault {
    Fault(.bug, "entry \(sequence) of the line '\(line.text)' of the outbox is missing: check the library's disk")
  }

  /// Takes away what the centre has; begins another chain where what it has is not what was sent.
  func take(_ answer: LedgerAnswer) throws(Fault) {
    guard let position = try position(), position.life.hasSameBytes(as: answer.life) else { return }
    let ends = try ends(of: position.life)
    for told in answer.lines {
      guard let own = ends[told.line] else { continue }
      if let reason = try difference(told, own, in: position.life) {
        return try restart(reason, from: position)
      }
      try take(told, own, in: position.life)
    }
  }

  /// Why what the centre has of a line is not what this node put into it; `nil` where it is.
  private func difference(
    _ told: LedgerAnswer.Line, _ own: OutboxEnds, in life: String
  ) throws(Fault) -> String? {
    let name = "the line '\(told.line.text)'"
    if told.isFork { return "the centre has other entries of \(name): this node, or a copy of it, sent them" }
    if told.sequence > own.line.sequence { return "the centre has more of \(name) than this node" }
    if told.sequence < own.taken.sequence {
      return "the centre has lost what it had of \(name)"
    }
    let hash: String?
    if told.sequence == own.taken.sequence {
      hash = own.taken.hash
    } else {
      let key = LibraryKeys.outboxEntry(life, told.line.text, told.sequence)
      hash = try table.get(key).map { (item) throws(Fault) in try OutboxEntry(item).entry.hash }
    }
    return hash == told.hash ? nil : "the centre has another entry \(told.sequence) of \(name)"
  }

  /// In steps, each of which says with what it takes away how far the centre is.
  private func take(_ told: LedgerAnswer.Line, _ own: OutboxEnds, in life: String) throws(Fault) {
    var taken = own.taken
    while taken.sequence < told.sequence {
      let last = min(told.sequence, taken.sequence + 80)
      let keys = (taken.sequence + 1...last).map { LibraryKeys.outboxEntry(life, told.line.text, $0) }
      let items = try table.present(keys)
      guard let end = items.last, end.key == keys.last else { throw Self.hole(told.line, last) }
      (taken.sequence, taken.hash) = (last, try OutboxEntry(end).entry.hash)
      // Of what a purge erased the bytes are not those that were written.
      taken.removed =
        last == own.line.sequence ? own.line.written : taken.removed + items.reduce(0) { $0 + $1.body.count }
      let key = LibraryKeys.outboxTaken(life, told.line.text)
      let outcome = try table.write(
        [.put(key, taken.json, if: taken.version.orAbsent)] + keys.map { .delete($0) })
      guard case .committed(let commit) = outcome else { return }
      taken.version = commit.versions[0]
    }
  }

  /// Takes away what is left of an earlier life, some of it; `true` once nothing is.
  ///
  /// What waits there, and is nowhere else, goes into the chain that there is now.
  func clear() throws(Fault) -> Bool {
    guard let position = try position() else { return true }
    var old: [Item] = []
    try table.forEach(Query(LibraryKeys.outbox, limit: ItemLimits.pageCount)) { item in
      let parts = CompositeKey.parts(of: item.key.sort)
      if parts.count == 3, ["LINE", "TAKEN"].contains(parts[0]), parts[1] != position.life { old.append(item) }
    }
    guard let item = old.first else { return true }
    let parts = CompositeKey.parts(of: item.key.sort)
    let query = Query(LibraryKeys.outboxPartition(parts[1], parts[2]), limit: OutboxDrafts.room)
    let entries = try table.items(query).elements
    var drafts: [OutboxDraft] = []
    if let line = LedgerLine(parts[2]) {
      for item in entries {
        if let draft = try left(OutboxEntry(item), of: line) { drafts.append(draft) }
      }
      if entries.isEmpty, parts[0] == "LINE", let gap = try OutboxLine(item).gap {
        drafts = [OutboxDraft(gap, of: line)]
      }
    }
    let gone = entries.isEmpty ? [item.key] : entries.map(\.key)
    _ = try table.write(try writes(of: drafts, in: position.life) + gone.map { .delete($0) })
    return false
  }

  /// What is told again of an entry of a chain that is over: what the library, which is looked through, does not have.
  private func left(_ waiting: OutboxEntry, of line: LedgerLine) throws(Fault) -> OutboxDraft? {
    guard let body = waiting.entry.body else { return nil }
    switch waiting.entry.kind {
    case .picture, .analysis: return nil
    case .recording where line.kind != .asked: return nil
    case .gap, .recording: break
    case .event:
      let item = Item(key: LibraryKeys.outboxPosition, version: ItemVersion(1), body: body)
      guard let event = try? StreamEvent(item) else { break }
      guard try table.get(event.itemKey) == nil else { return nil }
    }
    return OutboxDraft(waiting, body, of: line)
  }

  /// Open events that a report has room for.
  private static let mostOpen = 32

  /// The ids of all events of this node that are open; `nil` where they are more than a report has room for.
  func openEvents() throws(Fault) -> [String]? {
    let query = Query(CompositeKey.joined("EVENTS", "open"), limit: Self.mostOpen)
    let page = try table.entries(of: LibrarySchema.eventState, query)
    guard page.next == nil else { return nil }
    return try table.present(of: page.elements).map { (item) throws(Fault) in try StreamEvent(item).id.text }
  }

  /// What of this node's ledger the centre compares with its own; at most 36 lines, the most urgent first.
  public func report() throws(Fault) -> LedgerReport? {
    guard let position = try position() else { return nil }
    let ends = try ends(of: position.life)
    let lines = ends.keys.sorted(by: LedgerLine.goesFirst).prefix(36).map { line in
      let own = ends[line] ?? OutboxEnds()
      return LedgerReport.Line(
        line: line, sequence: own.line.sequence, taken: own.taken.sequence, hash: own.taken.hash,
        waiting: own.line.written - own.taken.removed, leftOut: own.line.gap?.count ?? 0)
    }
    return LedgerReport(life: position.life, lines: Array(lines), isWhole: lines.count == ends.count)
  }
}
