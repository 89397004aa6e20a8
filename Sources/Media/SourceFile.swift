internal import Base
internal import Glibc

/// Looks at a file before any library does, and says why it will not be opened.
enum SourceFile {
  /// The file's length; refuses what is missing, unreadable, empty, or not a file.
  ///
  /// Messages do not name the path.
  static func check(_ path: String) throws(Fault) -> Int {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { throw refusal(SystemError.last) }
    switch info.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw Fault(.badInput, "this is a folder: name a file in it")
    default: throw Fault(.badInput, "this is not a regular file: copy what it gives into a file first")
    }
    guard unsafe access(path, R_OK) == 0 else { throw refusal(SystemError.last) }
    guard info.st_size > 0 else { throw empty }
    return Int(info.st_size)
  }

  static let empty = Fault(.badInput, "the file is empty: copy or record it again")

  static func refusal(_ error: SystemError) -> Fault {
    let sentence =
      switch error.kind {
      case .notFound: "there is no such file"
      case .denied: "no permission to read this file: change its mode or run as its owner"
      default: "the file cannot be read"
      }
    return Fault(error.kind, sentence, cause: error.text)
  }

  /// Why a file that no demuxer could open was refused.
  static func whyNotMedia(_ file: MediaFile, cause: String) -> Fault {
    switch boxes(file) {
    case .none:
      return Fault(.badInput, "this is not a video or a picture in a known format", cause: cause)
    case .some(let found) where found.contains("moov"):
      return Fault(.badInput, "the index of this MP4 file is broken: copy or export it again", cause: cause)
    case .some:
      return Fault(
        .badInput,
        "the file ends before its index: it was cut short or is still being written; copy it again, or wait",
        cause: cause)
    }
  }

  /// Names of the whole top-level boxes, if the file starts as MP4 and QuickTime files do (ISO/IEC 14496-12, 4.2).
  private static func boxes(_ file: MediaFile) -> Set<String>? {
    guard file.byteCount >= 8 else { return nil }
    let starts: Set = ["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"]
    var (whole, offset) = (Set<String>(), 0)
    for step in 0..<4096 where offset + 8 <= file.byteCount {
      var header = [UInt8](repeating: 0, count: 16)
      guard unsafe header.withUnsafeMutableBytes({ unsafe file.read(into: $0, at: offset) }) >= 8 else { break }
      let name = String(decoding: header[4..<8], as: UTF8.self)
      if step == 0, !starts.contains(name) { return nil }
      let short = bigEndian(header[0..<4])
      let length = short == 1 ? bigEndian(header[8..<16]) : short == 0 ? file.byteCount - offset : short
      guard length >= 8, length <= file.byteCount - offset else { break }
      whole.insert(name)
      offset += length
    }
    return whole
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(truncatingIfNeeded: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
