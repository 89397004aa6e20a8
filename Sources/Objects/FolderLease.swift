internal import Base
internal import Glibc

/// A locked file that names an object.
///
/// The file stays where a collection runs when the lease ends: that collection may have asked what is referred to before the holder wrote
/// its reference down, so it must see that there was one. The next collection takes the file away before it asks.
final class FolderLease: ObjectLease {
  let name: ObjectName
  private let file: LockedFile
  private let collecting: String

  var path: String { file.path }

  /// Call it while the object's part is locked.
  init(_ name: ObjectName, in folder: ObjectFolder) throws(Fault) {
    self.name = name
    let mark = String(UInt64.random(in: 0 ... .max), radix: 36)
    file = try LockedFile("\(folder.path)/leases/\(name.shard)/\(name.digest).\(mark)", creates: true)
    collecting = folder.collecting
  }

  deinit {
    guard let shared = try? LockedFile(sharing: collecting) else { return }
    file.unlink()
    withExtendedLifetime(shared) {}
  }
}

extension ObjectFolder {
  /// Locked by whoever collects, shared by leases that end.
  var collecting: String { "\(path)/leases/.collecting" }
}
