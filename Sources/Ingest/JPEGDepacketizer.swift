/// JPEG over RTP (RFC 2435): the headers that are left out on the way are written anew from what the packets say.
struct JPEGDepacketizer: Depacketizer {
  /// Of the pictures, where it was told beforehand, else 0: RTP tells no more than 2040.
  private let width: Int
  private let height: Int
  private var file: [UInt8] = []
  private var hasBegun = false
  /// Bytes of the scan that came.
  private var scanned = 0

  init(width: Int = 0, height: Int = 0) { (self.width, self.height) = (width, height) }

  /// What the camera sends that no picture can be made of, and what to do; `nil` where nothing of the kind shows.
  static func obstacle(_ payload: Span<UInt8>, width: Int, height: Int) -> String? {
    guard payload.count > 8, BigEndian.u32(payload, 0) & 0xFF_FFFF == 0 else { return nil }
    if size(payload[6], told: width) == 0 || size(payload[7], told: height) == 0 {
      return
        "the camera sends JPEG pictures of over 2040 pixels and does not say of how many: set it to smaller ones, or to H.264"
    }
    guard payload[4] & 0x3F < 2, payload[4] < 128 else {
      return "the camera sends JPEG of type \(payload[4]), and only 0, 1, 64 and 65 are known: set it to H.264"
    }
    let tables = payload[4] < 64 ? 8 : 12
    guard payload[5] >= 128, payload.count > tables + 4, payload[tables + 1] != 0 else { return nil }
    return "the camera sends JPEG with quantization tables of 16 bits, which no decoder here reads: set it to H.264"
  }

  /// Pixels, from eighths of them; a length that is told beforehand and too large for a byte counts.
  private static func size(_ eighths: UInt8, told: Int) -> Int { told > 2040 ? told : Int(eighths) * 8 }

  mutating func add(_ payload: Span<UInt8>) -> Bool {
    guard payload.count > 8 else { return false }
    let offset = Int(BigEndian.u32(payload, 0) & 0xFF_FFFF)
    var header = JPEGHeader(
      type: payload[4], width: Self.size(payload[6], told: width), height: Self.size(payload[7], told: height))
    guard header.type & 0x3F < 2, header.width > 0, header.height > 0, header.type < 128 else { return false }
    var place = 8
    if header.type >= 64 {
      guard place + 4 <= payload.count else { return false }
      header.restart = BigEndian.u16(payload, place)
      place += 4
    }
    if offset == 0 {
      guard let tables = Self.tables(quality: Int(payload[5]), payload, &place) else { return false }
      file = header.bytes(tables)
      (hasBegun, scanned) = (true, 0)
    }
    guard hasBegun, offset == scanned else { return false }
    for index in place..<payload.count { file.append(payload[index]) }
    scanned += payload.count - place
    return true
  }

  var hasPicture: Bool { hasBegun && scanned > 2 }

  func goesOn(with payload: Span<UInt8>) -> Bool? {
    payload.count > 8 ? BigEndian.u32(payload, 0) & 0xFF_FFFF != 0 : nil
  }

  mutating func lose() {
    // Without what is lost the rest of the scan says nothing.
    hasBegun = false
  }

  mutating func finish() -> (bytes: [UInt8], isKey: Bool) {
    defer { (file, hasBegun, scanned) = ([], false, 0) }
    guard hasBegun, scanned > 2 else { return ([], false) }
    if file.suffix(2) != [0xFF, 0xD9] { file += [0xFF, 0xD9] }
    return (file, true)
  }

  /// The quantization tables: the two of a quality, or two or three in the packet.
  private static func tables(quality: Int, _ payload: Span<UInt8>, _ place: inout Int) -> [UInt8]? {
    guard quality >= 128 else {
      guard (1...99).contains(quality) else { return nil }
      return JPEGHeader.tables(quality: quality)
    }
    guard place + 4 <= payload.count else { return nil }
    let (precision, length) = (payload[place + 1], BigEndian.u16(payload, place + 2))
    place += 4
    // Tables of 16 bits, and tables that were sent before, are seen with no camera.
    guard precision == 0, [64, 128, 192].contains(length), place + length <= payload.count else { return nil }
    let tables = (0..<max(128, length)).map { payload[place + $0 % length] }
    place += length
    return tables
  }
}

