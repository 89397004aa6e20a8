internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Store

/// What a node has yet to forward, as a purge sees it.
extension Library {
  /// Takes a client's contents, and its name, out of what waits to be forwarded; the entries stay, as the chain holds their digests and not what they said.
  func eraseOutbox(of client: String) throws(Fault) {
    try forEachWaiting(of: client) { (items) throws(Fault) in
      let writes = try items.map { (item) throws(Fault) in
        Write.put(item.key, try Self.erased(item), if: .version(item.version))
      }
      // What was forwarded meanwhile is not there any more.
      if case .conflict = try table.write(writes) {
        for write in writes { _ = try table.write([write]) }
      }
    }
  }

  func outboxHolds(_ client: String) throws(Fault) -> Bool {
    var holds = false
    try forEachWaiting(of: client) { _ in holds = true }
    return holds
  }

  private enum OwnerKey: String, CaseIterable { case of, body }

  /// Entries with contents of a client, in pages.
  private func forEachWaiting(of client: String, _ body: ([Item]) throws(Fault) -> Void) throws(Fault) {
    var partitions: [String] = []
    try table.forEach(Query(LibraryKeys.outbox, .prefix(LibraryKeys.outboxLines))) { item in
      let parts = CompositeKey.parts(of: item.key.sort)
      if parts.count == 3 { partitions.append(LibraryKeys.outboxPartition(parts[1], parts[2])) }
    }
    for partition in partitions {
      var token: PageToken?
      repeat {
        let page = try table.items(Query(partition, limit: ItemLimits.writeCount / 2), after: token)
        var found: [Item] = []
        for item in page.elements {
          let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
          let fields = try document.root.fields(OwnerKey.self, others: .ignored)
          guard fields[.body] != nil, try fields.required(.of).string().hasSameBytes(as: client) else { continue }
          found.append(item)
        }
        if !found.isEmpty { try body(found) }
        token = page.next
      } while token != nil
    }
  }

  private static func erased(_ item: Item) throws(Fault) -> [UInt8] {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    var members = try document.root.members()
    return JSONWriter.object(capacity: item.body.count) { json in
      while let (key, value) = members.next() {
        switch key {
        case "body": break
        case "of": json.field("of", "")
        default: json.field(JSONWriter.Name(key)) { value.write(to: &$0) }
        }
      }
    }
  }
}
