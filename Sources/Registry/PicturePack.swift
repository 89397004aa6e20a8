internal import Base
internal import Objects

/// Small pictures as one object: how many there are, where each ends, and their bytes one behind the other.
///
/// Numbers are eight bytes each, the lowest first; a picture that is missing has no bytes.
enum PicturePack {
  private static let numberByteCount = 8
  /// So many pictures at most.
  static let most = 10_000

  static func bytes(of pictures: [[UInt8]]) -> [UInt8] {
    var (bytes, end) = (number(pictures.count), 0)
    for picture in pictures {
      end += picture.count
      bytes += number(end)
    }
    return pictures.reduce(into: bytes) { $0 += $1 }
  }

  /// One of them, from 0; `nil` where there is none.
  static func picture(_ place: Int, in reader: any ObjectReader) throws(Fault) -> [UInt8]? {
    let count = try number(at: 0, in: reader)
    guard count <= most, (0..<count).contains(place) else { return nil }
    let head = (count + 1) * numberByteCount
    let start = place == 0 ? 0 : try number(at: place * numberByteCount, in: reader)
    let end = try number(at: (place + 1) * numberByteCount, in: reader)
    guard start <= end, end <= reader.byteCount - head else {
      throw Fault(.badInput, "the pictures of this result are damaged: restore the library from a backup")
    }
    return start < end ? try reader.read(head + start..<head + end) : nil
  }

  private static func number(_ value: Int) -> [UInt8] {
    (0..<numberByteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func number(at offset: Int, in reader: any ObjectReader) throws(Fault) -> Int {
    guard offset + numberByteCount <= reader.byteCount else { return 0 }
    let bytes = try reader.read(offset..<offset + numberByteCount)
    return bytes.reversed().reduce(0) { $0 << 8 | Int($1) } & .max
  }
}
