package import Base
internal import Glibc

/// A file that is read in pieces, through one window of memory, at any place.
///
/// No more of it is in memory than the window, however long the file is. Not for two threads at once.
@safe
package final class FileWindow {
  private let descriptor: Int32
  package let byteCount: Int
  private var window: [UInt8] = []
  /// Where the window begins in the file.
  private var start = 0

  private static let size = 1 << 14

  package init(_ path: String) throws(Fault) {
    (descriptor, byteCount) = try FileSystem.openPlain(path)
  }

  deinit { close(descriptor) }

  func starts(with text: String) -> Bool { holds(text, at: 0) }
  package func holds(_ text: String, at offset: Int) -> Bool { read(text.utf8.count, at: offset) == Array(text.utf8) }

  /// So many bytes from there on are in the file.
  package func has(_ count: Int, at offset: Int) -> Bool {
    offset >= 0 && count >= 0 && offset <= byteCount && count <= byteCount - offset
  }

  /// One byte; `nil` beyond the end.
  func byte(at offset: Int) -> UInt8? {
    if offset >= start, offset - start < window.count { return window[offset - start] }
    guard has(1, at: offset) else { return nil }
    (window, start) = (load(Self.size, at: offset), offset)
    return window.first
  }

  /// A little-endian number; one beyond what an address can be counts as the largest.
  package func number(at offset: Int, bytes count: Int) throws(Damaged) -> Int {
    guard has(count, at: offset) else { throw Damaged() }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(byte(at: offset + index) ?? 0) << UInt64(8 * index) }
    return Int(clamping: value)
  }

  /// All of a part that a file says it has, of at most `limit` bytes.
  package func bytes(_ range: Range<Int>, limit: Int) throws(Damaged) -> [UInt8] {
    guard range.count <= limit, has(range.count, at: range.lowerBound) else { throw Damaged() }
    let bytes = read(range.count, at: range.lowerBound)
    guard bytes.count == range.count else { throw Damaged() }
    return bytes
  }

  /// At most `count` bytes: fewer at the end of the file.
  func read(_ count: Int, at offset: Int) -> [UInt8] {
    guard offset >= 0, count >= 0 else { return [] }
    if offset >= start, offset + count <= start + window.count {
      return Array(window[offset - start..<offset - start + count])
    }
    guard count < Self.size else { return load(count, at: offset) }
    (window, start) = (load(Self.size, at: offset), offset)
    return Array(window.prefix(count))
  }

  private func load(_ count: Int, at offset: Int) -> [UInt8] {
    let count = min(count, max(0, byteCount - offset))
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
      while filled < count {
        let got = unsafe pread(descriptor, room.baseAddress! + filled, count - filled, offset + filled)
        if got > 0 { filled += got } else if got == 0 || errno != EINTR { break }
      }
    }
  }
}
