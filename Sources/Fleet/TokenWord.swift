public import Base

/// What the bearer of an enrolment token gets: one word that names the node, says a secret, and pins the key of the centre's door.
///
/// `rn_` and base64url of a number of the format (1), 20 bytes of secret, 32 of the pin, and the name.
public struct TokenWord: Sendable, Hashable {
  public let name: NodeName
  /// 20 bytes, which cannot be guessed.
  public let secret: [UInt8]
  /// SHA-256 of the door's public key (SubjectPublicKeyInfo, DER), 32 bytes.
  public let pin: [UInt8]

  static let secretByteCount = 20
  private static let pinByteCount = 32
  private static let prefix = "rn_"
  private static let format: UInt8 = 1

  public init(name: NodeName, secret: [UInt8], pin: [UInt8]) {
    precondition(secret.count == Self.secretByteCount && pin.count == Self.pinByteCount, "parts of other lengths")
    (self.name, self.secret, self.pin) = (name, secret, pin)
  }

  public var text: String {
    let plain = Base64.encode([Self.format] + secret + pin + Array(name.text.utf8))
    let letters = plain.utf8.compactMap { byte -> UInt8? in
      switch byte {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: byte
      }
    }
    return Self.prefix + String(decoding: letters, as: UTF8.self)
  }

  /// Reads a word, whatever blanks and line ends stand around it.
  ///
  /// - Throws: `badInput`, in a sentence that does not have the word in it.
  public init(_ text: String) throws(Fault) {
    let words = text.split { $0.isWhitespace }
    let unfit = Fault(
      .badInput,
      "this is no token of 'ridley edge token', which is one word that begins with \(Self.prefix): it may have been cut off"
    )
    guard words.count == 1, words[0].hasPrefix(Self.prefix), words[0].utf8.count <= 512 else { throw unfit }
    var letters = words[0].utf8.dropFirst(Self.prefix.utf8.count).map { byte in
      byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
    }
    while letters.count % 4 != 0 { letters.append(UInt8(ascii: "=")) }
    guard let bytes = Base64.decode(String(decoding: letters, as: UTF8.self)), bytes.first == Self.format,
      bytes.count > 1 + Self.secretByteCount + Self.pinByteCount
    else { throw unfit }
    let (secret, rest) = (bytes[1...].prefix(Self.secretByteCount), bytes.dropFirst(1 + Self.secretByteCount))
    let name = String(decoding: rest.dropFirst(Self.pinByteCount), as: UTF8.self)
    guard NodeName.isValid(name) else { throw unfit }
    self.init(
      name: try NodeName(name), secret: Array(secret), pin: Array(rest.prefix(Self.pinByteCount)))
  }
}
