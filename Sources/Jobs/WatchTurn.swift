internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// The turn to look at a place that many processes see, so that nothing is fetched twice.
///
/// It is a courtesy between clocks that agree by a minute: that each file is taken once does not depend on it.
struct WatchTurn {
  private enum Key: String, CaseIterable { case until }

  private let library: Library
  private let key: ItemKey
  private var version: ItemVersion?
  /// Milliseconds since 1970.
  private var until = 0

  private static let milliseconds = 120_000

  init(_ library: Library, _ trigger: Trigger) {
    (self.library, key) = (library, LibraryKeys.watchTurn(client: trigger.client, trigger.id))
  }

  /// `false` where somebody else has it, who has not been silent for too long.
  mutating func take() throws(Fault) -> Bool {
    let item = try library.table.get(key)
    if let item {
      let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
      let end = try document.root.fields(Key.self).required(.until).integer(in: 0 ... .max)
      // A clock that was far in front would keep it for ever.
      if library.now < end, end < library.now + 2 * Self.milliseconds { return false }
    }
    return try put(if: item.map { .version($0.version) } ?? .absent)
  }

  /// Says again that the place is looked at, where that was some time ago; `false` where another has the turn by now.
  mutating func keep() throws(Fault) -> Bool {
    guard until - library.now < Self.milliseconds * 3 / 4, let version else { return version != nil }
    return try put(if: .version(version))
  }

  /// Gives it up.
  func end() throws(Fault) {
    if let version { _ = try library.table.write([.delete(key, if: .version(version))]) }
  }

  private mutating func put(if condition: Write.Condition) throws(Fault) -> Bool {
    until = library.now + Self.milliseconds
    let body = JSONWriter.object(capacity: 64) { [until] in $0.field("until", until) }
    guard case .committed(let commit) = try library.table.write([.put(key, body, if: condition)]) else {
      version = nil
      return false
    }
    version = commit.versions.first ?? nil
    return true
  }
}
