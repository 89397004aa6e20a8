internal import Base
internal import Crypto
internal import NetworkFormats

/// What was found of files that were read before, their SHA-256 and which other files they name, kept from one run to the next:
/// reading a large network for it takes longer than starting it.
///
/// A file is taken for the same while its place on the disk, its length and the times of its last write and last change
/// of state are; the last of these is the system's own and cannot be set back. What is kept carries a checksum of its own.
struct KnownDigests {
  /// `nil` keeps nothing.
  let folder: String?
  /// Seconds after which a change is old: what was written a moment ago may be written again within the same tick of the
  /// file system's clock.
  var settled = 2.0

  /// The digest of the file as 64 hexadecimal digits.
  func digest(of path: String) throws(Fault) -> String {
    try known(path, "digest") { () throws(Fault) in [try SHA256.hex(ofFile: path)] }.first ?? ""
  }

  /// The other files that a network is made of, relative to its folder: see ``NetworkParts``.
  func parts(of path: String) throws(Fault) -> [String] {
    // A folder's own times do not tell of what is deeper in it.
    guard FileSystem.kind(of: path) == .file else { return try NetworkParts.list(of: path) }
    return try known(path, "parts") { () throws(Fault) in try NetworkParts.list(of: path) }
  }

  private func known(
    _ path: String, _ kind: String, find: () throws(Fault) -> [String]
  ) throws(Fault) -> [String] {
    guard let folder, let stamp = FileSystem.stamp(of: path) else { return try find() }
    let place = "\(folder)/\(stamp.place).\(kind)"
    if let bytes = try? FileSystem.read(place, limit: 1 << 23), let lines = Self.lines(in: bytes, of: stamp.state) {
      return lines
    }
    let found = try find()
    let isPlain = !found.contains { $0.contains { $0.isNewline } }
    if isPlain, stamp.age > settled, FileSystem.stamp(of: path)?.state == stamp.state {
      try? FileSystem.write(Self.text(stamp.state, found), to: place)
    }
    return found
  }

  /// The state of the file, what was found, and the digest of all that.
  static func text(_ state: String, _ found: [String]) -> [UInt8] {
    let text = Array(([state] + found).map { $0 + "\n" }.joined().utf8)
    return text + Array(SHA256.hex(of: text).utf8)
  }

  private static func lines(in bytes: [UInt8], of state: String) -> [String]? {
    guard bytes.count > 64, SHA256.hex(of: Array(bytes.dropLast(64))).utf8.elementsEqual(bytes.suffix(64)) else {
      return nil
    }
    let lines = String(decoding: bytes.dropLast(64), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 2, lines[0] == state else { return nil }
    return lines.dropFirst().dropLast().map(String.init)
  }
}
