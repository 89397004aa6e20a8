public import Base
internal import Catalog
internal import Items
internal import Store

/// What was learnt of streams, by which it is told whether they drift.
extension Library {
  /// What was kept last, as JSON.
  public func drift(of stream: String, client: String) throws(Fault) -> [UInt8]? {
    try table.get(LibraryKeys.drift(client, stream))?.body
  }

  /// Keeps it in place of what was there; the fault is `closed` where the client is not there, or is being purged.
  public func keep(drift: [UInt8], of stream: String, client: String) throws(Fault) {
    guard let version = try openVersion(of: client) else {
      throw Fault(.closed, "the client '\(client)' was removed: nothing is kept of its streams any more")
    }
    let writes: [Write] = [
      .check(LibraryKeys.client(client), if: .version(version)), .put(LibraryKeys.drift(client, stream), drift),
    ]
    guard case .committed = try table.write(writes) else {
      throw Fault(.unavailable, "the client '\(client)' was changed by others meanwhile")
    }
  }

  public func forgetDrift(of stream: String, client: String) throws(Fault) {
    _ = try table.write([.delete(LibraryKeys.drift(client, stream))])
  }

  func deleteDrift(of client: String) throws(Fault) {
    while true {
      let items = try table.items(Self.drift(of: client)).elements
      if items.isEmpty { return }
      _ = try table.write(items.map { .delete($0.key) })
    }
  }

  func hasDrift(of client: String) throws(Fault) -> Bool {
    try !table.items(Self.drift(of: client)).elements.isEmpty
  }

  private static func drift(of client: String) -> Query {
    Query(LibraryKeys.driftPartition(client), limit: ItemLimits.writeCount)
  }
}
