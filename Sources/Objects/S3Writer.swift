internal import Base
internal import Crypto

/// Writes an object of a bucket.
///
/// What fits into one part waits in memory for its digest. What is longer goes, where its name is known, to the service part by part as it comes,
/// under that name: nothing of an upload is visible before it is ended, and it is ended only when the digest is right. Where the name is not
/// known it waits in a file of the scratch folder: a copy within the service in its place would be sent at once, but costs a second write of all
/// bytes there, and nothing that was cut off could be gone on with.
final class S3Writer: ObjectWriter {
  private enum Target {
    case memory
    case upload(S3Upload)
    case spool(S3Spool)
    /// The object is there, and held.
    case nowhere
  }

  private let store: S3ObjectStore
  private let plan: ObjectPlan
  private var digest: SHA256? = SHA256()
  private var byteCount = 0
  private var target = Target.memory
  private var buffer: [UInt8] = []
  private var partNumber = 1
  private var lease: S3Lease?
  private var isAway = false

  init(_ store: S3ObjectStore, _ plan: ObjectPlan) throws(Fault) {
    (self.store, self.plan) = (store, plan)
    try plan.check()
    buffer.reserveCapacity(min(plan.byteCount ?? 0, store.settings.partByteCount))
  }

  deinit {
    guard case .upload(let upload) = target else { return }
    // What the service was not there for can be gone on with.
    if isAway { upload.leave() } else { upload.abandon() }
  }

  private var partByteCount: Int { S3Upload.byteCount(ofPart: partNumber, in: store) }

  func append(_ bytes: borrowing RawSpan) throws(Fault) {
    let total = byteCount + bytes.byteCount
    try plan.check(total)
    var place = 0
    do throws(Fault) {
      while place < bytes.byteCount {
        if buffer.count == partByteCount { try flush() }
        if case .spool(let spool) = target {
          let rest = bytes.extracting(place..<bytes.byteCount)
          try spool.append(rest)
          break
        }
        let count = min(bytes.byteCount - place, partByteCount - buffer.count)
        unsafe bytes.withUnsafeBytes { block in
          unsafe buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: block[place..<(place + count)]))
        }
        place += count
      }
    } catch {
      isAway = error.kind == .unavailable
      throw error
    }
    digest?.update(bytes)
    byteCount = total
  }

  /// Makes room in the buffer, which is full and not the last.
  private func flush() throws(Fault) {
    if case .memory = target { try choose() }
    switch target {
    case .upload(let upload): try upload.put(buffer)
    case .spool(let spool):
      let full = buffer
      unsafe try spool.append(full.span.bytes)
    case .nowhere, .memory: break
    }
    partNumber += 1
    // Another array: the full one is on its way.
    buffer = []
    if case .spool = target { return }
    buffer.reserveCapacity(partByteCount)
  }

  private func choose() throws(Fault) {
    guard let name = plan.name else {
      target = .spool(try S3Spool(store.scratch, reserve: store.settings.reserve))
      return
    }
    target = try isThere(name) ? .nowhere : .upload(S3Upload(name, store))
  }

  /// Whether the object is there and need not be sent; held from here on.
  private func isThere(_ name: ObjectName) throws(Fault) -> Bool {
    if lease == nil { lease = try store.holder.lease(name) }
    guard !store.isDamaged(name), let entry = try store.client.head(store.key(of: name)) else { return false }
    return plan.byteCount.map { $0 == entry.byteCount } ?? true
  }

  func finish() throws(Fault) -> StoredObject {
    guard let digest = digest.take() else { throw Fault(.bug, "an object is finished twice") }
    let name = try plan.checked(byteCount, digest: digest)
    do throws(Fault) {
      let held = if let lease { lease } else { try store.holder.lease(name) }
      lease = held
      try publish(name)
      target = .memory
      // The service is not believed: what it has is read back, as far as that costs little.
      guard try store.client.head(store.key(of: name))?.byteCount == byteCount else {
        store.noteDamaged(name)
        throw Fault(
          .unavailable, "the S3 service has not \(byteCount) bytes under \(name), which it took: put them again")
      }
      if !held.isHeld {
        throw Fault(.unavailable, "this machine was cut off from the S3 service for too long: put \(name) again")
      }
      store.noteMended(name)
      return StoredObject(name: name, byteCount: byteCount, lease: held)
    } catch {
      isAway = error.kind == .unavailable
      throw error
    }
  }

  private func publish(_ name: ObjectName) throws(Fault) {
    switch target {
    case .nowhere: store.figures.update { $0.found += 1 }
    case .memory: try put(buffer, as: name)
    case .upload(let upload):
      if !buffer.isEmpty { try upload.put(buffer) }
      try complete(upload, name)
    case .spool(let spool):
      if try isThere(name) { return store.figures.update { $0.found += 1 } }
      let upload = try S3Upload(name, store)
      target = .upload(upload)
      var (place, number) = (0, 1)
      while place < spool.byteCount {
        let end = min(spool.byteCount, place + S3Upload.byteCount(ofPart: number, in: store))
        try upload.put(try spool.read(place..<end))
        (place, number) = (end, number + 1)
      }
      try complete(upload, name)
    }
  }

  private func put(_ bytes: [UInt8], as name: ObjectName) throws(Fault) {
    let key = store.key(of: name)
    let isDamaged = store.isDamaged(name)
    guard try store.client.put(key, bytes, onlyIfAbsent: !isDamaged) == .wasThere else { return }
    if try store.client.head(key)?.byteCount == bytes.count { return store.figures.update { $0.found += 1 } }
    _ = try store.client.put(key, bytes)
  }

  private func complete(_ upload: S3Upload, _ name: ObjectName) throws(Fault) {
    let key = store.key(of: name)
    let completion = try upload.complete(onlyIfAbsent: !store.isDamaged(name))
    switch completion {
    case .done: return
    case .wasThere, .unknown:
      if try store.client.head(key)?.byteCount == byteCount {
        store.figures.update { $0.found += 1 }
        return upload.abandon()
      }
      guard case .wasThere = completion, case .done = try upload.complete(onlyIfAbsent: false) else {
        upload.abandon()
        throw Fault(.unavailable, "the S3 service gave up this upload: begin it again")
      }
    }
  }
}
