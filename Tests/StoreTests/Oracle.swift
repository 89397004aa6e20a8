import Base
import Foundation
import Items

/// A table as a dictionary, worked out anew for every question: slow, and too simple to be wrong.
struct Oracle {
  let schema: TableSchema
  private(set) var items: [ItemKey: Item] = [:]
  private var contents: [ItemKey: [IndexEntry.Content?]] = [:]
  private var texts: [ItemKey: Text] = [:]
  private var count = 0
  private(set) var changes: [(before: Item?, after: Item?)] = []

  init(_ schema: TableSchema) { self.schema = schema }

  /// What the engine must answer; versions are its own to choose.
  mutating func write(_ writes: [Write], answered: WriteOutcome) throws(Fault) -> WriteOutcome {
    var failed: [FailedCondition] = []
    for (index, write) in writes.enumerated() where !write.condition.holds(for: items[write.key]?.version) {
      failed.append(FailedCondition(index: index, found: items[write.key]?.version))
    }
    guard failed.isEmpty, case .committed(let commit) = answered else { return .conflict(failed) }
    for (write, version) in zip(writes, commit.versions) {
      let before = items[write.key]
      switch write.action {
      case .check: continue
      case .delete: (items[write.key], contents[write.key], texts[write.key]) = (nil, nil, nil)
      case .put(let body):
        guard let version else { return .conflict([]) }
        items[write.key] = Item(key: write.key, version: version, body: body)
        contents[write.key] = try schema.entries(of: body, at: write.key).indexes
        count += 1
        texts[write.key] = Text(body, place: texts[write.key]?.place ?? count)
      }
      let after = items[write.key]
      if before != nil || after != nil, schema.records(write.key) { changes.append((before, after)) }
    }
    return answered
  }

  /// What `byText` finds; `typed` is the text of the query in the pieces it was put together from.
  func matches(_ query: TextQuery, typed: [String]) -> [Item] {
    let asked = typed.flatMap(Text.words)
    let found = texts.filter { _, text in
      text.client.map { CompositeKey.joined("CLIENT", $0) } == query.partition
        && query.filters.allSatisfy { text.values[$0.attribute]?.contains($0.value) == true }
        && asked.allSatisfy { asked in text.words.contains { $0.hasPrefix(asked) } }
    }
    return found.sorted { $0.value.place > $1.value.place }.map { items[$0.key]! }
  }

  /// What a search can ask of an item, read by other means than the table's.
  private struct Text {
    let place: Int
    let client: String?
    let values: [String: [String]]
    let words: [String]

    init(_ body: [UInt8], place: Int) {
      let members = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
      let tags = members["tags"] as? [String] ?? []
      (self.place, client) = (place, members["client"] as? String)
      values = ["brand": [members["brand"] as? String].compactMap { $0 }, "tags": tags]
      words = ([members["name"] as? String ?? ""] + tags).flatMap(Self.words)
    }

    static func words(_ text: String) -> [String] {
      var words = [""]
      let folded = text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
      for character in folded.replacing("\u{df}", with: "ss") {
        if character.isLetter || character.isNumber {
          words[words.count - 1].append(character)
        } else {
          words += character.unicodeScalars.first == "\u{1f3ac}" ? ["\u{1f3ac}", ""] : [""]
        }
      }
      return words.filter { !$0.isEmpty }
    }
  }

  func items(_ query: Query) -> [Item] {
    let bounds = query.bounds(after: nil)
    let found = items.values.filter {
      $0.key.partition.hasSameBytes(as: query.partition) && bounds.contains(Array($0.key.sort.utf8))
    }
    return found.sorted { query.order == .ascending ? $0.key < $1.key : $1.key < $0.key }
  }

  func entries(_ number: Int, _ query: Query) -> [IndexEntry] {
    let bounds = query.bounds(after: nil)
    var found: [(place: [UInt8], entry: IndexEntry)] = []
    for (key, item) in items {
      guard let content = contents[key]?[number], content.partition.hasSameBytes(as: query.partition) else { continue }
      let place = IndexEntry.place(sort: content.sort, key: key)
      guard bounds.contains(place) else { continue }
      let entry = IndexEntry(key: key, version: item.version, sort: content.sort, attributes: content.attributes)
      found.append((place, entry))
    }
    found.sort { $0.place.lexicographicallyPrecedes($1.place) }
    let entries = found.map(\.entry)
    return query.order == .ascending ? entries : entries.reversed()
  }
}
