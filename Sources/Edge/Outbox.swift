public import Base
internal import Catalog
internal import Items
public import Library
internal import Store

/// What a node has to tell its centre, in its library.
///
/// Follows the library's changes: entries are written in the transaction that says how far these were looked through, so that none is missed and
/// none is there twice, however often the process is killed. What the centre has is taken away. For threads that may block.
public final class Outbox: Sendable {
  public let library: Library
  public let rules: EdgeRules
  public let clock: NodeClock
  let complain: @Sendable (Fault) -> Void
  private let told = Monitor<[ULID: UInt64]>([:])

  /// `complain` hears of what cannot be read, and is passed over, and of chains that are begun anew.
  public init(
    _ library: Library, _ rules: EdgeRules, clock: NodeClock = NodeClock(),
    complain: @escaping @Sendable (Fault) -> Void
  ) {
    (self.library, self.rules, self.clock, self.complain) = (library, rules, clock, complain)
  }

  var table: any Table { library.table }

  /// What happens from now on is told, where that did not begin before.
  public func begin() throws(Fault) {
    if try position() == nil { try begin(nil, looksBackTo: nil) }
  }

  /// Puts in what happened, until all of it is or a moment in monotonic nanoseconds is reached; `false` where nothing has.
  @discardableResult
  public func read(before deadline: UInt64) throws(Fault) -> Bool {
    var isAtEnd = try advance()
    let hadNothing = isAtEnd
    while !isAtEnd, Clock.now < deadline { isAtEnd = try advance() }
    try tellGaps()
    return !hadNothing
  }

  func position() throws(Fault) -> OutboxPosition? {
    try table.get(LibraryKeys.outboxPosition).map { (item) throws(Fault) in try OutboxPosition(item) }
  }

  /// Milliseconds before the last change that was read, from which on the library is looked through where changes were forgotten: the wall's clock
  /// may have been set back meanwhile.
  private static let lookBack = 86_400_000

  /// One transaction's worth; `true` at the end of the changes.
  private func advance() throws(Fault) -> Bool {
    guard var position = try position() else {
      try begin(nil, looksBackTo: nil)
      return false
    }
    var hasWalked = false
    if let walk = position.walk {
      hasWalked = try walkOn(walk, &position)
      // What happens does not wait for a look through all films, nor for room for what was found in them.
      guard walk.stage == .analyses, let now = try self.position() else { return !hasWalked }
      position = now
    }
    let page: ChangePage
    do throws(Fault) { page = try table.changes(after: position.change, limit: 256) } catch {
      switch error.kind {
      case .notFound:
        let days = "changes of more than \(Library.keptDays) days were not looked through in time"
        complain(Fault(.exhausted, "\(days): of these, what the library still has is forwarded"))
        let since = max(0, position.time - Self.lookBack)
        try begin(position, looksBackTo: min(since, position.walk?.since ?? since))
      // Of a life that a restored backup ended: what the centre has is not known here.
      case .badInput: try restart("the library was restored from a backup", from: position)
      default: throw error
      }
      return false
    }
    guard !page.changes.isEmpty else { return !page.hasMore && !hasWalked }
    var drafts = noDrafts
    var moments: [ItemKey: Write] = [:]
    for change in page.changes {
      do throws(Fault) {
        guard moments.count < Self.mostMoments, try add(change, to: &drafts) else { break }
        try note(change, in: &moments)
      } catch { try passOver(error) }
      (position.change, position.time) = (change.position, change.time * 1000)
    }
    try commit(drafts, position, Array(moments.values))
    return false
  }

  /// Tells of what cannot be read as it stands there; what can be read another time is not passed over.
  func passOver(_ fault: Fault) throws(Fault) {
    guard fault.kind == .badInput else { throw fault }
    complain(fault.at("something that is not forwarded"))
  }

  /// `false` where there is no room for it any more.
  private func add(_ change: Change, to drafts: inout OutboxDrafts) throws(Fault) -> Bool {
    guard rules.forwardsAnalyses, change.key.partition.utf8.starts(with: "ASSET#".utf8),
      change.key.sort.utf8.starts(with: LibraryKeys.analyses.utf8), let item = change.after
    else { return try drafts.add(change, rules, at: Clock.now) }
    let analysis = try Analysis(item)
    let told = try library.told(analysis.asset, pipeline: analysis.pipeline)
    return drafts.add(told.flatMap { OutboxDraft($0, rules) })
  }

  /// Goes on behind all that was written up to now; what is in the library and was changed since a moment is looked through first.
  private func begin(_ position: OutboxPosition?, looksBackTo since: Int?) throws(Fault) {
    let next = OutboxPosition(
      life: position?.life ?? Self.drawLife(), change: try library.lastPosition(), time: library.now,
      walk: since.map { OutboxPosition.Walk(since: $0) }, over: position?.version)
    let first = position == nil ? [Write.put(LibraryKeys.outboxMoment(""), clock.moment.json)] : []
    _ = try table.write([.put(LibraryKeys.outboxPosition, next.json, if: next.version.orAbsent)] + first)
  }

