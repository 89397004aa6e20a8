public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store
public import Updates

/// How updates go on.
extension UpdateBook {
  /// Does what is due for every update that is running; to be called every few seconds, by any number of servers.
  ///
  /// `listening` are milliseconds for which nodes could be heard: none counts as silent for longer, so that a centre that was away, or whose clock
  /// was set, does not take its nodes for lost. What goes wrong with one update is told to `complain`, and keeps no other from going on.
  public func turn(listening: Int = .max, complain: (Fault) -> Void) throws(Fault) {
    let updates = try updates()
    let running = updates.filter { $0.state == .running }
    guard !running.isEmpty else { return }
    let earliest = library.now - min(listening, library.now)
    let nodes = try nodes().map { (node, known) in
      let seen = known.seen.map { max($0, earliest) }
      return (node: node, known: UpdatedNode(name: known.name, seen: seen, report: known.report))
    }
    for update in running {
      let newer = updates.last { $0.replaces(update) }
      do throws(Fault) { try turn(update, nodes, newer: newer) } catch {
        complain(error.at("the update \(update.version)"))
      }
    }
  }

  private func turn(
    _ update: FleetUpdate, _ nodes: [(node: FleetNode, known: UpdatedNode)], newer: FleetUpdate?
  ) throws(Fault) {
    let mine = nodes.filter { update.target.has(node: $0.node.name.text, groups: $0.node.groups) }.map(\.known)
    let moment = library.now
    var decision = update.decision(mine, at: moment)
    if let newer, decision != .finish { decision = .replace(newer.version) }
    let next = update.changed(by: decision, at: moment)
    if next != update { try write(next, after: update) }
  }

  /// Ends what an update takes the place of in everything: as done where it had gone through, else as replaced.
  func replace(by newer: FleetUpdate) throws(Fault) {
    let running = try updates().filter { $0.state == .running && newer.replaces($0) }
    guard !running.isEmpty else { return }
    let nodes = try nodes()
    for update in running { try turn(update, nodes, newer: newer) }
  }

  /// Nodes that are enrolled, with what they said last of updates; what cannot be read counts as nothing said.
  public func nodes() throws(Fault) -> [(node: FleetNode, known: UpdatedNode)] {
    let book = FleetBook(library)
    let statuses = try book.statuses()
    return try book.nodes().filter { $0.state == .enrolled }.map { node in
      let status = statuses[node.name.text]
      let report = status.flatMap { try? Self.report($0.report) }
      return (node, UpdatedNode(name: node.name.text, seen: status?.seen, report: report))
    }
  }

  /// What a node said last of its updates.
  public func report(of node: FleetNode) throws(Fault) -> NodeUpdateReport? {
    guard let status = try FleetBook(library).status(of: node.name) else { return nil }
    return try Self.report(status.report)
  }

  static func report(_ bytes: [UInt8]) throws(Fault) -> NodeUpdateReport? {
    let root = try JSONDocument(parsing: bytes.span.bytes, name: "a node's report").root
    for (name, value) in try root.members() where name == NodeUpdateReport.member { return try NodeUpdateReport(value) }
    return nil
  }

  func write(_ next: FleetUpdate, after known: FleetUpdate) throws(Fault) {
    try library.change("the update \(next.version)") { () throws(Fault) in
      let key = LibraryKeys.fleetUpdate(next.version)
      guard let item = try library.table.get(key) else { return ([], ()) }
      let there = try FleetUpdate(try JSONDocument(parsing: item.body.span.bytes, name: "the item \(key)").root)
      // Another server, or a person, was first: what follows from that is seen at the next turn.
      guard there == known else { return ([], ()) }
      return ([.put(key, next.json, if: .version(item.version))], ())
    }
  }

  /// Ends an update: those that have it go back.
  ///
  /// Nodes that took a newer one on top of it, which says all that this one says, stay with that.
  /// - Throws: `conflict` where it has ended already.
  public func stop(_ version: Int, by who: String, reason: String?) throws(Fault) -> FleetUpdate {
    let known = try update(version)
    guard known.state == .running else {
      throw Fault(
        .conflict,
        "the update \(version) has ended (\(known.state.rawValue)): 'ridley fleet rollback' undoes one that is done")
    }
    let next = known.changed(by: .stop("\(who) stopped it\(reason.map { ": \($0)" } ?? "")"), at: library.now)
    try write(next, after: known)
    let written = try update(version)
    guard written == next else {
      throw Fault(.conflict, "the update \(version) was changed meanwhile: look at it again")
    }
    return written
  }

  /// What a node is to do now.
  public func wanted(
    for node: FleetNode, _ report: NodeUpdateReport?
  ) throws(Fault) -> (take: FleetUpdate?, leave: FleetUpdate?) {
    try updates().wanted(for: node.name.text, groups: node.groups, report)
  }

  /// Whether a node may read these bytes: those of updates that it may have, and of no others.
  public func mayRead(_ digest: String, _ node: FleetNode) throws(Fault) -> Bool {
    try readable.mayRead(digest, node, self)
  }
}
