internal import Base
internal import Crypto

/// SHA-256 of files that were read before, kept from one run to the next: reading a large network for its digest takes
/// longer than starting it.
///
/// A file is taken for the same while its place on the disk, its length and the times of its last write and last change
/// of state are; the last of these is the system's own and cannot be set back.
struct KnownDigests {
  /// `nil` keeps nothing.
  let folder: String?
  /// Seconds after which a change is old: what was written a moment ago may be written again within the same tick of the
  /// file system's clock.
  var settled = 2.0

  /// The digest of the file as 64 hexadecimal digits.
  func digest(of path: String) throws(Fault) -> String {
    guard let folder, let stamp = FileSystem.stamp(of: path) else { return try SHA256.hex(ofFile: path) }
    let place = "\(folder)/\(stamp.place).digest"
    if let bytes = try? FileSystem.read(place, limit: 1000) {
      let known = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      if known.count == 3, known[0] == stamp.state, known[1].count == 64, known[2] == "end" { return String(known[1]) }
    }
    let digest = try SHA256.hex(ofFile: path)
    if stamp.age > settled, FileSystem.stamp(of: path)?.state == stamp.state {
      try? FileSystem.write(Array("\(stamp.state)\n\(digest)\nend".utf8), to: place)
    }
    return digest
  }
}
