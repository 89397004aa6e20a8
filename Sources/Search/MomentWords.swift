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
  private var lengths: [ItemKey: MomentLengths] = [:]

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
    guard let number = moment.lengthClass else { return }
    lengths[LibraryKeys.momentLengths(moment.client, moment.source), default: MomentLengths()].insert(number)
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
    for (key, some) in lengths { if try !Self.note(some, key, in: table, if: isStill) { return false } }
    return true
  }

  /// What should be there and is not.
  func missing(in table: any Table) throws(Fault) -> [ItemKey] {
    let there = Set(try table.present(Array(keys)).map(\.key))
    var missing = keys.filter { !there.contains($0) }
    for (key, some) in lengths {
      let known = try table.get(key).flatMap { try? MomentLengths($0) }
      if known?.union(some) != known || known == nil { missing.insert(key) }
    }
    return Array(missing)
  }

  /// Those that were ever written stand.
  private static func note(
    _ lengths: MomentLengths, _ key: ItemKey, in table: any Table, if isStill: [Write]
  ) throws(Fault) -> Bool {
    for _ in 0..<10 {
      let item = try table.get(key)
      // What cannot be read may have been anything.
      let known = item.map { (try? MomentLengths($0)) ?? .all }
      let all = (known ?? MomentLengths()).union(lengths)
      guard all != known else { return true }
      let write = Write.put(key, all.json, if: item.map { .version($0.version) } ?? .absent)
      if case .committed = try table.write(isStill + [write]) { return true }
    }
    return false
  }
}

/// Which classes of lengths the long moments of a source ever had, so that those that it has none of are not asked for.
struct MomentLengths: Hashable {
  private var bits: UInt64 = 0

  init() {}

  static let all = {
    var all = MomentLengths()
    for number in 16..<48 { all.insert(number) }
    return all
  }()

  /// Twice the shortest of the longest class is still a number.
  private static let most = 62

  mutating func insert(_ number: Int) { bits |= 1 << UInt64(min(number, Self.most - 1)) }

  func union(_ other: MomentLengths) -> MomentLengths {
    var all = self
    all.bits |= other.bits
    return all
  }

  /// As ``Moment/lengthClass``, the shortest first.
  var classes: [Int] { (0..<Self.most).filter { bits & 1 << UInt64($0) != 0 } }

  private enum Key: String, CaseIterable { case classes }

  var json: [UInt8] { JSONWriter.object(capacity: 32) { $0.field("classes", Int(bits)) } }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    bits = UInt64(try document.root.fields(Key.self).required(.classes).integer(in: 0...(1 << Self.most) - 1))
  }
}
