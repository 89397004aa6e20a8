internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Store

/// Nodes at the edge whose client is purged; the rest of what there is to know of nodes stands above the library.
extension Library {
  private enum NodeKey: String, CaseIterable { case holder, node }

  /// Takes a client's nodes away, with their keys, what they said, how far their ledgers are, and tokens for them: they are refused from then on.
  func deleteNodes(of client: String) throws(Fault) {
    let nodes = try held(by: client, in: LibraryKeys.fleet)
    var writes = try held(by: client, in: LibraryKeys.fleetTokens).map { Write.delete($0) }
    let names = Set(nodes.map(\.sort))
    try table.forEach(Query(LibraryKeys.fleetKeys)) { (item) throws(Fault) in
      if let name = try node(item)[.node]?.string(), names.contains(name) { writes.append(.delete(item.key)) }
    }
    for name in names {
      writes += [.delete(LibraryKeys.fleetStatus(name)), .delete(LibraryKeys.fleetLog(name))]
      // Bytes that came, and are no object yet.
      FileSystem.removeTree("\(path)/edge/incoming/\(name)")
      try table.forEach(Query(LibraryKeys.ledgerPartition(name))) { writes.append(.delete($0.key)) }
    }
    // The nodes themselves go last, so that a purge that was interrupted finds the rest.
    writes += nodes.map { .delete($0) }
    while !writes.isEmpty {
      let part = writes.prefix(ItemLimits.writeCount - 1)
      _ = try table.write(part + [.put(LibraryKeys.fleetRevision, JSONWriter.object { _ in })])
      writes.removeFirst(part.count)
    }
  }

  func hasNodes(of client: String) throws(Fault) -> Bool {
    for partition in [LibraryKeys.fleet, LibraryKeys.fleetTokens] {
      guard try held(by: client, in: partition).isEmpty else { return true }
    }
    return false
  }

  private func held(by client: String, in partition: String) throws(Fault) -> [ItemKey] {
    var keys: [ItemKey] = []
    try table.forEach(Query(partition)) { (item) throws(Fault) in
      if try node(item)[.holder]?.string().hasSameBytes(as: client) == true { keys.append(item.key) }
    }
    return keys
  }

  private func node(_ item: Item) throws(Fault) -> JSONFields<NodeKey> {
    try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root
      .fields(NodeKey.self, others: .ignored)
  }
}
