internal import Base
internal import Glibc

/// The path from the root of the file system.
func absolute(_ path: String) throws(Fault) -> String {
  guard let resolved = realpath(path, nil) else { throw Fault(.notFound, "there is no \(path)") }
  defer { free(resolved) }
  return String(cString: resolved)
}
