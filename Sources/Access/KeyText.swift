/// What a key looks like: `rk_`, a public id of 8 letters, `_`, a secret of 32, of an alphabet of 32 that is hard to misread.
///
/// 32 letters of 5 bits make 160 bits, which cannot be guessed, so a plain hash protects the file of keys.
enum KeyText {
  static let prefix = "rk_"
  static let idLength = 8
  static let secretLength = 32
  static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
  static let length = prefix.utf8.count + idLength + 1 + secretLength

  /// The id in a text that has the form of a key.
  static func id(of text: String) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count == length, text.hasPrefix(prefix) else { return nil }
    let (id, secret) = (bytes[3..<(3 + idLength)], bytes[(4 + idLength)...])
    guard bytes[3 + idLength] == UInt8(ascii: "_"), isMadeOfLetters(id), isMadeOfLetters(secret) else { return nil }
    return String(decoding: id, as: UTF8.self)
  }

  static func isID(_ text: String) -> Bool { text.utf8.count == idLength && isMadeOfLetters(text.utf8) }

  static func word(_ length: Int, using random: inout some RandomNumberGenerator) -> String {
    String(decoding: (0..<length).map { _ in alphabet.randomElement(using: &random)! }, as: UTF8.self)
  }

  private static func isMadeOfLetters(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.allSatisfy { alphabet.contains($0) }
  }
}
