internal import Base
internal import Crypto
internal import Glibc

/// Writes into a locked file beside the objects, and moves it among them when it is whole.
final class FolderWriter: ObjectWriter {
  private let folder: ObjectFolder
  private let plan: ObjectPlan
  private let file: LockedFile
  private var digest: SHA256? = SHA256()
  private var byteCount = 0
  private var isInPlace = false

  /// How often free space is looked at where the length is not known.
  private static let interval = 32 << 20

  init(_ folder: ObjectFolder, _ plan: ObjectPlan) throws(Fault) {
    (self.folder, self.plan) = (folder, plan)
    try plan.check()
    file = try LockedFile.made { "\(folder.path)/staging/\(String(UInt64.random(in: 0 ... .max), radix: 36))" }
    do {
      if let byteCount = plan.byteCount {
        try folder.allowance.check(byteCount)
        try folder.space.allocate(byteCount, file.descriptor)
      } else {
        try folder.space.check(1)
      }
    } catch {
      file.unlink()
      throw error
    }
  }

  deinit {
    guard !isInPlace else { return }
    file.unlink()
    folder.allowance.giveBack(byteCount)
  }

  func append(_ bytes: borrowing RawSpan) throws(Fault) {
    let total = byteCount + bytes.byteCount
    try plan.check(total)
    if plan.byteCount == nil, byteCount / Self.interval != total / Self.interval {
      try folder.space.check(bytes.byteCount)
    }
    try folder.allowance.take(bytes.byteCount)
    do { try Descriptor.write(copy bytes, to: file.descriptor) } catch { throw error.fault("write", folder.path) }
    digest?.update(bytes)
    byteCount = total
  }

  func finish() throws(Fault) -> StoredObject {
    guard let digest = digest.take() else { throw Fault(.bug, "an object is finished twice") }
    let name = try plan.checked(byteCount, digest: digest)
    let isSynced = !plan.canBeMadeAgain
    guard !isSynced || fsync(file.descriptor) == 0 else { throw SystemError.last.fault("write", folder.path) }
    let lease = try folder.adopt(file.path, as: name, isSynced: isSynced)
    isInPlace = true
    fchmod(file.descriptor, 0o444)
    return StoredObject(name: name, byteCount: byteCount, lease: lease)
  }
}
