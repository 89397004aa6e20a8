internal import Base
internal import Glibc

/// Tells a whole JPEG picture from one that was cut off, which decoders paint over without a word.
enum JPEGMarkers {
  private static let endOfImage: UInt8 = 0xD9

  /// Does the picture run to its end marker (ITU-T T.81, B.1)? What is not JPEG at all counts as whole.
  static func isWhole(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count > 4, unsafe bytes[0] == 0xFF, unsafe bytes[1] == 0xD8 else { return true }
    var offset = 2
    while let marker = unsafe nextMarker(bytes, &offset) {
      if marker == endOfImage { return true }
      if standsAlone(marker) { continue }
      guard offset + 2 <= bytes.count else { return false }
      // A segment's length counts its own two bytes; what follows a scan's header is found by the next marker.
      offset += unsafe Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
    }
    return false
  }

  /// Width and height, as the header of the frame says them (B.2.2).
  static func size(_ bytes: UnsafeBufferPointer<UInt8>) -> Size? {
    guard bytes.count > 4, unsafe bytes[0] == 0xFF, unsafe bytes[1] == 0xD8 else { return nil }
    var offset = 2
    while let marker = unsafe nextMarker(bytes, &offset), marker != 0xDA {
      if standsAlone(marker) { continue }
      guard offset + 7 <= bytes.count else { return nil }
      let number = { (place: Int) in unsafe Int(bytes[place]) << 8 | Int(bytes[place + 1]) }
      // DHT, JPG and DAC lie among the numbers of frames.
      if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        let size = Size(width: number(offset + 5), height: number(offset + 3))
        return size.area > 0 ? size : nil
      }
      offset += number(offset)
    }
    return nil
  }

  /// Leaves `offset` behind the next marker: 0xFF and a byte that is neither stuffing nor filling.
  private static func nextMarker(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> UInt8? {
    while offset + 1 < bytes.count {
      let start = bytes.baseAddress!
      guard let found = unsafe memchr(start + offset, 0xFF, bytes.count - offset - 1) else { return nil }
      offset = unsafe UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
      let code = unsafe bytes[offset]
      if code == 0xFF { continue }
      offset += 1
      if code != 0 { return code }
    }
    return nil
  }

  /// Restart marks, the start of the image, and TEM have no segment.
  private static func standsAlone(_ marker: UInt8) -> Bool { (0xD0...0xD8).contains(marker) || marker == 0x01 }
}
