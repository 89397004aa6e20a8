internal import Base
internal import Catalog
internal import Items
internal import Library
internal import SearchLanguage
internal import Store

/// Walks through several ways at once, newest first, each moment once.
struct MomentWalk {
  struct Entry {
    let entry: IndexEntry
    /// Its place in the order of every way.
    let place: [UInt8]

    var key: ItemKey { entry.key }

    init(_ entry: IndexEntry) { (self.entry, place) = (entry, IndexEntry.place(sort: entry.sort, key: entry.key)) }
  }

  private struct Cursor {
    let way: Way
    let query: Query?
    var entries: ArraySlice<Entry> = []
    var token: PageToken?
    var isOver = false
  }

  private let table: any TableReader
  private let range: Range<Int>
  private var cursors: [Cursor] = []
  /// Behind this place; what stands at it was told.
  private let place: [UInt8]?
  private var last: ItemKey?
  /// What could not be read.
  private(set) var gaps: [AnswerGap] = []

  private static let pageCount = 64
  /// Moments with words that are found at a time.
  private static let mostTexts = 10_000

  init(_ plan: SearchPlan, behind place: [UInt8]?, limit: Int = pageCount, _ table: any TableReader) {
    (self.table, range, self.place) = (table, plan.range, place)
    guard !plan.range.isEmpty else { return }
    let keys = Self.keys(plan.range, behind: place)
    for way in plan.ways {
      if case .entries = way.kind {
        let query = Query(way.partition, keys, order: .descending, limit: max(1, min(limit, Self.pageCount)))
        cursors.append(Cursor(way: way, query: query))
      } else {
        cursors.append(Cursor(way: way, query: nil))
      }
    }
  }

  private static func keys(_ range: Range<Int>, behind place: [UInt8]?) -> Query.Range {
    guard case .between(let lower, let upper) = SearchPlan.keys(range) else { return .all }
    guard let sort = place.flatMap({ IndexEntry.parts(ofPlace: $0)?.sort }), sort.isBefore(upper) else {
      return .between(lower, upper)
    }
    return .between(lower, sort)
  }

  /// The next key, with its place in the order; `nil` at the end.
  mutating func next() throws(Fault) -> Entry? {
    while true {
      var newest: Int?
      for number in cursors.indices {
        try fill(number)
        guard let first = cursors[number].entries.first else { continue }
        if let known = newest, !cursors[known].entries.first!.place.lexicographicallyPrecedes(first.place) { continue }
        newest = number
      }
      guard let newest, let entry = cursors[newest].entries.popFirst() else { return nil }
      // The same moment by another way; those of one place come one behind the other.
      for number in cursors.indices where cursors[number].entries.first?.key == entry.key {
        cursors[number].entries.removeFirst()
      }
      guard entry.key != last, place.map({ entry.place.lexicographicallyPrecedes($0) }) ?? true else { continue }
      last = entry.key
      return entry
    }
  }

  private mutating func fill(_ number: Int) throws(Fault) {
    while cursors[number].entries.isEmpty, !cursors[number].isOver {
      switch cursors[number].way.kind {
      case .entries(let index):
        let page = try table.entries(of: index, cursors[number].query!, after: cursors[number].token)
        cursors[number].entries = page.elements.map(Entry.init)[...]
        cursors[number].token = page.next
        cursors[number].isOver = page.next == nil
      case .text(let phrase):
        cursors[number].entries = try texts(phrase.text, cursors[number].way.partition)[...]
        cursors[number].isOver = true
      }
    }
  }

  /// All that have words, which have another order in their index.
  private mutating func texts(_ text: String, _ partition: String) throws(Fault) -> [Entry] {
    var (found, token, read) = ([Entry](), PageToken?.none, 0)
    repeat {
      let page = try table.matches(
        of: LibrarySchema.momentText, TextQuery(partition, text: text, limit: 500), after: token)
      for item in page.elements {
        guard let moment = try gaps.reading(item, Moment.init) else { continue }
        guard range.contains(moment.from) else { continue }
        found.append(Entry(IndexEntry(key: item.key, version: item.version, sort: moment.place, attributes: [])))
      }
      token = page.next
      read += page.elements.count
      guard read <= Self.mostTexts else {
        throw Fault(
          .badInput, "more than \(Self.mostTexts) moments have these words: say more of them, or from when on")
      }
    } while token != nil
    return found.sorted { $1.place.lexicographicallyPrecedes($0.place) }
  }
}
