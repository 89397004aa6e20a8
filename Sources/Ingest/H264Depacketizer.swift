/// H.264 over RTP (RFC 6184): single units, those of one time together (STAP-A), and parts of one (FU-A).
struct H264Depacketizer: Depacketizer {
  private var units = UnitCollector()
  private var isKey = false

  mutating func add(_ payload: Span<UInt8>) -> Bool {
    guard !payload.isEmpty else { return false }
    let header = payload[0]
    switch header & 0x1F {
    case 1...23:
      note(header & 0x1F)
      units.begin([], payload, isWhole: true)
      return true
    case 24:
      return eachUnit(of: payload.extracting(1...)) { unit in
        note(unit[0] & 0x1F)
        units.begin([], unit, isWhole: true)
      }
    case 28:
      guard payload.count > 2 else { return false }
      let (part, body) = (payload[1], payload.extracting(2...))
      guard part & 0x80 != 0 else { return units.go(on: body, isLast: part & 0x40 != 0) }
      note(part & 0x1F)
      units.begin([header & 0xE0 | part & 0x1F], body, isWhole: part & 0x40 != 0)
      return true
    default: return false
    }
  }

  mutating func lose() { units.drop() }

  mutating func finish() -> (bytes: [UInt8], isKey: Bool) {
    defer { isKey = false }
    return (units.finish(), isKey)
  }

  /// A picture that stands alone, or the parameters that come before one.
  private mutating func note(_ type: UInt8) { isKey = isKey || type == 5 || type == 7 }
}

/// HEVC over RTP (RFC 7798): single units, aggregation packets, fragmentation units; without decoding order numbers.
struct HEVCDepacketizer: Depacketizer {
  private var units = UnitCollector()
  private var isKey = false

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
    defer { isKey = false }
    return (units.finish(), isKey)
  }

  /// A random access point (ITU-T H.265, table 7-1).
  private mutating func note(_ type: UInt8) { isKey = isKey || (16...21).contains(type) }
}
