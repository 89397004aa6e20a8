internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Store

/// What moments are called by, noted before they are, so that a search by a pattern, and what completes a word, knows every word that there is.
///
/// A word stays when its last moment goes: whoever reads asks the index too.
struct MomentWords {
  /// A field of words, as it stands in keys.
  enum Field: String, CaseIterable {
    case label = "LABEL"
    case zone = "ZONE"
    case trait = "TRAIT"
    case rule = "RULE"
    case series = "SERIES"
    case place = "PLACE"
  }

  private static let body = Array("{}".utf8)

  private var keys: Set<ItemKey> = []
  private var longest: [ItemKey: Int] = [:]

  mutating func add(_ moment: Moment) {
    func add(_ field: Field, _ word: String?) {
      if let word { keys.insert(LibraryKeys.word(moment.client, field.rawValue, word)) }
    }
    add(.label, moment.label)
    add(.zone, moment.zone)
    add(.rule, moment.rule)
    add(.series, moment.series)
    add(.place, moment.source.key)
    for trait in moment.traits { add(.trait, trait) }
    let key = LibraryKeys.longest(moment.client, moment.source)
    longest[key] = max(longest[key] ?? 0, moment.to - moment.from)
  }

  /// Writes what is not there yet, on the conditions on which the moments are written; `false` where these do not hold.
  func note(in table: any Table, if isStill: [Write] = []) throws(Fault) -> Bool {
    let (wanted, step) = (Array(keys), ItemLimits.writeCount - isStill.count)
    for start in stride(from: 0, to: wanted.count, by: step) {
      let some = Array(wanted[start..<min(wanted.count, start + step)])
      let new = zip(some, try table.get(some)).filter { $0.1 == nil }
      guard !new.isEmpty else { continue }
      guard case .committed = try table.write(isStill + new.map { .put($0.0, Self.body) }) else { return false }
    }
    for (key, length) in longest { if try !Self.note(length, key, in: table, if: isStill) { return false } }
    return true
  }

  /// The greatest that was ever written stands.
  private static func note(
    _ length: Int, _ key: ItemKey, in table: any Table, if isStill: [Write]
  ) throws(Fault) -> Bool {
    for _ in 0..<10 {
      let item = try table.get(key)
      guard try length > item.map(Self.length) ?? -1 else { return true }
      let body = JSONWriter.object(capacity: 32) { $0.field("ms", length) }
      let write = Write.put(key, body, if: item.map { .version($0.version) } ?? .absent)
      if case .committed = try table.write(isStill + [write]) { return true }
    }
    return false
  }

  private enum Key: String, CaseIterable { case ms }

  static func length(_ item: Item) throws(Fault) -> Int {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    return try document.root.fields(Key.self).required(.ms).integer(in: 0 ... .max)
  }
}
