internal import CZlib
internal import NetworkFormats

/// The small files of a ZIP archive, stored or deflated, such as stands behind the network in a TensorFlow Lite file.
///
/// Layout: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 4.3; places in the archive count from the archive's own
/// begin or, where it was appended, from the file's.
struct ZipArchive {
  struct Entry {
    let name: String
    fileprivate let method: Int
    fileprivate let (packed, unpacked): (Int, Int)
    fileprivate let header: Int
  }

  private(set) var entries: [Entry] = []
  private static let mostEntries = 64
  private static let mostBytes = 1 << 20
  private static let mostPacked = 4 << 20

  /// `nil` where the file does not end as an archive does.
  init?(_ file: FileWindow) throws(Damaged) {
    let tail = min(file.byteCount, 22 + 65_535)
    let bytes = try file.bytes(file.byteCount - tail..<file.byteCount, limit: tail)
    guard let end = Self.lastEnd(bytes) else { return nil }
    let place = file.byteCount - tail + end
    let count = min(try file.number(at: place + 10, bytes: 2), Self.mostEntries)
    let (size, offset) = (try file.number(at: place + 12, bytes: 4), try file.number(at: place + 16, bytes: 4))
    guard size <= place else { throw Damaged() }
    // The directory stands right before this record, so a wrong offset says how far the archive was moved.
    var at = place - size
    let moved = at - offset
    for _ in 0..<count {
      guard file.holds("PK\u{1}\u{2}", at: at) else { throw Damaged() }
      let name = try file.number(at: at + 28, bytes: 2)
      let extra = try file.number(at: at + 30, bytes: 2) + (try file.number(at: at + 32, bytes: 2))
      entries.append(
        Entry(
          name: String(decoding: try file.bytes(at + 46..<at + 46 + name, limit: name), as: UTF8.self),
          method: try file.number(at: at + 10, bytes: 2), packed: try file.number(at: at + 20, bytes: 4),
          unpacked: try file.number(at: at + 24, bytes: 4), header: moved + (try file.number(at: at + 42, bytes: 4))))
      at += 46 + name + extra
    }
  }

  private static func lastEnd(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 22 else { return nil }
    let mark = Array("PK\u{5}\u{6}".utf8)
    return (0...bytes.count - 22).reversed().first { bytes[$0..<$0 + 4].elementsEqual(mark) }
  }

  /// The bytes of an entry.
  func read(_ entry: Entry, in file: FileWindow) throws(Damaged) -> [UInt8] {
    guard entry.unpacked <= Self.mostBytes, file.holds("PK\u{3}\u{4}", at: entry.header) else {
      throw Damaged()
    }
    let names = try file.number(at: entry.header + 26, bytes: 2) + (try file.number(at: entry.header + 28, bytes: 2))
    let start = entry.header + 30 + names
    let bytes = try file.bytes(start..<start + entry.packed, limit: Self.mostPacked)
    switch entry.method {
    case 0: return bytes
    case 8: return try Self.inflate(bytes, to: entry.unpacked)
    default: throw Damaged()
    }
  }

  private static func inflate(_ bytes: [UInt8], to count: Int) throws(Damaged) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe ridley_inflate_begin(&stream) == Z_OK else { throw Damaged() }
    defer { unsafe inflateEnd(&stream) }
    var (packed, unpacked) = (bytes, [UInt8](repeating: 0, count: count))
    let status = unsafe packed.withUnsafeMutableBufferPointer { source in
      unsafe unpacked.withUnsafeMutableBufferPointer { target in
        unsafe (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(source.count))
        unsafe (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(target.count))
        return unsafe CZlib.inflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END, unsafe stream.total_out == count else { throw Damaged() }
    return unpacked
  }
}
