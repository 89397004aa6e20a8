import Base
import Items
import Store
import Synchronization

/// A table whose process dies at one of its writes: before it, or once it is done and nobody was told.
public final class BreakingTable: Table {
  public enum Moment: CaseIterable, Sendable { case before, after }

  private let inner: any Table
  private let moment: Moment
  private let left: Atomic<Int>

  /// `point` counts from 0.
  public init(_ inner: any Table, at point: Int, _ moment: Moment) {
    (self.inner, self.moment) = (inner, moment)
    left = Atomic(point + 1)
  }

  /// The point was come to.
  public var isBroken: Bool { left.load(ordering: .relaxed) <= 0 }

  public static let death = Fault(.bug, "the process ends here")

  public func write(_ writes: [Write]) throws(Fault) -> WriteOutcome {
    let count = left.subtract(1, ordering: .relaxed).newValue
    if count < 0 || count == 0 && moment == .before { throw Self.death }
    let outcome = try inner.write(writes)
    if count == 0 { throw Self.death }
    return outcome
  }

  public var schema: TableSchema { inner.schema }

  public func atOneMoment<Result>(_ body: (any TableReader) throws(Fault) -> Result) throws(Fault) -> Result {
    try inner.atOneMoment(body)
  }

  public func trimChanges(through position: ChangePosition, olderThan time: Int) throws(Fault) {
    try inner.trimChanges(through: position, olderThan: time)
  }

  public func forgetChanges(_ fate: @Sendable (Change) throws(Fault) -> ChangeFate) throws(Fault) {
    try inner.forgetChanges(fate)
  }

  public func scrub() throws(Fault) { try inner.scrub() }
  public func verify() throws(Fault) -> [IndexReport] { try inner.verify() }
  public func get(_ keys: [ItemKey]) throws(Fault) -> [Item?] { try inner.get(keys) }
  public func items(of entries: [IndexEntry]) throws(Fault) -> [Item?] { try inner.items(of: entries) }

  public func items(_ query: Query, after token: PageToken?) throws(Fault) -> Page<Item> {
    try inner.items(query, after: token)
  }

  public func entries(
    of index: IndexDeclaration, _ query: Query, after token: PageToken?
  ) throws(Fault) -> Page<IndexEntry> { try inner.entries(of: index, query, after: token) }

  public var findsWords: Bool { inner.findsWords }

  public func matches(of index: TextIndexDeclaration, _ query: TextQuery, after token: PageToken?) throws(Fault)
    -> Page<Item>
  {
    try inner.matches(of: index, query, after: token)
  }

  public func changes(after position: ChangePosition, limit: Int) throws(Fault) -> ChangePage {
    try inner.changes(after: position, limit: limit)
  }

  public func oldestTime(after position: ChangePosition) throws(Fault) -> Int? {
    try inner.oldestTime(after: position)
  }

  public func lastPosition() throws(Fault) -> ChangePosition { try inner.lastPosition() }
}
