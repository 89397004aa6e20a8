public import Base
public import Catalog
package import Items
public import Objects
internal import Store
internal import Uploads

/// What is said of a file when it is added.
public struct AssetDraft: Sendable {
  public var group: AssetGroup
  public var name: String
  public var tags: [String] = []
  /// When the picture was taken, in milliseconds since 1970.
  public var captured: Int?
  /// Of which stream it is, where it was recorded here.
  public var recording: Recording?

  public init(group: AssetGroup, name: String) { (self.group, self.name) = (group, name) }

  /// Faults are `badInput`.
  public func check() throws(Fault) {
    try Asset.check(group, name: name, tags: tags)
  }
}

/// What adding gave.
public struct AddedAsset: Sendable {
  public let asset: Asset
  /// `false` where the group had an asset of the same bytes and name, which was answered instead.
  public let isNew: Bool
}

extension Library {
  /// Adds a file of this machine: its bytes are copied, and the file itself is not needed any more.
  ///
  /// The same bytes under the same name in the same group are added once: the second time answers the first one's asset. A client that is
  /// not there is made, unless that is not wanted: then the fault is `notFound`.
  public func add(
    file path: String, _ draft: AssetDraft, scope: ClientScope, examiner: any MediaExaminer, makesClient: Bool = true,
    progress: (Int) -> Void = { _ in }
  ) throws(Fault) -> AddedAsset {
    try checkAdding(draft, scope: scope, makesClient: makesClient)
    let byteCount = try FileSystem.byteCount(of: path)
    let promise = try promise(byteCount, to: draft.group.client)
    defer { withExtendedLifetime(promise) {} }
    let stored = try store(file: path, byteCount: byteCount, progress)
    return try addOrRefuse(stored, draft, examiner)
  }

  /// Adds an object that is there, such as a finished upload.
  public func add(
    _ stored: StoredObject, _ draft: AssetDraft, scope: ClientScope, examiner: any MediaExaminer
  ) throws(Fault) -> AddedAsset {
    try check(draft, scope)
    return try addOrRefuse(stored, draft, examiner)
  }

  /// What is no picture or video is not kept.
  func addOrRefuse(
    _ stored: StoredObject, _ draft: AssetDraft, _ examiner: any MediaExaminer
  ) throws(Fault) -> AddedAsset {
    do { return try add(stored, draft, examiner) } catch  where [.badInput, .unsupported].contains(error.kind) {
      refuse(stored)
      throw error
    }
  }

  /// Takes away bytes that nothing else needs; where that fails, the next collection does.
  func refuse(_ stored: StoredObject) {
    try? objects.discard(stored) { (name) throws(Fault) in try isReferenced(name) }
  }

  func isReferenced(_ name: ObjectName) throws(Fault) -> Bool {
    let query = Query(LibraryKeys.objectPartition(name.shard), .prefix(name.digest), limit: 1)
    return try !table.items(query).elements.isEmpty
  }

  /// Room for an object that comes in a stream, whose length may not be known: what may be written of it.
  public func plan(byteCount: Int?, digest: String?, for client: String) throws(Fault) -> (ObjectPlan, BytePromise) {
    let promise = try promise(byteCount ?? 0, to: client)
    var plan = ObjectPlan(byteCount: byteCount)
    if let digest {
      guard let name = ObjectName(digest) else { throw Fault(.badInput, "a SHA-256 is 64 hexadecimal digits") }
      plan.name = name
    }
    plan.largestByteCount = try freeByteCount(of: client)
    return (plan, promise)
  }

  /// Whether an asset may be added at all, before its bytes come.
  public func checkAdding(_ draft: AssetDraft, scope: ClientScope, makesClient: Bool = true) throws(Fault) {
    try check(draft, scope)
    _ = try openClient(draft.group.client, makes: makesClient)
  }

  func check(_ draft: AssetDraft, _ scope: ClientScope) throws(Fault) {
    try draft.check()
    guard scope.covers(draft.group.client) else {
      throw Fault(.denied, "assets can be added for the own client alone")
    }
  }

