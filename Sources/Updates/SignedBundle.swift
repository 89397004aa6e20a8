public import Base
public import Crypto

/// A bundle as it travels and lies on disks: one line with the key and the signature, then the bundle's text.
public struct SignedBundle: Sendable {
  /// The public key by whose owner it is signed, as 64 hexadecimal digits.
  public let key: String
  private let signature: [UInt8]
  private let text: [UInt8]

  private static let mark = "ridley-bundle-1"
  private static let mostHeadBytes = 256

  /// Signs a bundle.
  public init(_ bundle: Bundle, with key: Ed25519.PrivateKey) throws(Fault) {
    let message = try Self.message(of: bundle)
    (text, signature) = (bundle.json, try key.signature(of: message))
    self.key = Hex.text(try key.publicKey.bytes)
  }

  /// The bytes that are signed of a bundle: a line with the format, then the bundle's text.
  public static func message(of bundle: Bundle) throws(Fault) -> [UInt8] {
    let text = bundle.json
    guard text.count <= Bundle.mostBytes else {
      throw Fault(
        .tooLarge,
        "the bundle has \(text.count) bytes, and \(Bundle.mostBytes) are taken: shorten the texts of its pipelines")
    }
    return signed(text)
  }

  /// A bundle that was signed elsewhere: what ``message(of:)`` gave, and its signature of 64 bytes.
  ///
  /// - Throws: `denied` where the owner of none of these keys signed it.
  public init(message: [UInt8], signature: [UInt8], trusting keys: [Ed25519.PublicKey]) throws(Fault) {
    guard let key = keys.first(where: { $0.isSignature(signature, of: message) }) else {
      throw Fault(
        .denied,
        "this is no signature of this bundle by a key of 'bundle-keys' in the configuration of the centre's server (\(keys.count)): no node would take it"
      )
    }
    text = try Self.text(ofMessage: message)
    (self.key, self.signature) = (Hex.text(key.bytes), signature)
  }

  /// The bundle in the bytes that are signed of it, whoever signs them.
  public static func bundle(ofMessage message: [UInt8]) throws(Fault) -> Bundle {
    try Bundle(text(ofMessage: message), name: "the bundle")
  }

  private static func text(ofMessage message: [UInt8]) throws(Fault) -> [UInt8] {
    let head = signed([])
    guard message.starts(with: head) else {
      throw Fault(
        .badInput, "this is no bundle that waits to be signed: it does not begin with the line '\(mark)'")
    }
    return Array(message.dropFirst(head.count))
  }

  /// Reads what ``bytes`` gave; whether the signature is one is not looked at here.
  public init(_ bytes: [UInt8]) throws(Fault) {
    guard let end = bytes.prefix(Self.mostHeadBytes).firstIndex(of: UInt8(ascii: "\n")) else { throw Self.none }
    let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == Self.mark, SHA256.bytes(ofHex: String(words[1])) != nil,
      let signature = Hex.bytes(String(words[2])), signature.count == Ed25519.signatureByteCount
    else { throw Self.none }
    guard bytes.count - end - 1 <= Bundle.mostBytes else { throw Fault(.tooLarge, "the bundle is too long to be one") }
    (key, self.signature, text) = (String(words[1]), signature, Array(bytes[(end + 1)...]))
  }

  private static var none: Fault {
    Fault(.denied, "these bytes are no signed bundle: it is unsigned, cut off in its first line, or something else")
  }

  public var bytes: [UInt8] { Array("\(Self.mark) \(key) \(Hex.text(signature))\n".utf8) + text }

  private static func signed(_ text: [UInt8]) -> [UInt8] { Array("\(mark)\n".utf8) + text }

  /// The bundle, where the owner of one of these keys signed it; nothing of it is read before that is known.
  ///
  /// - Throws: `denied` where it was signed by others, or changed or cut off since; `badInput` where it is no bundle that this program understands.
  public func bundle(trusting keys: [Ed25519.PublicKey]) throws(Fault) -> Bundle {
    guard let trusted = keys.first(where: { Hex.text($0.bytes) == key }) else {
      throw Fault(
        .denied,
        "the bundle is signed by the key that begins with \(key.prefix(16)), and that is none of those that were pinned when this node enrolled"
      )
    }
    guard trusted.isSignature(signature, of: Self.signed(text)) else {
      throw Fault(.denied, "the bundle is not as it was signed: it was changed, or cut off on its way")
    }
    return try Bundle(text, name: "the bundle")
  }

  /// The bundle without a look at the signature, for those who have looked before they wrote it down.
  public func unchecked() throws(Fault) -> Bundle { try Bundle(text, name: "the bundle") }
}
