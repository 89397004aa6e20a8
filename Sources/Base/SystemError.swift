internal import Glibc

/// A number that a call of the system left in `errno`, and the one table of what such numbers mean.
public struct SystemError: Error, Sendable, Hashable {
  public let code: Int32

  public init(_ code: Int32) { self.code = code }

  /// What the last call of this thread left; ask before anything else is called.
  public static var last: SystemError { SystemError(errno) }

  /// The system's own words.
  public var text: String { String(cString: strerror(code)) }

  public var kind: Fault.Kind {
    switch code {
    case ENOENT, ENOTDIR: .notFound
    case EACCES, EPERM, EROFS: .denied
    case ENOSPC, EDQUOT, EFBIG: .exhausted
    case EISDIR: .badInput
    case EADDRNOTAVAIL: .usage
    default: .unavailable
    }
  }

  /// A fault for something that could not be done with a path: `wanted` is a verb such as `read` or `write`.
  public func fault(_ wanted: String, _ path: String) -> Fault {
    Fault(kind, sentence(wanted, path), cause: text)
  }

  private func sentence(_ wanted: String, _ path: String) -> String {
    switch kind {
    case .notFound where wanted == "write":
      "cannot write \(path): there is no folder \(FileSystem.folder(of: path)), make it first"
    case .notFound: "there is no file \(path)"
    case .denied: "no permission to \(wanted) \(path)"
    case .exhausted where code == EFBIG:
      "\(path) would become larger than a file may be here: choose another place, or allow larger files (ulimit -f)"
    case .exhausted: "the disk is full: cannot \(wanted) \(path); free some space or choose another place"
    case .badInput: "\(path) is a folder, not a file"
    default: "cannot \(wanted) \(path): \(text)"
    }
  }
}