  /// Begins another chain with all that the library has, after one end of it went back to an older state.
  ///
  /// What is at the centre already is recognised there; what waits, and is not in the library any more, is put in by ``clear()``.
  func restart(_ reason: String, from position: OutboxPosition) throws(Fault) {
    complain(Fault(.conflict, "what is forwarded to the centre begins anew, because \(reason)"))
    let next = OutboxPosition(
      life: Self.drawLife(), change: try library.lastPosition(), time: library.now,
      walk: OutboxPosition.Walk(since: 0), over: position.version)
    _ = try table.write([.put(LibraryKeys.outboxPosition, next.json, if: next.version.orAbsent)])
  }

  /// Where the centre says that it has lost what it had of a life.
  func restart(lost life: String) throws(Fault) {
    guard let position = try position(), position.life.hasSameBytes(as: life) else { return }
    try restart("the centre has lost what it had of it", from: position)
  }

  private static func drawLife() -> String {
    var random = SystemRandomNumberGenerator()
    return Hex.text((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  /// Those of a transaction before there are any.
  var noDrafts: OutboxDrafts { OutboxDrafts(told: told.update { $0 }) }

  /// Puts drafts into the chain, with how far was looked through; where another process was faster, the next look finds that out.
  func commit(_ drafts: OutboxDrafts, _ position: OutboxPosition, _ others: [Write] = []) throws(Fault) {
    let writes = try writes(of: drafts.drafts, in: position.life)
    let all = [Write.put(LibraryKeys.outboxPosition, position.json, if: position.version.orAbsent)] + others + writes
    if case .committed = try table.write(all) { told.update { $0 = drafts.told } }
  }

  /// The writes that put drafts into the chain of a life; those for which there is no room are counted in their lines, and of clients that are
  /// purged nothing is put in any more.
  func writes(of drafts: [OutboxDraft], in life: String) throws(Fault) -> [Write] {
    guard !drafts.isEmpty else { return [] }
    let ends = try ends(of: life)
    var (lines, changed) = (ends.mapValues(\.line), Set<LedgerLine>())
    var clients: [String: ItemVersion] = [:]
    for draft in drafts where !draft.client.isEmpty && clients[draft.client] == nil {
      clients[draft.client] = try library.openVersion(of: draft.client)
    }
    var writes = clients.map { Write.check(LibraryKeys.client($0), if: .version($1)) }
    var waiting = ends.values.reduce(0) { $0 + $1.line.written - $1.taken.removed }
    let moment = clock.moment
    for draft in drafts where draft.client.isEmpty || clients[draft.client] != nil {
      var line = lines[draft.line] ?? OutboxLine()
      if line.gap == nil, waiting + draft.byteCount <= rules.waiting(draft.line.kind) {
        let put = Self.put(draft.kind, draft.body, of: draft.client, into: &line, draft.line, life, draft.put ?? moment)
        writes.append(put)
        waiting += put.body?.count ?? 0
      } else {
        line.leaveOut(draft.moment)
      }
      lines[draft.line] = line
      changed.insert(draft.line)
    }
    for line in changed {
      guard let end = lines[line] else { continue }
      writes.append(.put(LibraryKeys.outboxLine(life, line.text), end.json, if: end.version.orAbsent))
    }
    return writes
  }

  private static func put(
    _ kind: LedgerEntry.Kind, _ body: [UInt8], of client: String, into end: inout OutboxLine, _ line: LedgerLine,
    _ life: String, _ moment: NodeMoment
  ) -> Write {
    let entry = LedgerEntry(
      end.sequence + 1, kind, at: moment, of: line, in: life, body: body, after: end.hash)
    var item = OutboxEntry(entry: entry, client: client)
    // What no message has room for counts as gone at the centre.
    if body.count > LedgerEntry.most || item.json.count > ItemLimits.bodyByteCount { item.entry.body = nil }
    (end.sequence, end.hash, end.written) = (entry.sequence, entry.hash, end.written + item.json.count)
    return .put(LibraryKeys.outboxEntry(life, line.text, entry.sequence), item.json, if: .absent)
  }

  /// Tells how many were left out of lines, where there is room again, and looks through what the library still has of that time.
  private func tellGaps() throws(Fault) {
    guard let position = try position() else { return }
    let waiting = try waitingByteCount()
    let ends = try ends(of: position.life).filter { line, end in
      end.line.gap != nil && waiting < rules.waiting(line.kind) / 10 * 9
    }
    guard !ends.isEmpty else { return }
    let moment = clock.moment
    var (writes, since) = ([Write](), position.walk?.since ?? .max)
    // Those that find no room in this transaction come in the next one.
    for (line, end) in ends.prefix(40) {
      guard let gap = end.line.gap else { continue }
      var changed = end.line
      changed.gap = nil
      since = min(since, gap.from)
      writes.append(
        Self.put(.gap, GapNote(gap).json, of: "", into: &changed, line, position.life, moment))
      let key = LibraryKeys.outboxLine(position.life, line.text)
      writes.append(.put(key, changed.json, if: end.line.version.orAbsent))
    }
    var next = position
    next.walk = OutboxPosition.Walk(since: max(0, since - 1000))
    writes.append(.put(LibraryKeys.outboxPosition, next.json, if: position.version.orAbsent))
    _ = try table.write(writes)
  }
}

extension ItemVersion? {
  /// The condition that nobody wrote since.
  var orAbsent: Write.Condition { map { .version($0) } ?? .absent }
}
