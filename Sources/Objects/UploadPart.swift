public import Base
internal import Crypto
internal import Glibc
public import Uploads

/// The bytes of one upload, held by one request.
///
/// Not for two threads at once. One that is dropped in the middle of a chunk keeps the bytes that came, but for a chunk with a checksum.
public final class UploadPart {
  public private(set) var record: UploadRecord
  private let folder: UploadFolder
  private let file: LockedFile
  /// Bytes of the chunk that are written and not yet counted by the record.
  private var pending = 0
  private var checksum: ChunkDigest?
  private var running: RunningDigests.Running?

  /// Bytes after which what came so far is counted, within a chunk: so many are sent again at most after a crash.
  private static let interval = 64 << 20

  init(_ record: UploadRecord, _ file: LockedFile, in folder: UploadFolder) {
    (self.record, self.file, self.folder) = (record, file, folder)
    running = folder.digests.take(record.id, at: record.offset)
  }

  deinit {
    if checksum == nil, pending > 0 { try? count() }
    if pending == 0, !record.isComplete, let running = running.take() { folder.digests.put(record.id, running) }
  }

  /// Bytes came: the upload is kept until a moment in seconds since 1970, or longer.
  ///
  /// That is written down with the bytes.
  public func keep(until moment: Int) { record.expires = max(record.expires, moment) }

  /// Begins a chunk that the record admitted.
  public func begin(_ chunk: UploadChunk) { checksum = chunk.checksum.map { ChunkDigest($0.algorithm) } }

  /// Takes bytes of the chunk; the caller sees to it that they are no more than the record admitted.
  public func append(_ bytes: borrowing RawSpan) throws(Fault) {
    let place = record.offset + pending
    precondition(place + bytes.byteCount <= record.byteCount, "more bytes than the upload has")
    try write(bytes, at: place)
    checksum?.update(bytes)
    running?.digest.update(bytes)
    running?.byteCount += bytes.byteCount
    pending += bytes.byteCount
    if checksum == nil, pending >= Self.interval { try count() }
  }

  /// Ends the chunk: its bytes are on the disk and counted when this returns.
  ///
  /// - Returns: `false` where they are not what the checksum says; then nothing of them is kept.
  public func end(_ chunk: UploadChunk, now: Int, _ rules: UploadRules) throws(Fault) -> Bool {
    if let wanted = chunk.checksum {
      guard let digest = checksum.take(), digest.finish() == wanted.bytes else {
        discard()
        return false
      }
    }
    checksum = nil
    keep(until: now + rules.lifetime)
    try count()
    return true
  }

  /// Forgets the chunk.
  public func discard() {
    pending = 0
    checksum = nil
    running = nil
    folder.digests.drop(record.id)
  }

  /// Makes a whole upload an object, and holds it; the record keeps its name until it expires or is forgotten.
  ///
  /// `nil` where the bytes have another digest than the client announced: then the upload is gone, and the second value tells theirs.
  public func complete() throws(Fault) -> (stored: StoredObject?, digest: String) {
    precondition(record.isComplete && pending == 0, "an upload is completed that lacks bytes")
    let digest = try digest()
    guard record.expectedDigest ?? digest == digest, let name = ObjectName(digest) else {
      try remove()
      return (nil, digest)
    }
    record.object = digest
    try folder.save(record)
    guard fsync(file.descriptor) == 0 else { throw SystemError.last.fault("write", folder.objects.path) }
    let lease = try folder.objects.adopt(file.path, as: name)
    fchmod(file.descriptor, 0o444)
    return (StoredObject(name: name, byteCount: record.byteCount, lease: lease), digest)
  }

  /// Ends the upload; nothing of it stays.
  public func remove() throws(Fault) {
    discard()
    try FileSystem.remove(folder.recordFile(record.id))
    file.unlink()
    // What is dropped now must not be written down again.
    record.offset = record.byteCount
  }

  private func digest() throws(Fault) -> String {
    if let running = running.take(), running.byteCount == record.byteCount { return running.digest.finish() }
    return try SHA256.hex(ofFile: file.path)
  }

  /// Brings what is pending to the disk, then says so in the record.
  private func count() throws(Fault) {
    guard fdatasync(file.descriptor) == 0 else { throw SystemError.last.fault("write", folder.objects.path) }
    var next = record
    next.offset += pending
    try folder.save(next)
    (record, pending) = (next, 0)
  }

  private func write(_ bytes: borrowing RawSpan, at place: Int) throws(Fault) {
    var done = 0
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeBytes { block in
        unsafe pwrite(file.descriptor, block.baseAddress! + done, block.count - done, off_t(place + done))
      }
      guard count > 0 || errno == EINTR else { throw SystemError.last.fault("write", folder.objects.path) }
      done += max(0, count)
    }
  }
}

/// The checksum of a chunk, of either algorithm.
struct ChunkDigest: ~Copyable {
  private var sha1: SHA1?
  private var sha256: SHA256?

  init(_ algorithm: UploadChecksum.Algorithm) {
    switch algorithm {
    case .sha1: sha1 = SHA1()
    case .sha256: sha256 = SHA256()
    }
  }

  mutating func update(_ bytes: borrowing RawSpan) {
    sha1?.update(bytes)
    sha256?.update(bytes)
  }

  consuming func finish() -> [UInt8] {
    if let digest = sha1.take() { return digest.finishBytes() }
    return sha256.take()?.finishBytes() ?? []
  }
}
