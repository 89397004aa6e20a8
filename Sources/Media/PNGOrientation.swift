/// Finds the orientation in EXIF data that FFmpeg does not read itself: the `eXIf` chunk of a PNG file.
enum PNGOrientation {
  /// Of a whole PNG file (PNG specification, third edition, 11.3.4.3): 1 to 8, or `nil`.
  static func orientation(ofPNG bytes: Span<UInt8>) -> Int? {
    guard bytes.count > 8, number(bytes, 0, 4, bigEndian: true) == 0x8950_4E47 else { return nil }
    var offset = 8
    while offset + 12 <= bytes.count {
      let length = number(bytes, offset, 4, bigEndian: true)
      guard length <= bytes.count - offset - 12 else { return nil }
      let name = (4..<8).map { bytes[offset + $0] }
      if name == Array("eXIf".utf8) { return orientation(ofTIFF: bytes.extracting(offset + 8..<offset + 8 + length)) }
      if name == Array("IEND".utf8) { return nil }
      offset += length + 12
    }
    return nil
  }

  /// Tag 0x0112 of the first directory (TIFF 6.0, section 2).
  static func orientation(ofTIFF bytes: Span<UInt8>) -> Int? {
    guard bytes.count >= 8 else { return nil }
    let bigEndian = bytes[0] == UInt8(ascii: "M")
    let directory = number(bytes, 4, 4, bigEndian: bigEndian)
    guard directory + 2 <= bytes.count else { return nil }
    for entry in 0..<number(bytes, directory, 2, bigEndian: bigEndian) {
      let start = directory + 2 + entry * 12
      guard start + 12 <= bytes.count else { return nil }
      if number(bytes, start, 2, bigEndian: bigEndian) == 0x0112 {
        return number(bytes, start + 8, 2, bigEndian: bigEndian)
      }
    }
    return nil
  }

  private static func number(_ bytes: Span<UInt8>, _ start: Int, _ count: Int, bigEndian: Bool) -> Int {
    (0..<count).reduce(0) { $0 << 8 | Int(bytes[start + (bigEndian ? $1 : count - 1 - $1)]) }
  }
}
