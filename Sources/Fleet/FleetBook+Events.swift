public import Base
public import Catalog
internal import Items
internal import Library
internal import Store

/// Events of nodes' streams that are open at the centre, and of which their nodes tell no more.
extension FleetBook {
  /// Ends what is open here of nodes that were revoked, as it was told last; what is over stays as it is.
  public func endEvents(ofRevoked nodes: [FleetNode]) throws(Fault) {
    try endOpenEvents(of: nodes) { event in
      event.withdraw(at: library.now)
      return true
    }
  }

  /// Has `end` end what is open here of nodes' streams; it says of which it did.
  public func endOpenEvents(of nodes: [FleetNode], _ end: (inout StreamEvent) -> Bool) throws(Fault) {
    let streams = nodes.map { LibraryKeys.streamPartition($0.client, $0.name.text + "/") }
    var own: [ItemKey] = []
    let query = Query(CompositeKey.joined("EVENTS", "open"), limit: ItemLimits.pageCount)
    try library.table.forEach(query, of: LibrarySchema.eventState) { entry in
      if streams.contains(where: { entry.key.partition.utf8.starts(with: $0.utf8) }) { own.append(entry.key) }
    }
    for key in own {
      try library.change("the event \(key.sort)") { () throws(Fault) -> (writes: [Write], result: Void) in
        guard let item = try library.table.get(key) else { return ([], ()) }
        var event = try StreamEvent(item)
        // What the centre says of the node itself, and found in what came, is not the node's to end.
        let isNodes = event.kind != .alert && !(event.kind == .health && event.rule == "node-silent")
        guard event.state == .open, isNodes, end(&event) else { return ([], ()) }
        return ([.put(key, event.json, if: .version(item.version))], ())
      }
    }
  }
}