  /// `upload` is the one that the object was, where it was one: see ``finish(_:_:examiner:)``.
  func add(
    _ stored: StoredObject, _ draft: AssetDraft, _ examiner: any MediaExaminer, upload: UploadRecord? = nil
  ) throws(Fault) -> AddedAsset {
    if let upload {
      if let known = try became(upload) { return known }
    } else if let known = try same(stored.name.digest, draft.group, draft.name) {
      return AddedAsset(asset: known, isNew: false)
    }
    let found = try examiner.examine(try objects.file(of: stored.name))
    let thumbnail = try put(found.thumbnail)
    defer { withExtendedLifetime((stored, thumbnail)) {} }
    var random = SystemRandomNumberGenerator()
    var asset = Asset(
      id: upload.flatMap { ULID($0.id) } ?? ULID(milliseconds: now, using: &random), group: draft.group,
      name: draft.name, object: stored.name.digest, byteCount: stored.byteCount, media: found.facts, added: now)
    (asset.tags, asset.captured, asset.thumbnail) = (draft.tags, draft.captured, thumbnail.name.digest)
    asset.recording = draft.recording
    try asset.check()
    // One after the other, in all processes, so that the same file is not added twice.
    return try uploads.deciding { () throws(Fault) in
      try Self.check([stored, thumbnail])
      guard let upload else { return try add(asset, makesClient: false) }
      if let known = try became(upload) { return known }
      let added = try add(asset, makesClient: false)
      try uploads.finish(upload, as: added.asset.id.text)
      return added
    }
  }

  /// Writes an asset down whose objects are there, unless the group has one of the same bytes and name.
  ///
  /// A client that was there as the adding began, and is purged by now, is not made anew.
  package func add(_ asset: Asset, makesClient: Bool = true) throws(Fault) -> AddedAsset {
    try change("the client '\(asset.group.client)'") { () throws(Fault) in
      let turn = isShared ? LibraryKeys.adding(asset.object) : nil
      let before = try turn.flatMap { (key) throws(Fault) in try table.get(key) }
      if let known = try same(asset.object, asset.group, asset.name) {
        return ([], AddedAsset(asset: known, isNew: false))
      }
      let client = try openClient(asset.group.client, makes: makesClient)
      let own = turn.map { Write.put($0, Self.emptyBody, if: before.map { .version($0.version) } ?? .absent) }
      return (AssetChange.add(asset, client: client) + [own].compactMap(\.self), AddedAsset(asset: asset, isNew: true))
    }
  }

  private static let emptyBody = Array("{}".utf8)

  /// The asset of this group with the same bytes and name.
  private func same(_ object: String, _ group: AssetGroup, _ name: String) throws(Fault) -> Asset? {
    let partition = CompositeKey.joined("CLIENT", group.client, "BYTES", object)
    var token: PageToken?
    repeat {
      let page = try table.entries(of: LibrarySchema.bytes, Query(partition), after: token)
      for asset in try assets(page.elements.map(\.key)) where asset.group == group {
        // What a node alone has proves nothing of bytes that are here.
        if asset.node == nil, asset.name.hasSameBytes(as: name) { return asset }
      }
      token = page.next
    } while token != nil
    return nil
  }

  private func store(file path: String, byteCount: Int, _ progress: (Int) -> Void) throws(Fault) -> StoredObject {
    let writer = try objects.write(ObjectPlan(byteCount: byteCount))
    var done = 0
    try FileSystem.forEachBlock(of: path) { (block) throws(Fault) in
      try writer.append(block.span.bytes)
      done += block.count
      progress(done)
    }
    return try writer.finish()
  }

  /// Small bytes that Ridley made itself, as an object.
  package func put(_ bytes: [UInt8]) throws(Fault) -> StoredObject {
    let writer = try objects.write(ObjectPlan(byteCount: bytes.count))
    try writer.append(bytes.span.bytes)
    return try writer.finish()
  }

  /// The version of a client that may get more; `nil` where it is not there, or is being purged.
  package func openVersion(of client: String) throws(Fault) -> ItemVersion? {
    guard let item = try table.get(LibraryKeys.client(client)), try Client(item).state == .open else { return nil }
    return item.version
  }

  /// The version of a client that may get more; one that is new here is written down first.
  package func openClient(_ name: String, makes: Bool = true) throws(Fault) -> ItemVersion {
    let key = LibraryKeys.client(name)
    if try table.get(key) == nil {
      guard makes else { throw Fault(.notFound, "the client '\(name)' was removed meanwhile: nothing is added to it") }
      _ = try table.write([.put(key, Client(name: name, created: now).json, if: .absent)])
    }
    guard let version = try openVersion(of: name) else {
      throw Fault(.unavailable, "the client '\(name)' is being purged: nothing can be added to it")
    }
    return version
  }
}
