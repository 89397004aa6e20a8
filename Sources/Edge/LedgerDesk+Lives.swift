public import Base
internal import Catalog
public import Fleet
internal import Items
internal import Library
internal import Store

/// Which of a node's lives speaks, and what becomes of what the others left open.
extension LedgerDesk {
  /// Writes down that a life spoke with a beat; `open` are the ids of all events that are open at the node, where it says them.
  public func heard(_ life: String, of node: FleetNode, open: [String]?) throws(Fault) {
    guard LedgerLife.isLife(life) else { return }
    let (name, now, key) = (node.name.text, library.now, LedgerLife.key(node.name.text))
    guard let item = try table.get(key) else {
      _ = try table.write([.put(key, LedgerLife(life: life, since: now).json, if: .absent)])
      return
    }
    let known = try LedgerLife(item)
    guard known.life.hasSameBytes(as: life) else {
      let next = known.followed(by: life, at: now)
      guard case .committed = try table.write([.put(key, next.json, if: .version(item.version))]) else { return }
      // A box that was enrolled since, also one that had the name before, is the only one that can speak.
      let isBack = known.former.contains { $0.hasSameBytes(as: life) } && known.since > node.enrolled
      guard isBack else { return }
      // While both go on they take turns: that is told once.
      guard try FleetBook(library).noteCopy(of: node.name) else { return }
      let what = "the node '\(name)' speaks again as it did before its ledger began anew: somebody has a copy of it"
      return complain(Fault(.conflict, "\(what); revoke it where you do not know why"))
    }
    guard !known.isSettled, let open, now - known.since > FleetBook.copyMemory else { return }
    try endOpenEvents(of: node, but: Set(open), before: known.since)
    var settled = known
    settled.isSettled = true
    _ = try table.write([.put(key, settled.json, if: .version(item.version))])
  }

  /// Ends what is open here of a node's streams, was told before a moment, and is not open at the node.
  private func endOpenEvents(of node: FleetNode, but open: Set<String>, before moment: Int) throws(Fault) {
    let streams = LibraryKeys.streamPartition(node.client, node.name.text + "/")
    var own: [ItemKey] = []
    let query = Query(CompositeKey.joined("EVENTS", "open"), limit: ItemLimits.pageCount)
    try table.forEach(query, of: LibrarySchema.eventState) { entry in
      if entry.key.partition.utf8.starts(with: streams.utf8) { own.append(entry.key) }
    }
    for item in try table.present(own) {
      var event = try StreamEvent(item)
      // What the centre says of the node itself, and found in what came, is not the node's to end.
      let isNodes = event.kind != .alert && !(event.kind == .health && event.rule == "node-silent")
      guard isNodes, event.updated < moment, !open.contains(event.id.text) else { continue }
      event.leave(at: library.now)
      _ = try table.write([.put(item.key, event.json, if: .version(item.version))])
    }
  }
}
