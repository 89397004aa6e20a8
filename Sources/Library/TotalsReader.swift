internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Store

/// Follows the stream of changes and keeps totals in step with it.
///
/// What a transaction of changes makes of totals and of the rows of scores is written in one transaction with how far the reader has come, on the
/// condition that no other has come further meanwhile: so each change counts exactly once, whichever process reads it, and however often one is killed.
final class TotalsReader: Sendable {
  /// How far the totals have come.
  struct Position: Sendable, Hashable {
    var change = ChangePosition.beginning
    /// Steps of the change behind ``change`` that are done.
    var step = 0
    /// When the last change was written that they hold, in seconds since 1970; 0 for none.
    var time = 0
  }

  private let table: any Table
  /// One thread of a process at a time: others would only find that it was faster.
  private let turn = Monitor(false)

  init(_ table: any Table) { self.table = table }

  func position() throws(Fault) -> Position { try Self.read(try table.get(LibraryKeys.totalsPosition)) }

  /// Applies what is outstanding, until the end of the changes was met once or `deadline` (monotonic nanoseconds) is reached.
  ///
  /// - Returns: `false` where the deadline came first.
  func apply(before deadline: UInt64) throws(Fault) -> Bool {
    guard
      turn.wait(
        before: deadline,
        until: { isTaken -> Bool? in
          if isTaken { return nil }
          isTaken = true
          return true
        }) != nil
    else { return false }
    defer { turn.update { $0 = false } }
    while Clock.now < deadline {
      if try advance() { return true }
    }
    return false
  }

  /// One transaction's worth; `true` at the end of the changes.
  private func advance() throws(Fault) -> Bool {
    let item = try table.get(LibraryKeys.totalsPosition)
    let position = try Self.read(item)
    let page = try table.changes(after: position.change, limit: 256)
    guard !page.changes.isEmpty else { return !page.hasMore }
    var batch = TotalsBatch(from: position)
    var isWhole = true
    for change in page.changes where isWhole { isWhole = try batch.add(change) }
    let found = try batch.keys.isEmpty ? [] : table.get(batch.keys)
    var writes = try batch.writes(over: found)
    let body = Self.json(batch.position)
    writes.append(.put(LibraryKeys.totalsPosition, body, if: item.map { .version($0.version) } ?? .absent))
    // Where another process was faster, the next round finds that out.
    _ = try table.write(writes)
    return false
  }

  private enum Key: String, CaseIterable { case change, step, time }

  /// Of a table to which totals were copied that hold all of it.
  static func write(_ position: Position, at end: ChangePosition) -> Write {
    var position = position
    (position.change, position.step) = (end, 0)
    return .put(LibraryKeys.totalsPosition, json(position), if: .absent)
  }

  private static func json(_ position: Position) -> [UInt8] {
    JSONWriter.object(capacity: 128) { json in
      json.field("change", position.change.text)
      json.field("step", position.step)
      json.field("time", position.time)
    }
  }

  static func read(_ item: Item?) throws(Fault) -> Position {
    guard let item else { return Position() }
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the position of the totals")
    let fields = try document.root.fields(Key.self)
    return Position(
      change: ChangePosition(text: try fields.required(.change).string()),
      step: try fields.required(.step).integer(in: 0 ... .max), time: try fields.required(.time).integer())
  }
}

/// What fits into one transaction: rows to write, and differences of totals.
struct TotalsBatch {
  private(set) var position: TotalsReader.Position
  private var rows: [ItemKey: Write] = [:]
  private var differences: [ItemKey: Total] = [:]

  /// Items beside rows and totals: the position.
  private static let room = ItemLimits.writeCount - 1

  init(from position: TotalsReader.Position) { self.position = position }

  /// The totals that change.
  var keys: [ItemKey] { Array(differences.keys) }

  /// Takes as many steps of a change as there is room for; `false` where some are left.
  mutating func add(_ change: Change) throws(Fault) -> Bool {
    for step in try TotalsFold.steps(of: change).dropFirst(position.step) {
      let new =
        (step.row.map { rows[$0.key] == nil ? 1 : 0 } ?? 0)
        + step.differences.keys.reduce(0) { $0 + (differences[$1] == nil ? 1 : 0) }
      guard rows.count + differences.count + new <= Self.room else { return false }
      if let row = step.row { rows[row.key] = row }
      for (key, difference) in step.differences { differences[key, default: Total(like: difference)].add(difference) }
      position.step += 1
    }
    position = TotalsReader.Position(change: change.position, time: change.time)
    return true
  }

  /// The writes, where `found` are the totals under ``keys``.
  func writes(over found: [Item?]) throws(Fault) -> [Write] {
    var writes = Array(rows.values)
    for ((key, difference), item) in zip(differences, found) {
      var total = try item.map(Total.init) ?? Total(like: difference)
      total.add(difference)
      if total.isEmpty {
        if item != nil { writes.append(.delete(key)) }
      } else {
        writes.append(.put(key, total.json))
      }
    }
    return writes
  }
}
