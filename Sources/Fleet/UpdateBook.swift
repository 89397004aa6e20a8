public import Base
internal import Catalog
public import Crypto
internal import Items
internal import JSON
public import Library
internal import Objects
internal import Store
public import Updates

/// The updates of a fleet, in its centre's library: what was asked for, how far each is, and the bytes that nodes fetch.
///
/// For any thread that may block, and for several processes at a time.
public struct UpdateBook: Sendable {
  public let library: Library
  private var table: any Table { library.table }
  private var fleet: FleetBook { FleetBook(library) }

  public init(_ library: Library) { self.library = library }

  /// All updates, the oldest first.
  public func updates() throws(Fault) -> [FleetUpdate] {
    var updates: [FleetUpdate] = []
    try table.forEach(Query(LibraryKeys.fleetUpdates)) { (item) throws(Fault) in updates.append(try Self.update(item)) }
    return updates
  }

  /// - Throws: `notFound` where there is none of that version.
  public func update(_ version: Int) throws(Fault) -> FleetUpdate {
    guard version > 0, let item = try table.get(LibraryKeys.fleetUpdate(version)) else {
      throw Fault(.notFound, "there is no update \(version): see 'ridley fleet updates'")
    }
    return try Self.update(item)
  }

  private static func update(_ item: Item) throws(Fault) -> FleetUpdate {
    try FleetUpdate(try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// What the next bundle is to say of its centre and its version.
  public func next() throws(Fault) -> (centre: String, version: Int) {
    (Hex.text(try fleet.doorPin()), (try updates().last?.version ?? 0) + 1)
  }

  /// The bundle of an update, signed.
  public func bundle(of update: FleetUpdate) throws(Fault) -> SignedBundle {
    try SignedBundle(try library.read(update.bundle))
  }

  /// Begins an update.
  ///
  /// `keys` are those that nodes pin; none where that is not known. The fault is `denied` for a bundle that no node of this centre would take,
  /// `conflict` where its version is not the next, `notFound` where bytes that it names are not in the library, or its target is not there.
  public func begin(
    _ signed: SignedBundle, for target: UpdateTarget, _ plan: UpdatePlan, trusting keys: [Ed25519.PublicKey],
    by who: String
  ) throws(Fault) -> FleetUpdate {
    let bundle = try keys.isEmpty ? signed.unchecked() : signed.bundle(trusting: keys)
    try check(bundle, for: target)
    let held = try hold(bundle)
    defer { withExtendedLifetime(held) {} }
    let stored = try library.put(signed.bytes)
    let update = FleetUpdate(
      version: bundle.version, target: target, plan: plan, parts: bundle.parts, bundle: stored.name.digest, by: who,
      at: library.now)
    try refer(to: bundle.blobs.map(\.sha256) + [stored.name.digest])
    try library.change("the updates of the fleet") { () throws(Fault) in
      guard try next().version == update.version else {
        throw Fault(.conflict, "another update was begun meanwhile: make the bundle anew")
      }
      return ([.put(LibraryKeys.fleetUpdate(update.version), update.json, if: .absent)], ())
    }
    return update
  }

  private func check(_ bundle: Bundle, for target: UpdateTarget) throws(Fault) {
    let (centre, version) = try next()
    guard bundle.centre == centre else {
      throw Fault(.denied, "the bundle is of another centre: no node of this one would take it")
    }
    guard bundle.version == version else {
      throw Fault(.conflict, "the bundle has the version \(bundle.version), and the next one is \(version)")
    }
    guard !bundle.parts.isEmpty else {
      throw Fault(.badInput, "the bundle changes nothing: it names no model, pipeline or program")
    }
    let nodes = try fleet.nodes().filter { $0.state == .enrolled }
    guard nodes.contains(where: { target.has(node: $0.name.text, groups: $0.groups) }) else {
      throw Fault(.notFound, "no node is enrolled that is meant by '\(target.text)': see 'ridley edge list'")
    }
  }

  /// Holds all bytes that a bundle names.
  private func hold(_ bundle: Bundle) throws(Fault) -> [any ObjectLease] {
    try bundle.blobs.map { (blob) throws(Fault) in
      guard let name = ObjectName(blob.sha256), let lease = try library.objects.lease(name) else {
        throw Fault(
          .notFound,
          "the bytes \(blob.sha256), which the bundle names, are not in the library any more, so nothing was begun: publish them anew"
        )
      }
      return lease
    }
  }

  /// Says that bytes are needed, before what needs them is written: as many as one transaction takes at a time.
  private func refer(to digests: [String]) throws(Fault) {
    var random = SystemRandomNumberGenerator()
    let id = ULID(milliseconds: library.now, using: &random)
    for start in stride(from: 0, to: digests.count, by: ItemLimits.writeCount) {
      let part = digests[start..<min(start + ItemLimits.writeCount, digests.count)]
      _ = try table.write(part.map { .put(LibraryKeys.reference($0, by: id, "fleet-update"), Array("{}".utf8)) })
    }
  }
}
