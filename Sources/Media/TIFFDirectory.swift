internal import Base

/// The first directory of a TIFF file (TIFF 6.0, section 2): whole numbers by their tags, the first where there are several.
struct TIFFDirectory {
  private var values: [Int: Int] = [:]

  private enum Tag {
    static let (compression, photometric, orientation, tileWidth, sampleFormat, dng) = (259, 262, 274, 322, 339, 50_706)
  }

  /// `nil` where there is none.
  init?(_ file: MediaFile) {
    let head = file.bytes(0..<8)
    guard head.count == 8 else { return nil }
    let isBigEndian = head[0] == UInt8(ascii: "M")
    let start = Self.number(head[4..<8], isBigEndian)
    let count = Self.number(file.bytes(start..<start + 2)[...], isBigEndian)
    let entries = file.bytes(start + 2..<start + 2 + count * 12)
    for entry in 0..<entries.count / 12 {
      let bytes = entries[entry * 12..<entry * 12 + 12]
      let field = { (place: Int, length: Int) in
        Self.number(bytes[(bytes.startIndex + place)...].prefix(length), isBigEndian)
      }
      // Two or four bytes each; what does not fit into the entry stands elsewhere.
      guard let width = [1: 1, 3: 2, 4: 4][field(2, 2)] else { continue }
      let length = width * field(4, 4)
      let elsewhere = field(8, 4)
      values[field(0, 2)] =
        length <= 4 ? field(8, width) : Self.number(file.bytes(elsewhere..<elsewhere + width)[...], isBigEndian)
    }
  }

  var orientation: Orientation? { values[Tag.orientation].flatMap(Orientation.init(exif:)) }

  /// FFmpeg reads tiles as if they were strips, JPEG without its tables, and takes other colours for red, green and blue.
  func refuseWrongOnes() throws(Fault) {
    if values[Tag.dng] != nil { throw Formats.refusal(of: "raw pictures (DNG)") }
    let compression = values[Tag.compression] ?? 1
    if [6, 7].contains(compression) { throw Formats.refusal(of: "TIFF pictures with JPEG inside") }
    // None, three kinds of fax, LZW, Deflate twice, PackBits, LZMA.
    guard [1, 2, 3, 4, 5, 8, 32_946, 32_773, 34_925].contains(compression) else {
      throw Formats.refusal(of: "TIFF pictures with compression \(compression)")
    }
    let photometric = values[Tag.photometric] ?? 2
    if photometric == 6 { throw Formats.refusal(of: "TIFF pictures in YCbCr") }
    // White or black is zero, RGB, palette, CMYK.
    guard [0, 1, 2, 3, 5].contains(photometric) else {
      throw Formats.refusal(of: "TIFF pictures in colour space \(photometric)")
    }
    if values[Tag.tileWidth] != nil { throw Formats.refusal(of: "TIFF pictures in tiles") }
    guard [1, 4].contains(values[Tag.sampleFormat] ?? 1) else {
      throw Formats.refusal(of: "TIFF pictures of signed or floating samples")
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, _ isBigEndian: Bool) -> Int {
    isBigEndian ? bytes.reduce(0) { $0 << 8 | Int($1) } : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
