public import Base

/// Objects that several machines share, and a folder of this one in which their bytes are files.
///
/// What is written goes through the folder, and is an object when the store that is shared has it. What is read by ranges comes from
/// there; what is wanted as a file is fetched into the folder, and stays until others need the room, or nobody used it for long: whoever
/// deletes an object cannot tell the machines that have copies of it.
public final class SharedObjects: FileObjects {
  /// Files that stay as long as this process has no newer ones.
  private static let mostHeld = 64

  private struct Held {
    var leases: [(name: ObjectName, lease: any ObjectLease, since: Int)] = []
    var fetching: Set<ObjectName> = []
    /// Bytes of files that may stay in the folder when nobody uses them.
    var room: Int
  }

  public let store: any ObjectStore
  public let folder: ObjectFolder
  /// Seconds for which a file stays that nobody uses.
  private let rest: Int
  private let held: Monitor<Held>

  public init(_ store: any ObjectStore, in folder: ObjectFolder, room: Int = 20 << 30, rest: Int = 2 * 24 * 3600) {
    (self.store, self.folder, self.rest, held) = (store, folder, rest, Monitor(Held(room: room)))
  }

  public var allowance: WriteAllowance { folder.allowance }

  public func write(_ plan: ObjectPlan) throws(Fault) -> any ObjectWriter {
    SharedWriter(try folder.write(plan), for: self)
  }

  public func open(_ name: ObjectName) throws(Fault) -> (any ObjectReader)? { try store.open(name) }
  public func lease(_ name: ObjectName) throws(Fault) -> (any ObjectLease)? { try store.lease(name) }

  public func verify(_ name: ObjectName, each: () -> Void) throws(Fault) -> ObjectState {
    try store.verify(name, each: each)
  }

  public func collect(referenced: (_ shard: String) throws(Fault) -> Set<ObjectName>) throws(Fault) -> Collection {
    try trimCopies()
    return try store.collect(referenced: referenced)
  }

  private var room: Int { held.update { $0.room } }

  public func limitCopies(to byteCount: Int) throws(Fault) {
    held.update { held in (held.room, held.leases) = (byteCount, []) }
    try trimCopies()
  }

  public func trimCopies() throws(Fault) {
    let oldest = Clock.date - rest
    held.update { $0.leases.removeAll { $0.since < oldest } }
    try folder.trim(to: room, unusedSince: oldest)
  }

  public func dropCopies(unless isReferenced: (ObjectName) throws(Fault) -> Bool) throws(Fault) {
    for name in held.update({ $0.leases.map(\.name) }) where try !isReferenced(name) {
      held.update { $0.leases.removeAll { $0.name == name } }
    }
    for shard in ObjectName.shards {
      for name in try folder.list(shard) where try !isReferenced(name) { try folder.drop(name) }
    }
  }

  public func file(of name: ObjectName) throws(Fault) -> String {
    if let lease = try folder.lease(name) {
      hold(lease)
      return folder.file(of: name)
    }
    // One thread fetches, the others wait for it.
    held.wait { held -> Void? in held.fetching.insert(name).inserted ? () : nil }
    defer { held.update { _ = $0.fetching.remove(name) } }
    if let lease = try folder.lease(name) {
      hold(lease)
      return folder.file(of: name)
    }
    try fetch(name)
    return folder.file(of: name)
  }

  /// The digest is compared as the bytes come.
  ///
  /// The disk is waited for, though they could be fetched again: who opens the file later does not read all of it to see whether a loss of
  /// power left other bytes under its name.
  private func fetch(_ name: ObjectName) throws(Fault) {
    guard let reader = try store.open(name) else {
      throw Fault(.badInput, "the object \(name.digest) is missing from the store: restore it from a backup")
    }
    try folder.trim(to: max(0, room - reader.byteCount), unusedSince: Clock.date - rest)
    let writer = try folder.write(ObjectPlan(byteCount: reader.byteCount, name: name))
    try reader.copy(into: writer)
    hold(try writer.finish().lease)
  }

  public func address(
    of name: ObjectName, seconds: Int, contentType: String?, fileName: String?
  ) throws(Fault) -> String? {
    try (store as? S3ObjectStore)?.address(of: name, seconds: seconds, contentType: contentType, fileName: fileName)
  }

  /// A copy that this machine's disk changed is fetched anew, since the store has what it was made of.
  public func verifyFile(of name: ObjectName, each: () -> Void) throws(Fault) -> ObjectState {
    _ = try file(of: name)
    let state = try folder.verify(name, each: each)
    guard state != .sound else { return state }
    do throws(Fault) { try fetch(name) } catch {
      guard error.kind == .badInput else { throw error }
      return state
    }
    return .sound
  }

  /// Of this machine alone: another may be about to refer to it, and a collection sees that.
  public func discard(
    _ stored: StoredObject, isReferenced: (ObjectName) throws(Fault) -> Bool
  ) throws(Fault) {
    held.update { $0.leases.removeAll { $0.name == stored.name } }
    guard let lease = try folder.lease(stored.name) else { return }
    try folder.discard(StoredObject(name: stored.name, byteCount: stored.byteCount, lease: lease)) { _ in false }
  }

  public func adopt(file path: String) throws(Fault) -> StoredObject { try share(try folder.adopt(file: path)) }

  public func share(_ local: StoredObject) throws(Fault) -> StoredObject {
    hold(local.lease)
    if let lease = try store.lease(local.name) {
      return StoredObject(name: local.name, byteCount: local.byteCount, lease: lease)
    }
    guard let reader = try folder.open(local.name) else {
      throw Fault(.unavailable, "the file that was just written is gone from \(folder.path)")
    }
    let writer = try store.write(ObjectPlan(byteCount: local.byteCount, name: local.name))
    try reader.copy(into: writer)
    return try writer.finish()
  }

  private func hold(_ lease: any ObjectLease) {
    held.update { held in
      held.leases.removeAll { $0.name == lease.name }
      held.leases.append((lease.name, lease, Clock.date))
      if held.leases.count > Self.mostHeld { held.leases.removeFirst() }
    }
  }
}

extension FileObjects {
  /// Where they stand, where that is in a bucket.
  public var bucket: S3Address? { ((self as? SharedObjects)?.store as? S3ObjectStore)?.client.address }
}

/// Writes a file of the folder, and shares it at its end.
private final class SharedWriter: ObjectWriter {
  private let local: any ObjectWriter
  private let objects: SharedObjects

  init(_ local: any ObjectWriter, for objects: SharedObjects) { (self.local, self.objects) = (local, objects) }

  func append(_ bytes: borrowing RawSpan) throws(Fault) { try local.append(bytes) }
  func finish() throws(Fault) -> StoredObject { try objects.share(try local.finish()) }
}
