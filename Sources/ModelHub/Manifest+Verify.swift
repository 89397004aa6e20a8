internal import Base
internal import Crypto

extension Manifest.File {
  /// Compares length and digest of what stands at `place`; `origin` says in the fault where it came from.
  func verify(at place: String, from origin: String?) throws(Fault) {
    let whence = origin.map { " from \($0)" } ?? ""
    let count = try FileSystem.byteCount(of: place)
    if let byteCount, byteCount != count {
      throw Fault(.badInput, "\(path)\(whence) is not the right file: expected \(byteCount) bytes, it has \(count)")
    }
    guard let sha256 else { return }
    let found = try SHA256.hex(ofFile: place)
    guard found == sha256 else {
      throw Fault(.badInput, "\(path)\(whence) is not the right file: expected SHA-256 \(sha256), it has \(found)")
    }
  }
}
