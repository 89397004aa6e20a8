internal import CFFmpeg

/// Looks into MPEG-TS for the moment at which its table says that other streams come: FFmpeg's demuxer believes the first one for ever.
public struct ProgramWatch {
  private static let size = 188

  /// What is no whole packet yet.
  private var rest: [UInt8] = []
  private var table: UInt16?
  private var known: [UInt8]?

  public init() {}

  /// Takes in the next bytes, wherever they are cut; whether another table came with them.
  public mutating func take(_ bytes: [UInt8]) -> Bool {
    rest += bytes
    var (place, isOther) = (0, false)
    while place + Self.size <= rest.count {
      guard rest[place] == 0x47 else {
        place += 1
        continue
      }
      if look(at: Array(rest[place..<place + Self.size])) { isOther = true }
      place += Self.size
    }
    rest.removeFirst(place)
    return isOther
  }

  /// ISO/IEC 13818-1: the program association section is at 0, and says where the map of a program is.
  private mutating func look(at packet: [UInt8]) -> Bool {
    let number = UInt16(packet[1] & 0x1F) << 8 | UInt16(packet[2])
    guard packet[1] & 0x40 != 0, packet[3] & 0x10 != 0, number == 0 || number == table else { return false }
    let start = packet[3] & 0x20 == 0 ? 4 : 5 + Int(packet[4])
    guard start < Self.size, let section = section(packet, start + 1 + Int(packet[start])) else { return false }
    if number == 0 {
      // Program 0 is no program.
      let entries = stride(from: 8, to: section.count - 7, by: 4)
      if section[0] == 0, let entry = entries.first(where: { section[$0] | section[$0 + 1] != 0 }) {
        table = UInt16(section[entry + 2] & 0x1F) << 8 | UInt16(section[entry + 3])
      }
      return false
    }
    guard section[0] == 2 else { return false }
    defer { known = section }
    return known != nil && known != section
  }

  /// A whole section of one packet, whose checksum is right.
  private func section(_ packet: [UInt8], _ start: Int) -> [UInt8]? {
    guard start + 12 <= packet.count else { return nil }
    let end = start + 3 + Int(packet[start + 1] & 0x0F) << 8 + Int(packet[start + 2])
    guard end <= packet.count, end >= start + 12 else { return nil }
    let section = Array(packet[start..<end])
    let sum = unsafe av_crc(av_crc_get_table(AV_CRC_32_IEEE), UInt32.max, section, section.count)
    return sum == 0 ? section : nil
  }
}
