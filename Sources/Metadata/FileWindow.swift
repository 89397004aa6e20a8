internal import Base
internal import Glibc

/// Bytes of a file, anywhere in it, a bounded piece at a time.
@safe
struct FileWindow: ~Copyable {
  /// More than a piece of metadata ever is.
  static let most = 4 << 20

  let byteCount: Int
  private let descriptor: Int32

  /// What was to be read is not in the file.
  struct Damaged: Error {}

  init(_ path: String) throws(Fault) {
    let length = try FileSystem.byteCount(of: path)
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw Fault(.denied, "no permission to read \(path)") }
    (byteCount, descriptor) = (length, opened)
  }

  deinit { close(descriptor) }

  func has(_ count: Int, at offset: Int) -> Bool {
    count >= 0 && offset >= 0 && offset <= byteCount && count <= byteCount - offset
  }

  func read(_ count: Int, at offset: Int) throws(Damaged) -> [UInt8] {
    guard count <= Self.most, has(count, at: offset) else { throw Damaged() }
    var bytes = [UInt8](repeating: 0, count: count)
    guard unsafe pread(descriptor, &bytes, count, offset) == count else { throw Damaged() }
    return bytes
  }

  /// A little-endian number of at most 7 bytes.
  func number(at offset: Int, bytes count: Int) throws(Damaged) -> Int {
    try read(count, at: offset).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  func holds(_ text: String, at offset: Int) -> Bool { (try? read(text.utf8.count, at: offset)) == Array(text.utf8) }
}
