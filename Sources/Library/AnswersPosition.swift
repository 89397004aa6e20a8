package import Base
internal import Catalog
internal import Items
internal import JSON

/// How far the analyses of older programs have been gone through for which networks answered in them.
package struct AnswersPosition: Sendable, Hashable {
  /// All have been.
  package internal(set) var isWhole = false
  /// Assets that were gone through.
  package internal(set) var assets = 0
  /// The client whose assets are being gone through, none once it is whole; those before it, by the bytes of their names, are done.
  package internal(set) var client = ""
  /// What cannot be read, and so is in no list.
  package internal(set) var unreadable = 0
  /// Their first keys.
  package internal(set) var unreadableKeys: [String] = []
  /// Behind the client's last asset that is done; `nil` at its first one.
  var after: PageToken?
  /// The last analysis that is done of an asset that is not.
  var last: ItemKey?
  /// Of the item it was read from.
  private var version: ItemVersion?

  private static let mostKeys = 20

  private enum Key: String, CaseIterable {
    case isWhole, assets, client, unreadable, unreadableKeys, after, lastPartition, lastSort
  }

  init(_ item: Item?) throws(Fault) {
    guard let item else { return }
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    isWhole = try fields.required(.isWhole).bool()
    assets = try fields.required(.assets).integer(in: 0 ... .max)
    client = try fields.required(.client).string()
    unreadable = try fields.required(.unreadable).integer(in: 0 ... .max)
    var keys = try fields.required(.unreadableKeys).elements()
    while let key = keys.next() { unreadableKeys.append(try key.string()) }
    after = try fields[.after].map { (value) throws(Fault) in PageToken(text: try value.string()) }
    if let partition = try fields[.lastPartition]?.string(), let sort = try fields[.lastSort]?.string() {
      last = ItemKey(partition, sort)
    }
    version = item.version
  }

  /// On the condition that nobody has come further since it was read.
  var write: Write {
    let json = JSONWriter.object(capacity: 512) { json in
      json.field("isWhole", isWhole)
      json.field("assets", assets)
      json.field("client", client)
      json.field("unreadable", unreadable)
      json.field("unreadableKeys", unreadableKeys)
      json.field("after", ifKnown: after?.text)
      json.field("lastPartition", ifKnown: last?.partition)
      json.field("lastSort", ifKnown: last?.sort)
    }
    return .put(LibraryKeys.answersPosition, json, if: version.map { .version($0) } ?? .absent)
  }

  mutating func begin(_ client: String) { (self.client, after, last) = (client, nil, nil) }

  /// Names no client any more, so that nothing of one stays that is purged.
  mutating func end() {
    begin("")
    isWhole = true
  }

  /// Notes what cannot be read; one that was noted among the first is not counted again.
  mutating func note(_ key: ItemKey) {
    let text = "\(key)"
    guard !unreadableKeys.contains(text) else { return }
    unreadable += 1
    if unreadableKeys.count < Self.mostKeys { unreadableKeys.append(text) }
  }

  /// For the log; `nil` where all could be read.
  package var complaint: Fault? {
    guard unreadable > 0 else { return nil }
    let more = unreadable > unreadableKeys.count ? ", …" : ""
    return Fault(
      .badInput,
      "\(unreadable) items of the library could not be read, so no list of what versions answered about has them (\(unreadableKeys.joined(separator: ", "))\(more)): analyze these assets anew, or restore a backup"
    )
  }
}
