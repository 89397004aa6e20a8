public import Base
internal import Crypto
internal import Glibc
internal import Uploads

/// Objects as files of a folder, for any number of threads and processes of one machine.
///
///     objects/ab/abcd…      an object; its folder is the first two digits of its digest
///     staging/              what is being written; locked by its writer as long as that lives
///     leases/ab/abcd….NAME  holds an object; locked likewise
///     uploads/              uploads that can be continued: ``UploadFolder``
///
/// Locks are `flock`, which end with the process that has them, so that nothing is guessed about writers that died. Not for folders that
/// several machines share.
public struct ObjectFolder: ObjectStore {
  public let path: String
  let space: DiskSpace
  /// What this value and its copies may write; anything, unless somebody says a number.
  public let allowance = WriteAllowance()

  private static let format = Array("ridley-objects-1\n".utf8)

  /// Makes the folder where it is missing, and takes away what dead writers left.
  ///
  /// `reserve` bytes of the disk stay free: writing is refused before it begins where they would not. Usually these are 256 MiB, or a sixteenth of a small disk.
  public init(_ path: String, reserve: Int? = nil) throws(Fault) {
    self.path = path
    try FileSystem.makeFolder(path)
    let usual = min(256 << 20, try FileSystem.wholeByteCount(in: path) / 16)
    space = DiskSpace(folder: path, reserve: reserve ?? usual)
    for name in ["objects", "staging", "leases", "uploads"] { try FileSystem.makeFolder("\(path)/\(name)") }
    let mark = "\(path)/format"
    if !FileSystem.isThere(mark) { try FileSystem.write(Self.format, to: mark, isDurable: true) }
    guard try FileSystem.read(mark, limit: 64) == Self.format else {
      throw Fault(.unsupported, "\(path) holds objects in a form that this ridley does not know")
    }
    removeStaging()
  }

  public func write(_ plan: ObjectPlan) throws(Fault) -> any ObjectWriter { try FolderWriter(self, plan) }

  public func open(_ name: ObjectName) throws(Fault) -> (any ObjectReader)? { try FolderReader(file(of: name)) }

  public func lease(_ name: ObjectName) throws(Fault) -> (any ObjectLease)? {
    try locked(name.shard) { () throws(Fault) -> FolderLease? in
      guard FileSystem.isThere(file(of: name)) else { return nil }
      return try FolderLease(name, in: self)
    }
  }

  public func verify(_ name: ObjectName, each: () -> Void) throws(Fault) -> ObjectState {
    guard FileSystem.isThere(file(of: name)) else { return .missing }
    let digest = try SHA256.hex(ofFile: file(of: name), each: each)
    return digest == name.digest ? .sound : .damaged(digest: digest)
  }

  /// The file that an object is, whether it is there or not: for programs that open files by their paths.
  public func file(of name: ObjectName) -> String { "\(path)/objects/\(name.shard)/\(name.digest)" }

  /// The objects of one part.
  public func list(_ shard: String) throws(Fault) -> [ObjectName] {
    let folder = "\(path)/objects/\(shard)"
    return FileSystem.isThere(folder) ? try FileSystem.list(folder).compactMap { ObjectName($0) } : []
  }

  /// Moves a whole file of this folder, which is on the disk where it is `isSynced`, into its place, and holds it.
  ///
  /// What stands there already is replaced by the same bytes, which mends it where the disk changed it.
  func adopt(_ file: String, as name: ObjectName, isSynced: Bool = true) throws(Fault) -> FolderLease {
    let folder = "\(path)/objects/\(name.shard)"
    if !FileSystem.isThere(folder) {
      try FileSystem.makeFolder(folder)
      try FileSystem.sync(folder: "\(path)/objects")
    }
    let lease = try locked(name.shard) { () throws(Fault) -> FolderLease in
      let lease = try FolderLease(name, in: self)
      try FileSystem.move(file, to: self.file(of: name))
      return lease
    }
    if isSynced { try FileSystem.sync(folder: folder) }
    return lease
  }

  /// Gives a whole file, wherever it stands on this disk, a second name among the objects; `nil` where the disk is another one.
  func link(_ file: String, as name: ObjectName) throws(Fault) -> FolderLease? {
    let folder = "\(path)/objects/\(name.shard)"
    try FileSystem.makeFolder(folder)
    let lease = try locked(name.shard) { () throws(Fault) -> FolderLease? in
      let lease = try FolderLease(name, in: self)
      guard unsafe Glibc.link(file, self.file(of: name)) != 0 else {
        unsafe _ = chmod(file, 0o444)
        return lease
      }
      switch errno {
      case EEXIST: return lease
      case EXDEV, EPERM, EMLINK, ENOTSUP: return nil
      default: throw SystemError.last.fault("write", folder)
      }
    }
    guard let lease else { return nil }
    for folder in [folder, "\(path)/objects"] { try FileSystem.sync(folder: folder) }
    return lease
  }

  /// Runs while no other thread or process decides about this part's objects.
  func locked<Result>(_ shard: String, _ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    try FileSystem.makeFolder("\(path)/leases/\(shard)")
    let lock = try LockedFile("\(path)/leases/\(shard)/.lock", waits: true)
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  private func removeStaging() {
    let folder = "\(path)/staging"
    for name in (try? FileSystem.list(folder)) ?? [] {
      if let dead = try? LockedFile("\(folder)/\(name)", creates: false) { dead.unlink() }
    }
  }
}
