/// Packets of VP8, VP9 and AV1, whose frames leave the decoder in the order of the packets.
///
/// Every picture of VP8 and VP9 may leave probabilities for the next one, so none of them counts as droppable.
enum VPxAV1Headers {
  /// RFC 6386, 9.1.
  static func vp8(_ bytes: Span<UInt8>) -> CodedPicture? {
    guard bytes.count > 3 else { return nil }
    let isKey = bytes[0] & 1 == 0
    return CodedPicture(isEntry: isKey, isKey: isKey, isShown: bytes[0] & 0x10 != 0)
  }

  /// VP9 bitstream specification, 7.2, and annex B for several frames in one packet.
  static func vp9(_ bytes: Span<UInt8>) -> CodedPicture? {
    var (start, shown, first) = (0, 0, CodedPicture?.none)
    for size in vp9Sizes(bytes) {
      guard size > 0, start + size <= bytes.count else { return nil }
      guard let frame = vp9Frame(bytes.extracting(start..<start + size)) else { return nil }
      first = first ?? frame
      shown += frame.isShown ? 1 : 0
      start += size
    }
    guard var picture = first, shown < 2 else { return nil }
    picture.isShown = shown == 1
    return picture
  }

  /// Sizes of the frames in a packet.
  private static func vp9Sizes(_ bytes: Span<UInt8>) -> [Int] {
    let last = bytes.count - 1
    let marker = Int(bytes[last])
    guard marker & 0xE0 == 0xC0 else { return [bytes.count] }
    let (width, count) = ((marker >> 3 & 3) + 1, (marker & 7) + 1)
    let header = last - 1 - width * count
    guard header >= 0, Int(bytes[header]) == marker else { return [bytes.count] }
    return (0..<count).map { frame in
      (0..<width).reduce(0) { $0 | Int(bytes[header + 1 + frame * width + $1]) << (8 * $1) }
    }
  }

  private static func vp9Frame(_ bytes: Span<UInt8>) -> CodedPicture? {
    var cursor = BitCursor()
    guard cursor.bits(2, bytes) == 2 else { return nil }
    let profile = cursor.bits(1, bytes) | cursor.bits(1, bytes) << 1
    if profile == 3 { _ = cursor.bit(bytes) }
    if cursor.bit(bytes) { return CodedPicture() }
    let isKey = !cursor.bit(bytes)
    let isShown = cursor.bit(bytes)
    return CodedPicture(isEntry: isKey, isKey: isKey, isShown: isShown)
  }

  /// AV1 bitstream specification, 5.3 to 5.9; one shown frame in a packet, or none.
  static func av1(_ bytes: Span<UInt8>) -> CodedPicture? {
    var cursor = BitCursor()
    var (shown, picture, isStill) = (0, CodedPicture?.none, false)
    while cursor.byte < bytes.count {
      _ = cursor.bit(bytes)
      let type = cursor.bits(4, bytes)
      let (isExtended, hasSize) = (cursor.bit(bytes), cursor.bit(bytes))
      _ = cursor.bit(bytes)
      if isExtended { _ = cursor.bits(8, bytes) }
      let size = hasSize ? leb128(&cursor, bytes) : bytes.count - cursor.byte
      let end = cursor.byte + size
      guard size >= 0, end <= bytes.count else { return nil }
      if type == 1 { isStill = cursor.bits(5, bytes) & 1 == 1 }
      if type == 3 || type == 6 {
        let frame = isStill ? CodedPicture(isEntry: true, isKey: true) : av1Frame(&cursor, bytes)
        picture = picture ?? frame
        shown += frame.isShown ? 1 : 0
      }
      cursor = BitCursor(at: end)
    }
    guard var picture, shown < 2 else { return nil }
    // A key frame that is shown only later is no place to begin at.
    if picture.isEntry, !picture.isShown { (picture.isEntry, picture.isKey) = (false, false) }
    picture.isShown = shown == 1
    return picture
  }

  private static func av1Frame(_ cursor: inout BitCursor, _ bytes: Span<UInt8>) -> CodedPicture {
    if cursor.bit(bytes) { return CodedPicture() }
    let isKey = cursor.bits(2, bytes) == 0
    return CodedPicture(isEntry: isKey, isKey: isKey, isShown: cursor.bit(bytes))
  }

  private static func leb128(_ cursor: inout BitCursor, _ bytes: Span<UInt8>) -> Int {
    var value = 0
    for place in 0..<8 {
      let byte = cursor.bits(8, bytes)
      value |= (byte & 0x7F) << (7 * place)
      if byte & 0x80 == 0 { break }
    }
    return value
  }
}
