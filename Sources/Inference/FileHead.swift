internal import Base
internal import Glibc

/// How a file begins, to tell formats apart without reading it whole.
@safe
struct FileHead: ~Copyable {
  private let descriptor: Int32
  private let byteCount: Int

  init(_ path: String) throws(Fault) {
    (descriptor, byteCount) = try FileSystem.openPlain(path)
  }

  deinit { close(descriptor) }

  func starts(with text: String) -> Bool { holds(text, at: 0) }
  func holds(_ text: String, at offset: Int) -> Bool { read(text.utf8.count, at: offset) == Array(text.utf8) }

  /// The first fields follow each other as Protocol Buffers have them: known wire types, lengths inside the file.
  ///
  /// Encoding: protobuf.dev, "Encoding", message structure.
  var isProtobuf: Bool {
    var offset = 0
    for _ in 0..<64 where offset < byteCount {
      guard let tag = varint(&offset), tag >> 3 > 0, tag >> 3 < 1 << 20 else { return false }
      switch tag & 7 {
      case 0: guard varint(&offset) != nil else { return false }
      case 1: offset += 8
      case 2:
        guard let length = varint(&offset), length <= UInt64(byteCount) else { return false }
        offset += Int(length)
      case 5: offset += 4
      default: return false
      }
      guard offset <= byteCount else { return false }
    }
    return true
  }

  private func varint(_ offset: inout Int) -> UInt64? {
    var value: UInt64 = 0
    for (index, byte) in read(10, at: offset).enumerated() {
      value |= UInt64(byte & 0x7f) << UInt64(7 * index)
      if byte < 0x80 {
        offset += index + 1
        return value
      }
    }
    return nil
  }

  /// So many bytes from there on are in the file.
  func has(_ count: Int, at offset: Int) -> Bool { offset <= byteCount && count <= byteCount - offset }

  /// At most `count` bytes: fewer at the end of the file.
  func read(_ count: Int, at offset: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe pread(descriptor, &bytes, count, offset)
    return Array(bytes.prefix(max(0, got)))
  }
}
