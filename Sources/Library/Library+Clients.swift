public import Base
public import Catalog
internal import Items
internal import Store

extension Library {
  /// The clients that the caller may see, by name.
  public func clients(scope: ClientScope) throws(Fault) -> [Client] {
    if case .client(let own) = scope {
      return try table.get(LibraryKeys.client(own)).map { (item) throws(Fault) in [try Client(item)] } ?? []
    }
    var (keys, clients) = ([ItemKey](), [Client]())
    try table.forEach(Query("CLIENTS"), of: LibrarySchema.clients) { keys.append($0.key) }
    for item in try table.present(keys) { clients.append(try Client(item)) }
    return clients
  }

  /// Notes a client of which something will be kept, where it is new here.
  ///
  /// - Throws: `unavailable` where it is being purged.
  public func admit(_ client: String) throws(Fault) { _ = try openClient(client) }

  /// Whether more may be kept of a client: it is there, and is not being purged.
  public func isOpen(_ client: String) throws(Fault) -> Bool { try openVersion(of: client) != nil }

  /// From now on nothing is added to a client; the beginning of ``purge(_:progress:)``, for what has to be ended before that.
  public func close(_ client: String) throws(Fault) {
    try change("the client '\(client)'") { () throws(Fault) in
      guard let item = try table.get(LibraryKeys.client(client)) else {
        throw Fault(.notFound, "there is no client '\(client.prefix(100))'; see 'ridley client list'")
      }
      var closed = try Client(item)
      closed.state = .purging
      return ([.put(item.key, closed.json, if: .version(item.version))], ())
    }
  }

  /// Sets how many bytes a client may store; `nil` for as many as the disk has.
  public func limit(_ client: String, to bytes: Int?) throws(Fault) {
    try AssetGroup.check(client: client)
    _ = try openClient(client)
    try change("the client '\(client)'") { () throws(Fault) in
      guard let item = try table.get(LibraryKeys.client(client)) else { return ([], ()) }
      var changed = try Client(item)
      changed.byteLimit = bytes
      return ([.put(item.key, changed.json, if: .version(item.version))], ())
    }
  }
}
