internal import Base
internal import Objects

/// A part of a bucket.
///
/// An object is whole once it is listed, so that nothing has to be waited for.
struct BucketPlace: WatchedPlace {
  let client: S3Client
  let isMedia: @Sendable (String) -> Bool
  let settling = 0.0
  let turnSeconds = 30.0
  let isRemote = true

  /// Bytes that are asked for at a time, and are in memory then.
  private static let blockByteCount = 8 << 20

  /// What the keys begin with.
  private var prefix: String { client.address.prefix.isEmpty ? "" : client.address.prefix + "/" }

  static func isNamed(_ text: String) -> Bool { text.hasPrefix("s3://") }

  /// Whether it is there and may be listed; else the fault says what is wrong.
  func check() throws(Fault) { _ = try client.list(prefix, limit: 1) }

  func forEachPart(
    after position: String?, tell: (Fault) -> Void, _ body: ([FoundFile]) throws(Fault) -> Bool
  ) throws(Fault) {
    try client.forEachPage(prefix, startingAfter: position.map { prefix + $0 }) { (page) throws(Fault) in
      for key in page.unreadable where isMedia(key) {
        tell(
          Fault(.badInput, "a name in \(client.address.shown) is no UTF-8: '\(key)' is not taken; give it another one"))
      }
      return try body(page.entries.compactMap(file))
    }
  }

  /// `nil` for what is not taken by its name; one that ends in a slash stands for a folder.
  private func file(_ entry: S3Entry) -> FoundFile? {
    // By bytes: a letter may join itself to the slash before it.
    let bytes = Array(entry.key.utf8)
    guard bytes.starts(with: prefix.utf8), let last = bytes.last, last != UInt8(ascii: "/") else { return nil }
    let content = "\(entry.etag) \(entry.byteCount) \(entry.time)"
    let file = FoundFile(
      inner: String(decoding: bytes.dropFirst(prefix.utf8.count), as: UTF8.self), byteCount: entry.byteCount,
      content: content, state: content)
    let names = file.inner.utf8.split(separator: UInt8(ascii: "/"))
    guard !names.contains(where: { FolderLook.isTemporary(String(decoding: Array($0), as: UTF8.self)) }) else {
      return nil
    }
    return isMedia(file.name) ? file : nil
  }

  /// By ranges, all of the same object: one that is written anew between two of them has another ETag.
  func read(
    _ file: FoundFile, goesOn: () throws(Fault) -> Bool, _ body: (ArraySlice<UInt8>) throws(Fault) -> Void
  ) throws(Fault) -> Bool {
    var (place, etag) = (0, String?.none)
    while place < file.byteCount {
      guard try goesOn() else { return false }
      let range = place..<min(place + Self.blockByteCount, file.byteCount)
      guard let part = try client.get(prefix + file.inner, range), part.total == file.byteCount,
        part.bytes.count == range.count, part.etag == etag ?? part.etag
      else { return false }
      try body(part.bytes[...])
      (place, etag) = (range.upperBound, part.etag)
    }
    return true
  }

  func isBeingWritten(_ file: FoundFile) -> Bool { false }
  func isSame(_ file: FoundFile) -> Bool { true }
  func isGone(_ inner: String) throws(Fault) -> Bool { try client.head(prefix + inner) == nil }
  func shown(_ inner: String) -> String { "s3://\(client.address.bucket)/\(prefix)\(inner)" }
}
