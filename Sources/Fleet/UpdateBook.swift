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
  let readable = ReadableBlobs()
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
      throw Self.none(version)
    }
    return try Self.update(item)
  }

  public static func none(_ version: Int) -> Fault {
    Fault(.notFound, "there is no update \(version): see 'ridley fleet updates'")
  }

  private static func update(_ item: Item) throws(Fault) -> FleetUpdate {
    try FleetUpdate(try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// How many updates a copy may lack from which a library was restored; a node that says more than that is not believed.
  private static let mostLost = 1000

  /// What the next bundle is to say of its centre and its version: more than any node has taken.
  public func next() throws(Fault) -> (centre: String, version: Int) {
    let last = try updates().last?.version ?? 0
    let taken = try nodes().compactMap { $0.known.report?.highest }.filter { $0 - last <= Self.mostLost }.max() ?? 0
    return (Hex.text(try fleet.doorPin()), max(last, taken) + 1)
  }

  private enum KeysKey: String, CaseIterable { case keys }

  /// The public keys that nodes pin, as the server that opened the door last has them.
  ///
  /// - Throws: `notFound` where no server said so.
  public func keys() throws(Fault) -> [Ed25519.PublicKey] {
    guard let item = try table.get(LibraryKeys.fleetBundleKeys) else {
      throw Fault(
        .notFound,
        "no server with a door for nodes said which keys sign: start it with 'edge: {bundle-keys: [FILE]}' in its configuration"
      )
    }
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    var keys: [Ed25519.PublicKey] = []
    for key in try document.root.fields(KeysKey.self, others: .ignored).required(.keys).elements() {
      guard let bytes = SHA256.bytes(ofHex: try key.string()) else { throw key.fault("this is no public key") }
      keys.append(try Ed25519.PublicKey(bytes: bytes))
    }
    return keys
  }

  /// Writes down which keys nodes pin.
  public func setKeys(_ keys: [[UInt8]]) throws(Fault) {
    let body = JSONWriter.object(capacity: 256) { $0.field("keys", keys.map { Hex.text($0) }) }
    guard try table.get(LibraryKeys.fleetBundleKeys)?.body != body else { return }
    _ = try table.write([.put(LibraryKeys.fleetBundleKeys, body)])
  }

  /// The bundle of an update, signed.
  public func bundle(of update: FleetUpdate) throws(Fault) -> SignedBundle {
    try SignedBundle(try library.read(update.bundle))
  }

  /// Begins an update; one that is running for no other nodes, and says no more than it, ends.
  ///
  /// `what` is what was asked for, as people say it.
  /// `keys` are those that nodes pin. The fault is `denied` for a bundle that no node of this centre would take, `conflict` where its version is not
  /// the next, or one is running for some of its nodes of which it does not say all, `notFound` where bytes that it names are not in the library, or its
  /// target is not there.
  public func begin(
    _ signed: SignedBundle, for target: UpdateTarget, _ plan: UpdatePlan, trusting keys: [Ed25519.PublicKey],
    what: [String]? = nil, by who: String
  ) throws(Fault) -> FleetUpdate {
    guard keys.contains(where: { Hex.text($0.bytes) == signed.key }) else {
      throw Fault(
        .denied,
        "the bundle is signed by the key that begins with \(signed.key.prefix(16)), and that is none of 'bundle-keys' in the configuration of this centre's server: no node would take it"
      )
    }
    let bundle = try signed.bundle(trusting: keys)
    try check(bundle, for: target, plan)
    let held = try hold(bundle)
    defer { withExtendedLifetime(held) {} }
    let stored = try library.put(signed.bytes)
    let update = FleetUpdate(
      version: bundle.version, target: target, plan: plan, parts: bundle.parts, what: what,
      bundle: stored.name.digest, by: who, at: library.now)
    try refer(to: bundle.blobs.map(\.sha256) + [stored.name.digest])
    try library.change("the updates of the fleet") { () throws(Fault) in
      guard try updates().last?.version ?? 0 < update.version else {
        throw Fault(.conflict, "another update was begun meanwhile: make the bundle anew")
      }
      return ([.put(LibraryKeys.fleetUpdate(update.version), update.json, if: .absent)] + (try endOfDraft()), ())
    }
    // It is begun: what goes wrong here is done at the next turn.
    try? replace(by: update)
    return update
  }

  /// Refuses the bundle of another centre, and one whose number is not the next.
  func checkNext(_ bundle: Bundle) throws(Fault) {
    let (centre, version) = try next()
    guard bundle.centre == centre else {
      throw Fault(.denied, "the bundle is of another centre: no node of this one would take it")
    }
    guard bundle.version == version else {
      throw Fault(
        .conflict,
        "the bundle has the version \(bundle.version), and the next one is \(version): make it anew, and sign that")
    }
  }

  func check(_ bundle: Bundle, for target: UpdateTarget, _ plan: UpdatePlan) throws(Fault) {
    try checkNext(bundle)
    guard bundle.target == target else {
      throw Fault(
        .denied, "the bundle is signed for the \(bundle.target.text), and it was asked for the \(target.text)")
    }
    guard !bundle.parts.isEmpty else {
      throw Fault(.badInput, "the bundle changes nothing: it names no model, pipeline or program")
    }
    let nodes = try fleet.nodes().filter { $0.state == .enrolled }
    let mine = nodes.filter { target.has(node: $0.name.text, groups: $0.groups) }
    guard !mine.isEmpty else {
      throw Fault(.notFound, "no node is enrolled that is meant by '\(target.text)': see 'ridley edge list'")
    }
    try plan.check(nodes: mine.count)
    // A node takes rising numbers alone: one that took this would never take what is running.
    for running in try updates() where running.state == .running && !bundle.parts.isSuperset(of: running.parts) {
      guard mine.contains(where: { running.target.has(node: $0.name.text, groups: $0.groups) }) else { continue }
      throw Fault(
        .conflict,
        "the update \(running.version) is running for some of these nodes, and would never come to those that take this one first: name what it names too (\(running.parts.sorted().joined(separator: ", "))), wait for it, or 'ridley fleet stop \(running.version)'"
      )
    }
  }

  /// Holds all bytes that a bundle names.
  func hold(_ bundle: Bundle) throws(Fault) -> [any ObjectLease] {
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

  /// As what updates need bytes.
  static let use = "fleet-update"

  /// Says that bytes are needed, before what needs them is written: as many as one transaction takes at a time.
  func refer(to digests: [String]) throws(Fault) {
    var random = SystemRandomNumberGenerator()
    let id = ULID(milliseconds: library.now, using: &random)
    for start in stride(from: 0, to: digests.count, by: ItemLimits.writeCount) {
      let part = digests[start..<min(start + ItemLimits.writeCount, digests.count)]
      _ = try table.write(part.map { .put(LibraryKeys.reference($0, by: id, Self.use), Array("{}".utf8)) })
    }
  }
}
