public import Base
internal import Catalog
public import Crypto
internal import Items
internal import JSON
internal import Library
internal import Store
public import Updates

/// Updates whose bundles are signed elsewhere: what one is to be waits here, and begins once its bundle comes back with a signature.
///
/// One waits at a time: another that is written takes its place, and an update that begins ends it, since its number is taken then.
extension UpdateBook {
  struct Draft: Sendable {
    /// As it will begin; its `bundle` is the SHA-256 of the bytes that are to be signed.
    let update: FleetUpdate
    /// The bytes of its program, which nothing else may refer to yet.
    let program: String?
    let id: ULID
  }

  /// Writes down what an update is to be, and gives the bytes that are to be signed; no node hears of it.
  ///
  /// Refused as ``begin(_:for:_:trusting:what:by:)`` would.
  public func draft(
    _ bundle: Bundle, for target: UpdateTarget, _ plan: UpdatePlan, what: [String]? = nil, by who: String
  ) throws(Fault) -> (message: [UInt8], update: FleetUpdate) {
    let message = try SignedBundle.message(of: bundle)
    try check(bundle, for: target, plan)
    let held = try hold(bundle)
    defer { withExtendedLifetime(held) {} }
    let update = FleetUpdate(
      version: bundle.version, target: target, plan: plan, parts: bundle.parts, what: what,
      bundle: SHA256.hex(of: message), by: who, at: library.now)
    var random = SystemRandomNumberGenerator()
    let draft = Draft(
      update: update, program: bundle.program?.blob.sha256, id: ULID(milliseconds: library.now, using: &random))
    try library.change("the update that waits to be signed") { () throws(Fault) in
      let old = try library.table.get(LibraryKeys.fleetDraft)
      let put = Write.put(LibraryKeys.fleetDraft, draft.json, if: old.map { .version($0.version) } ?? .absent)
      let reference = draft.reference.map { [Write.put($0, Array("{}".utf8))] } ?? []
      let former = old.flatMap { try? Draft($0) }?.reference.map { [Write.delete($0)] } ?? []
      return ([put] + reference + former, ())
    }
    return (message, update)
  }

  /// Begins the update that waits, where this is its bundle and its signature.
  ///
  /// `check` may refuse it, once it is known which one it is. Besides what ``begin(_:for:_:trusting:what:by:)`` throws, `denied` where the bytes are not
  /// those that wait, or the signature is none of them by one of these keys.
  public func begin(
    message: [UInt8], signature: [UInt8], trusting keys: [Ed25519.PublicKey],
    check: (FleetUpdate) throws(Fault) -> Void = { _ in }
  ) throws(Fault) -> FleetUpdate {
    let known = try library.table.get(LibraryKeys.fleetDraft).map { (item) throws(Fault) in try Draft(item) }
    guard let update = known?.update, update.bundle.hasSameBytes(as: SHA256.hex(of: message)) else {
      let bundle = try SignedBundle.bundle(ofMessage: message)
      try checkNotBegun(bundle)
      try checkNext(bundle)
      throw Fault(
        .denied,
        "this is not the bundle that waits to be signed here: it was changed, or another one was written since")
    }
    try check(update)
    let signed = try SignedBundle(message: message, signature: signature, trusting: keys)
    return try begin(signed, for: update.target, update.plan, trusting: keys, what: update.what, by: update.by)
  }

  /// Whoever got no answer and hands a bundle in again is not to make another one of it.
  private func checkNotBegun(_ bundle: Bundle) throws(Fault) {
    guard try updates().contains(where: { $0.version == bundle.version }) else { return }
    guard try self.bundle(of: update(bundle.version)).unchecked() == bundle else { return }
    let number = bundle.version
    throw Fault(
      .conflict, "this bundle has begun already, as update \(number): see 'ridley fleet updates \(number)'")
  }

  /// The writes that end what waits, where something does.
  func endOfDraft() throws(Fault) -> [Write] {
    guard let item = try library.table.get(LibraryKeys.fleetDraft) else { return [] }
    let reference = (try? Draft(item))?.reference
    return [.delete(item.key, if: .version(item.version))] + (reference.map { [.delete($0)] } ?? [])
  }
}

extension UpdateBook.Draft {
  private enum Key: String, CaseIterable { case update, program, id }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    let word = try fields.required(.id)
    guard let id = ULID(try word.string()) else { throw word.fault("this is no id") }
    self.init(
      update: try FleetUpdate(try fields.required(.update)), program: try fields[.program]?.string(), id: id)
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      json.object("update", update.write)
      json.field("program", ifKnown: program)
      json.field("id", id.text)
    }
  }

  /// What keeps the program's bytes for as long as this waits.
  var reference: ItemKey? { program.map { LibraryKeys.reference($0, by: id, "fleet-draft") } }
}