/// The headers of a JPEG file of a baseline picture in three components.
struct JPEGHeader {
  /// As RFC 2435 counts them: 0 is 4:2:2, 1 is 4:2:0; 64 more with restart markers.
  let type: UInt8
  let width: Int
  let height: Int
  /// Blocks between two restart markers; 0 where there are none.
  var restart = 0

  init(type: UInt8, width: Int, height: Int) { (self.type, self.width, self.height) = (type, width, height) }

  /// Everything up to the scan; `tables` are two quantization tables, or one for each component.
  func bytes(_ tables: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0xFF, 0xD8]
    for number in 0..<tables.count / 64 {
      bytes += [0xFF, 0xDB, 0, 67, UInt8(number)]
      bytes += tables[number * 64..<number * 64 + 64]
    }
    if restart > 0 { bytes += [0xFF, 0xDD, 0, 4, UInt8(restart >> 8), UInt8(restart & 0xFF)] }
    bytes += [
      0xFF, 0xC0, 0, 17, 8, UInt8(height >> 8), UInt8(height & 0xFF), UInt8(width >> 8), UInt8(width & 0xFF), 3,
    ]
    bytes += [1, type & 0x3F == 0 ? 0x21 : 0x22, 0, 2, 0x11, 1, 3, 0x11, tables.count > 128 ? 2 : 1]
    for table in Self.huffman {
      let values = Array(table.values)
      bytes += [0xFF, 0xC4, UInt8((values.count + 19) >> 8), UInt8((values.count + 19) & 0xFF), table.kind]
      bytes += table.counts
      bytes += values
    }
    return bytes + [0xFF, 0xDA, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]
  }

  /// The tables of a quality from 1 to 99 (RFC 2435, appendix A).
  static func tables(quality: Int) -> [UInt8] {
    let factor = quality < 50 ? 5000 / quality : 200 - quality * 2
    return (luma + chroma).map { UInt8(min(max((Int($0) * factor + 50) / 100, 1), 255)) }
  }

  /// In the order of the zigzag (ITU-T T.81, tables K.1 and K.2).
  private static let luma: [UInt8] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
    60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113,
    121, 112, 100, 120, 92, 101, 103, 99,
  ]
  private static let chroma: [UInt8] = [
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99,
  ]

  private struct HuffmanTable {
    let kind: UInt8
    /// Codes of each length, from 1 to 16.
    let counts: [UInt8]
    let values: [UInt8]
  }

  /// ITU-T T.81, tables K.3 to K.6.
  private static let huffman = [
    HuffmanTable(
      kind: 0x00, counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], values: Array(0...11)),
    HuffmanTable(
      kind: 0x10, counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D],
      values: [
        0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
        0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72,
        0x82, 0x09, 0x0A,
      ]
        + columns([
          (0x16, 0x1A), (0x25, 0x2A), (0x34, 0x3A), (0x43, 0x4A), (0x53, 0x5A), (0x63, 0x6A), (0x73, 0x7A),
          (0x83, 0x8A),
          (0x92, 0x9A), (0xA2, 0xAA), (0xB2, 0xBA), (0xC2, 0xCA), (0xD2, 0xDA), (0xE1, 0xEA), (0xF1, 0xFA),
        ])),
    HuffmanTable(
      kind: 0x01, counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], values: Array(0...11)),
    HuffmanTable(
      kind: 0x11, counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
      values: [
        0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
        0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
        0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1,
      ]
        + columns([
          (0x17, 0x1A), (0x26, 0x2A), (0x35, 0x3A), (0x43, 0x4A), (0x53, 0x5A), (0x63, 0x6A), (0x73, 0x7A),
          (0x82, 0x8A),
          (0x92, 0x9A), (0xA2, 0xAA), (0xB2, 0xBA), (0xC2, 0xCA), (0xD2, 0xDA), (0xE2, 0xEA), (0xF2, 0xFA),
        ])),
  ]

  /// The long codes' values stand in order, tens by tens.
  private static func columns(_ ranges: [(UInt8, UInt8)]) -> [UInt8] { ranges.flatMap { Array($0.0...$0.1) } }
}
