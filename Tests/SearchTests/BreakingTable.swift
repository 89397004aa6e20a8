import Base
import Items
import Store
import Synchronization

/// A table whose process dies at one of its writes: before it, or once it is done and nobody was told.
final class BreakingTable: Table {
  enum Moment: CaseIterable { case before, after }

  private let inner: any Table
  private let moment: Moment
  private let left: Atomic<Int>

  /// `point` counts from 0.
  init(_ inner: any Table, at point: Int, _ moment: Moment) {
    (self.inner, self.moment) = (inner, moment)
    left = Atomic(point + 1)
  }

  /// The point was come to.
  var isBroken: Bool { left.load(ordering: .relaxed) <= 0 }

  static let death = Fault(.bug, "the process ends here")

  func write(_ writes: [Write]) throws(Fault) -> WriteOutcome {
    let count = left.subtract(1, ordering: .relaxed).newValue
    if count < 0 || count == 0 && moment == .before { throw Self.death }
    let outcome = try inner.write(writes)
    if count == 0 { throw Self.death }
    return outcome
  }

  var schema: TableSchema { inner.schema }

  func atOneMoment<Result>(_ body: (any TableReader) throws(Fault) -> Result) throws(Fault) -> Result {
    try inner.atOneMoment(body)
  }

  func trimChanges(through position: ChangePosition, olderThan time: Int) throws(Fault) {
    try inner.trimChanges(through: position, olderThan: time)
  }

  func forgetChanges(_ fate: @Sendable (Change) throws(Fault) -> ChangeFate) throws(Fault) {
    try inner.forgetChanges(fate)
  }

  func scrub() throws(Fault) { try inner.scrub() }
  func get(_ keys: [ItemKey]) throws(Fault) -> [Item?] { try inner.get(keys) }

  func items(_ query: Query, after token: PageToken?) throws(Fault) -> Page<Item> {
    try inner.items(query, after: token)
  }

  func entries(
    of index: IndexDeclaration, _ query: Query, after token: PageToken?
  ) throws(Fault) -> Page<IndexEntry> { try inner.entries(of: index, query, after: token) }

  func matches(of index: TextIndexDeclaration, _ query: TextQuery, after token: PageToken?) throws(Fault) -> Page<Item>
  {
    try inner.matches(of: index, query, after: token)
  }

  func changes(after position: ChangePosition, limit: Int) throws(Fault) -> ChangePage {
    try inner.changes(after: position, limit: limit)
  }

  func lastPosition() throws(Fault) -> ChangePosition { try inner.lastPosition() }
}
