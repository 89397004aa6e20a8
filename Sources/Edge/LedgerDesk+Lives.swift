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
    let (told, since) = (Set(open), known.since)
    try FleetBook(library).endOpenEvents(of: [node]) { event in
      guard event.updated < since, !told.contains(event.id.text) else { return false }
      event.leave(at: now)
      return true
    }
    var settled = known
    settled.isSettled = true
    _ = try table.write([.put(key, settled.json, if: .version(item.version))])
  }

  /// The version in which a node is written down; `nil` where it is not.
  ///
  /// The fault is `denied` where it was revoked.
  func version(of node: String) throws(Fault) -> ItemVersion? {
    guard let item = try table.get(LibraryKeys.fleetNode(node)) else { return nil }
    guard try FleetNode(item).state == .enrolled else {
      throw Fault(.denied, "the node '\(node)' was revoked: nothing of it is taken any more")
    }
    return item.version
  }
}
