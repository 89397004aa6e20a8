public import Base
public import Items

/// A single table: items by partition and sort key, indexes as they are declared, and a stream of its changes.
///
/// For any thread that may block: every call may wait for the disk or the network, and none without an end. Faults: `badInput` for what no
/// engine takes, and for a damaged file; `unavailable` where the table is busy or gone for now; `exhausted` for a full disk; `denied`.
public protocol Table: TableReader {
  /// Writes all or nothing, at most one write an item; every condition is about what stands there before the transaction.
  ///
  /// A transaction whose answer is a fault of the kind `unavailable` may have been written; all others that fail were not.
  func write(_ writes: [Write]) throws(Fault) -> WriteOutcome

  /// Reads the table as it is at one moment, however much is asked; writes go on meanwhile and are not seen.
  ///
  /// As long as that lasts, what is written takes more of the disk: end it. What is handed over is of the call alone.
  func atOneMoment<Result>(_ body: (any TableReader) throws(Fault) -> Result) throws(Fault) -> Result

  /// Forgets changes that every reader has passed (`through`) and that are older than a moment (`time`, seconds since 1970).
  func trimChanges(through position: ChangePosition, olderThan time: Int) throws(Fault)

  /// Forgets changes, or one side of them, wherever they stand; reads all of them once.
  ///
  /// Readers that have not passed them yet will not see what was forgotten. Only of a change with both sides one can be forgotten.
  func forgetChanges(_ fate: @Sendable (Change) throws(Fault) -> ChangeFate) throws(Fault)

  /// Sees to it that nothing of what was deleted up to now can be read in the table's files any more.
  func scrub() throws(Fault)

  /// Compares every index, the text indexes too, with the items at one moment; as long as the table is large.
  func verify() throws(Fault) -> [IndexReport]
}

/// What can be read of a table.
public protocol TableReader: Sendable {
  var schema: TableSchema { get }

  /// The items under some keys as they are at one moment, in the order of the keys, `nil` for what is not there.
  ///
  /// At most ``ItemLimits/batchCount`` keys.
  func get(_ keys: [ItemKey]) throws(Fault) -> [Item?]

  /// The next page of a query; `token` is that of the page before.
  func items(_ query: Query, after token: PageToken?) throws(Fault) -> Page<Item>

  /// The next page of a query by an index that the schema declares.
  func entries(of index: IndexDeclaration, _ query: Query, after token: PageToken?) throws(Fault) -> Page<IndexEntry>

  /// The items that entries of an index lead to, as they are at one moment, in the order of the entries, `nil` for what is not there any more.
  ///
  /// What ``get(_:)`` gives for their keys, at a lower cost where the entries know where the items are. At most ``ItemLimits/batchCount`` entries.
  func items(of entries: [IndexEntry]) throws(Fault) -> [Item?]

  /// Whether the engine searches by words; where it does not, ``matches(of:_:after:)`` is the fault `unsupported`.
  var findsWords: Bool { get }

  /// The next page of what a search finds by a text index that the schema declares.
  ///
  /// By descending order of the items' first writing: what comes meanwhile stands before the first page.
  func matches(
    of index: TextIndexDeclaration, _ query: TextQuery, after token: PageToken?
  ) throws(Fault) -> Page<Item>

  /// Changes behind a position, oldest first, at most `limit` of them (1 to 1000).
  ///
  /// There are no holes: what becomes visible later stands behind all that was read. The fault is `notFound` where changes behind the
  /// position were trimmed, and `badInput` where it is none of this table, or of a life that a restored backup ended.
  func changes(after position: ChangePosition, limit: Int) throws(Fault) -> ChangePage

  /// When the oldest change behind a position, one that ``changes(after:limit:)`` may not give yet too, was written, in seconds since 1970.
  func oldestTime(after position: ChangePosition) throws(Fault) -> Int?

  /// Behind all that was written up to now.
  func lastPosition() throws(Fault) -> ChangePosition
}
