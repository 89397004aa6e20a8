/// AV1 over RTP (AOMedia, "RTP Payload Format For AV1", section 4): OBUs and parts of them, without temporal delimiters.
struct AV1Depacketizer: Depacketizer {
  /// A temporal delimiter, which decoders want before each picture.
  private static let delimiter: [UInt8] = [0x12, 0x00]

  private var bytes: [UInt8] = []
  /// An OBU whose end has not come.
  private var open: [UInt8]?
  private var isKey = false

  var hasPicture: Bool { !bytes.isEmpty }

  mutating func add(_ payload: Span<UInt8>) -> Bool {
    guard payload.count > 1 else { return false }
    let header = payload[0]
    let (continues, isContinued, count) = (header & 0x80 != 0, header & 0x40 != 0, Int(header >> 4 & 3))
    var (place, number) = (1, 0)
    while place < payload.count {
      number += 1
      var length = payload.count - place
      if count == 0 || number < count {
        guard let (value, size) = Self.length(payload, place) else { return false }
        (length, place) = (value, place + size)
      }
      guard length <= payload.count - place else { return false }
      let part = payload.extracting(place..<place + length)
      place += length
      let isLast = place == payload.count
      add(part, continues: continues && number == 1, isContinued: isContinued && isLast)
      guard count == 0 || number < count || isLast else { return false }
    }
    return true
  }

  private mutating func add(_ part: Span<UInt8>, continues: Bool, isContinued: Bool) {
    if continues {
      guard open != nil else { return }
    } else {
      open = []
    }
    for index in part.indices { open?.append(part[index]) }
    guard !isContinued, let whole = open else { return }
    close(whole)
    open = nil
  }

  /// Writes an OBU down with its size.
  private mutating func close(_ unit: [UInt8]) {
    guard let header = unit.first else { return }
    let type = header >> 3 & 0xF
    // Delimiters and tile lists are not to be sent.
    guard type != 2, type != 8 else { return }
    if type == 1 { isKey = true }
    let headerSize = header & 0x04 != 0 ? 2 : 1
    guard unit.count >= headerSize else { return }
    guard header & 0x02 == 0 else {
      bytes += unit
      return
    }
    bytes.append(header | 0x02)
    bytes += unit[1..<headerSize]
    bytes += Self.bytes(ofLength: unit.count - headerSize)
    bytes += unit[headerSize...]
  }

  mutating func lose() { open = nil }

  mutating func finish() -> (bytes: [UInt8], isKey: Bool) {
    defer { (bytes, open, isKey) = ([], nil, false) }
    return (bytes.isEmpty ? [] : Self.delimiter + bytes, isKey)
  }

  /// A number in base 128, the least digits first, and the bytes that it takes.
  private static func length(_ bytes: Span<UInt8>, _ place: Int) -> (value: Int, size: Int)? {
    var value = 0
    for size in 1...8 {
      guard place + size <= bytes.count else { return nil }
      let byte = bytes[place + size - 1]
      value |= Int(byte & 0x7F) << (7 * (size - 1))
      if byte & 0x80 == 0 { return (value, size) }
    }
    return nil
  }

  private static func bytes(ofLength value: Int) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    repeat {
      bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }
}
