/// H.264 over RTP (RFC 6184): single units, those of one time together (STAP-A), and parts of one (FU-A).
struct H264Depacketizer: Depacketizer {
  private var units = UnitCollector()
  /// Of the picture at hand: it has parameters, and slices, all of which stand alone.
  private var (hasParameters, isInstant, isIntra) = (false, false, true)
  private(set) var hasPicture = false

  mutating func add(_ payload: Span<UInt8>) -> Bool {
    guard !payload.isEmpty else { return false }
    let header = payload[0]
    switch header & 0x1F {
    case 1...23:
      note(header & 0x1F, payload.extracting(1...))
      units.begin([], payload, isWhole: true)
      return true
    case 24:
      return eachUnit(of: payload.extracting(1...)) { unit in
        note(unit[0] & 0x1F, unit.extracting(1...))
        units.begin([], unit, isWhole: true)
      }
    case 28:
      guard payload.count > 2 else { return false }
      let (part, body) = (payload[1], payload.extracting(2...))
      guard part & 0x80 != 0 else { return units.go(on: body, isLast: part & 0x40 != 0) }
      note(part & 0x1F, body)
      units.begin([header & 0xE0 | part & 0x1F], body, isWhole: part & 0x40 != 0)
      return true
    default: return false
    }
  }

  mutating func lose() { units.drop() }

  mutating func finish() -> (bytes: [UInt8], isKey: Bool) {
    defer { (hasParameters, isInstant, isIntra, hasPicture) = (false, false, true, false) }
    return (units.finish(), hasPicture && (isInstant || hasParameters && isIntra))
  }

  func goesOn(with payload: Span<UInt8>) -> Bool? {
    guard payload.count > 1 else { return nil }
    switch payload[0] & 0x1F {
    case 1, 5: return !Slice(payload.extracting(1...)).isFirst
    case 28 where payload.count > 2:
      guard payload[1] & 0x80 != 0 else { return true }
      return [1, 5].contains(payload[1] & 0x1F) ? !Slice(payload.extracting(2...)).isFirst : nil
    case 6...9, 24: return false
    default: return nil
    }
  }

  /// A picture that stands alone is an instant one, or one of intra slices with parameters before them.
  private mutating func note(_ type: UInt8, _ body: Span<UInt8>) {
    switch type {
    case 5: (isInstant, hasPicture) = (true, true)
    case 7: hasParameters = true
    case 1...4:
      hasPicture = true
      if type == 1 { isIntra = isIntra && Slice(body).isIntra }
    default: break
    }
  }

  /// The first two numbers of a slice (ITU-T H.264, 7.3.3): where it begins, and of what kind it is.
  private struct Slice {
    let isFirst: Bool
    let isIntra: Bool

    init(_ body: Span<UInt8>) {
      var bits = LeadingBits(body)
      isFirst = bits.number() == 0
      isIntra = [2, 4, 7, 9].contains(bits.number() ?? 0)
    }
  }
}

/// Numbers of variable length at the beginning of a unit (ITU-T H.264, 9.1).
private struct LeadingBits {
  private let bits: UInt64
  private var place = 0

  init(_ body: Span<UInt8>) {
    bits = (0..<8).reduce(0) { $0 << 8 | UInt64($1 < body.count ? body[$1] : 0) }
  }

  /// `nil` where it does not end within eight bytes.
  mutating func number() -> Int? {
    let zeros = (bits << UInt64(place)).leadingZeroBitCount
    guard place + 2 * zeros + 1 <= 64, zeros < 32 else { return nil }
    defer { place += 2 * zeros + 1 }
    return Int((bits << UInt64(place + zeros)) >> UInt64(63 - zeros)) - 1
  }
}

/// HEVC over RTP (RFC 7798): single units, aggregation packets, fragmentation units; without decoding order numbers.
struct HEVCDepacketizer: Depacketizer {
  private var units = UnitCollector()
  private var isKey = false
  private(set) var hasPicture = false

  mutating func add(_ payload: Span<UInt8>) -> Bool {
    guard payload.count > 2 else { return false }
    let type = payload[0] >> 1 & 0x3F
    switch type {
    case 0...47:
      note(type)
      units.begin([], payload, isWhole: true)
      return true
    case 48:
      return eachUnit(of: payload.extracting(2...)) { unit in
        note(unit[0] >> 1 & 0x3F)
        units.begin([], unit, isWhole: true)
      }
    case 49:
      guard payload.count > 3 else { return false }
      let (part, body) = (payload[2], payload.extracting(3...))
      guard part & 0x80 != 0 else { return units.go(on: body, isLast: part & 0x40 != 0) }
      note(part & 0x3F)
      units.begin([payload[0] & 0x81 | part << 1 & 0x7E, payload[1]], body, isWhole: part & 0x40 != 0)
      return true
    default: return false
    }
  }

  mutating func lose() { units.drop() }

  mutating func finish() -> (bytes: [UInt8], isKey: Bool) {
    defer { (isKey, hasPicture) = (false, false) }
    return (units.finish(), isKey)
  }

  func goesOn(with payload: Span<UInt8>) -> Bool? {
    guard payload.count > 3 else { return nil }
    // A slice says with its first bit whether it is the first of its picture.
    switch payload[0] >> 1 & 0x3F {
    case 0...31: return payload[2] & 0x80 == 0
    case 49:
      guard payload[2] & 0x80 != 0 else { return true }
      return payload[2] & 0x3F < 32 ? payload[3] & 0x80 == 0 : nil
    case 32...35, 39, 48: return false
    default: return nil
    }
  }

  /// A random access point (ITU-T H.265, table 7-1).
  private mutating func note(_ type: UInt8) {
    isKey = isKey || (16...21).contains(type)
    hasPicture = hasPicture || type < 32
  }
}
