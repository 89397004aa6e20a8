public import Access
public import Base
internal import Catalog
internal import Glibc
internal import Items
internal import JSON
internal import Store

/// The keys of a server in its library: one item a key, and one more that is written with every change.
///
/// Of changes that come at once each is made on what the one before it left, also by several processes.
public struct LibraryKeyStore: KeyStore {
  private let library: Library

  private enum Field: String, CaseIterable { case key }

  public init(_ library: Library) { self.library = library }

  public var place: String { "the library \(library.path)" }

  public func revision() throws(Fault) -> String {
    try library.table.get(LibraryKeys.accessRevision)?.version.text ?? "none"
  }

  public func read() throws(Fault) -> KeyList { KeyList(try items().map(\.key)) }

  /// At most 49 keys of clients that are new here can be made at once, and 98 be taken away; the fault of more is `tooLarge`.
  public func change<Result>(
    stillWanted: () -> Bool, _ body: (inout KeyList) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    for attempt in 0..<Library.mostConflicts {
      guard attempt == 0 || stillWanted() else {
        throw Fault(.closed, "the keys in \(place) are being changed by others: nothing was changed")
      }
      let revision = try library.table.get(LibraryKeys.accessRevision)?.version
      let known = try items()
      var list = KeyList(known.map(\.key))
      let result = try body(&list)
      var writes = try writes(from: known, to: list.keys)
      guard !writes.isEmpty else { return result }
      // Whoever writes keys writes this, so that what was read just now is what stands there.
      let condition = revision.map { Write.Condition.version($0) } ?? .absent
      writes.append(.put(LibraryKeys.accessRevision, JSONWriter.object { _ in }, if: condition))
      guard writes.count <= ItemLimits.writeCount else {
        throw Fault(.tooLarge, "so many keys are not changed at once: name fewer at a time")
      }
      try keepPrivate()
      if case .committed = try library.table.write(writes) { return result }
    }
    throw Fault(.unavailable, "the keys in \(place) were changed by others again and again: try it later")
  }

  /// Takes every key of a client away, and answers how many there were.
  func revokeAll(of client: String) throws(Fault) -> Int {
    var count = 0
    while true {
      let revoked = try change(stillWanted: { true }) { (list) throws(Fault) in
        let own = list.keys.filter { $0.client.hasSameBytes(as: client) }.prefix(ItemLimits.writeCount / 2)
        for key in own { _ = try list.revoke(key.id) }
        return own.count
      }
      guard revoked > 0 else { return count }
      count += revoked
    }
  }

  /// In the order they were made.
  private func items() throws(Fault) -> [(key: AccessKey, version: ItemVersion)] {
    var found: [(key: AccessKey, version: ItemVersion)] = []
    try library.table.forEach(Query(LibraryKeys.accessKeys, limit: ItemLimits.pageCount)) { (item) throws(Fault) in
      if item.key != LibraryKeys.accessRevision { found.append((try key(item), item.version)) }
    }
    return found.sorted { ($0.key.created, $0.key.id) < ($1.key.created, $1.key.id) }
  }

  private func key(_ item: Item) throws(Fault) -> AccessKey {
    let name = "the item \(item.key) in \(library.path)"
    let document = try JSONDocument(parsing: item.body.span.bytes, name: name)
    var json = JSONWriter(capacity: 400)
    try document.root.fields(Field.self, others: .refused).required(.key).write(to: &json)
    let key = try AccessKey(record: json.bytes, name: name)
    guard key.id == item.key.sort else { throw Fault(.badInput, "\(name) holds the key '\(key.id)'") }
    return key
  }

  private func writes(from known: [(key: AccessKey, version: ItemVersion)], to keys: [AccessKey]) throws(Fault)
    -> [Write]
  {
    let before = Dictionary(known.map { ($0.key.id, $0) }) { first, _ in first }
    let after = Set(keys.map(\.id))
    var (writes, clients) = ([Write](), Set<String>())
    for (key, version) in known where !after.contains(key.id) {
      writes.append(.delete(LibraryKeys.accessKey(key.id), if: .version(version)))
    }
    for key in keys {
      let old = before[key.id]
      guard old?.key != key else { continue }
      let condition = old.map { Write.Condition.version($0.version) } ?? .absent
      writes.append(.put(LibraryKeys.accessKey(key.id), Self.body(key), if: condition))
      guard clients.insert(key.client).inserted else { continue }
      let client = try library.openClient(key.client)
      writes.append(.check(LibraryKeys.client(key.client), if: .version(client)))
    }
    return writes
  }

  /// Within one more object, so that no index of the library takes what a key says for what an asset says.
  private static func body(_ key: AccessKey) -> [UInt8] {
    JSONWriter.object(capacity: 420) { $0.field("key", embedding: key.record) }
  }

  /// Hashes of keys are for the eyes of those who own the library: sessions are sealed with them.
  private func keepPrivate() throws(Fault) {
    for path in ["", "-wal", "-shm"].map({ "\(library.path)/library.db\($0)" }) {
      var info = stat()
      guard stat(path, &info) == 0, info.st_mode & 0o007 != 0 else { continue }
      guard chmod(path, info.st_mode & 0o770) == 0 else {
        throw Fault(
          .denied, "\(path) is open to everybody on this machine, and is to hold keys: run 'chmod o= \(path)'")
      }
    }
  }
}
