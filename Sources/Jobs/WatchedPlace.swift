internal import Base
internal import Crypto

/// A place whose files become assets: a folder of this machine, or a part of a bucket.
protocol WatchedPlace: Sendable {
  /// Seconds for which a file has to stay as it is before it is taken for whole.
  var settling: Double { get }
  /// Seconds after which a look rests and lets other places have theirs; it goes on from there.
  var turnSeconds: Double { get }
  /// Whether a look costs others something: somebody else's server is asked. One process looks at a time then, and rests between two looks.
  var isRemote: Bool { get }

  /// Gives what stands there in parts, behind the file where the look before came to, as long as the body answers `true`.
  ///
  /// Names that are not taken anywhere are left out; `tell` hears of what cannot be looked at, each time.
  func forEachPart(
    after position: String?, tell: (Fault) -> Void, _ body: ([FoundFile]) throws(Fault) -> Bool
  ) throws(Fault)

  func isBeingWritten(_ file: FoundFile) -> Bool

  /// Gives the bytes of a file from front to back; `false` where it is another one by now, or `goesOn` said so.
  func read(
    _ file: FoundFile, goesOn: () throws(Fault) -> Bool, _ body: (ArraySlice<UInt8>) throws(Fault) -> Void
  ) throws(Fault) -> Bool

  /// Whether the file is as it was found, where that was not seen while it was read.
  func isSame(_ file: FoundFile) -> Bool

  /// Whether nothing is there any more under a name that stood there once; `false` too where that is not asked.
  func isGone(_ inner: String) throws(Fault) -> Bool

  /// As errors name the file.
  func shown(_ inner: String) -> String
}

/// A file of a watched place, as it was found.
struct FoundFile: Sendable {
  /// Below the place.
  let inner: String
  let byteCount: Int
  /// What a file that was looked at is known by: its length, the moment of its last write, and the service's word for its bytes where there is one.
  let content: String
  /// That, and the moment when anything was changed of it.
  let state: String

  /// Without the folders; no letter joins itself to the slash before it.
  var name: String { String(decoding: Array(inner.utf8.split(separator: UInt8(ascii: "/")).last ?? []), as: UTF8.self) }
}

/// The front of a SHA-256: what is remembered of each file of places that may hold millions.
struct ShortDigest: Hashable, Sendable {
  private let (front, back): (UInt64, UInt64)

  init(_ text: String) {
    var digest = SHA256()
    digest.update(Array(text.utf8))
    let bytes = digest.finishBytes()
    let words = [bytes[0..<8], bytes[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    (front, back) = (words[0], words[1])
  }
}
