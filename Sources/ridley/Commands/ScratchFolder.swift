import Base
import Glibc

/// A folder for what is needed during one run; it goes with this object.
final class ScratchFolder {
  let path: String

  init() throws(Fault) {
    let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    let folder = access(wanted, W_OK) == 0 ? wanted : "/tmp"
    var template = Array("\(folder)/ridley-XXXXXX".utf8CString)
    let isMade = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) } != nil
    guard isMade else { throw SystemError.last.fault("make a folder in", folder) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { FileSystem.removeTree(path) }
}
