internal import Base

/// What is in an MP4 film, as players are asked whether they can show it (RFC 6381).
enum CodecName {
  /// From the film's head, as this room writes it.
  static func read(_ head: [UInt8]) throws(Fault) -> String {
    if let bytes = content(of: "avcC", in: head), bytes.count >= 4 {
      return "avc1." + bytes[1...3].map(hex).joined()
    }
    if let bytes = content(of: "hvcC", in: head), bytes.count >= 13 { return hevc(bytes) }
    if let bytes = content(of: "av1C", in: head), bytes.count >= 3 { return av1(bytes) }
    if content(of: "esds", in: head) != nil { return jpeg }
    throw Fault(.unsupported, "browsers play H.264, HEVC and AV1, and no other pictures out of MP4")
  }

  /// JPEG pictures, one after the other, as the register of MPEG-4's objects has them.
  private static let jpeg = "mp4v.6C"

  static func isPlayed(_ codecs: String) -> Bool { codecs != jpeg }

  /// The boxes that hold it lie in others whose contents begin with fields of their own.
  private static func content(of name: String, in head: [UInt8]) -> [UInt8]? {
    let letters = Array(name.utf8)
    guard head.count > 8, let place = (4..<head.count - 4).first(where: { head[$0..<$0 + 4].elementsEqual(letters) })
    else { return nil }
    let length = head[place - 4..<place].reduce(0) { $0 << 8 | Int($1) }
    guard length >= 8, place - 4 + length <= head.count else { return nil }
    return Array(head[place + 4..<place - 4 + length])
  }

  private static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count < 2 ? "0" + text : text
  }

  /// ISO/IEC 14496-15, E.3: profile, its compatible ones with their bits turned round, tier and level, constraints without zeros behind.
  private static func hevc(_ bytes: [UInt8]) -> String {
    let space = ["", "A", "B", "C"][Int(bytes[1] >> 6)]
    var (compatible, turned) = (bytes[2...5].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }, UInt32(0))
    for _ in 0..<32 { (turned, compatible) = (turned << 1 | compatible & 1, compatible >> 1) }
    let tier = bytes[1] & 0x20 == 0 ? "L" : "H"
    var constraints = Array(bytes[6...11])
    while constraints.last == 0 { constraints.removeLast() }
    let words = constraints.map { "." + String($0, radix: 16).uppercased() }.joined()
    return "hvc1.\(space)\(bytes[1] & 0x1f).\(String(turned, radix: 16)).\(tier)\(bytes[12])\(words)"
  }

  /// AV1 codec ISO media file format binding, 5: profile, level, tier and bits a sample.
  private static func av1(_ bytes: [UInt8]) -> String {
    let (profile, level) = (bytes[1] >> 5, bytes[1] & 0x1f)
    let tier = bytes[2] & 0x80 == 0 ? "M" : "H"
    let bits = bytes[2] & 0x40 == 0 ? "08" : bytes[2] & 0x20 == 0 ? "10" : "12"
    return "av01.\(profile).\(level < 10 ? "0" : "")\(level)\(tier).\(bits)"
  }
}
