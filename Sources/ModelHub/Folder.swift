internal import Base
internal import Glibc

/// The path from the root of the file system.
func absolute(_ path: String) throws(Fault) -> String {
  guard let resolved = realpath(path, nil) else { throw Fault(.notFound, "there is no \(path)") }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// Bytes that the file system of a folder still takes, `nil` where it does not say.
func freeByteCount(_ folder: String) -> Int? {
  var info = statvfs()
  guard statvfs(folder, &info) == 0 else { return nil }
  return Int(clamping: info.f_bavail) * Int(clamping: info.f_frsize)
}
