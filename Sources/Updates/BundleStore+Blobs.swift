public import Base
internal import Crypto

/// What is fetched: by content, resumed where it was cut off, and held against its digest.
extension BundleStore {
  /// Where a blob stands once it is whole.
  public func path(of blob: Bundle.Blob) -> String { "\(folder)/blobs/\(blob.sha256)" }

  private func part(of blob: Bundle.Blob) -> String { "\(path(of: blob)).part" }

  public func has(_ blob: Bundle.Blob) throws(Fault) -> Bool {
    try disk.byteCount(of: path(of: blob)) == blob.byteCount
  }

  /// Bytes of a blob that came already, and that are gone on from.
  public func received(of blob: Bundle.Blob) throws(Fault) -> Int {
    if try has(blob) { return blob.byteCount }
    guard let count = try disk.byteCount(of: part(of: blob)) else { return 0 }
    return count <= blob.byteCount ? count : 0
  }

  /// Refused before anything moves, where the disk has no room for what is missing.
  public func checkSpace(for lacking: [Bundle.Blob], _ bundle: Bundle) throws(Fault) {
    let reserve = min(Self.reserve, try disk.wholeByteCount(in: folder) / 64)
    var needed = reserve + 2 * bundle.json.count
    for blob in lacking { needed += blob.byteCount - (try received(of: blob)) }
    let free = try disk.freeByteCount(in: folder)
    guard free >= needed else {
      throw Fault(
        .exhausted,
        "the update needs \(needed) bytes of the disk of \(folder), \(reserve) that stay free included, and \(free) are free: free some, and it is taken"
      )
    }
  }

  /// Takes the next bytes of a blob.
  ///
  /// - Throws: `badInput` where more come than it has; what came is dropped then.
  public func append(_ bytes: [UInt8], of blob: Bundle.Blob) throws(Fault) {
    let (path, count) = (part(of: blob), try received(of: blob))
    guard count + bytes.count <= blob.byteCount else {
      try disk.remove(path)
      throw Fault(.badInput, "more bytes come of \(blob.sha256) than the \(blob.byteCount) that the bundle says")
    }
    if count == 0 { try disk.create(path, bytes) } else { try disk.append(bytes, to: path) }
  }

  /// All of a blob came: afterwards it is there and on the disk.
  ///
  /// - Throws: `badInput` where its bytes are others, which are dropped; the next attempt begins anew.
  public func finish(_ blob: Bundle.Blob) throws(Fault) {
    let path = part(of: blob)
    if try disk.byteCount(of: path) == nil { try disk.create(path, []) }
    guard try disk.digest(of: path) == blob.sha256 else {
      try disk.remove(path)
      throw Fault(.badInput, "the bytes that came for \(blob.sha256) are others: they are fetched anew")
    }
    try disk.sync(file: path)
    try disk.move(path, to: self.path(of: blob))
    try disk.sync(folder: "\(folder)/blobs")
  }
}
