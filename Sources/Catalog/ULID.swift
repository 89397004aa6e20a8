/// An id that sorts by the moment it was made: 48 bits of milliseconds since 1970, then 80 random ones.
///
/// Text of 26 characters in Crockford's base 32, capitals (github.com/ulid/spec). The random part makes it impossible to guess.
public struct ULID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String

  public init(milliseconds: Int, using random: inout some RandomNumberGenerator) {
    var characters: [UInt8] = []
    let time = UInt64(min(max(milliseconds, 0), 1 << 48 - 1))
    for shift in stride(from: 45, through: 0, by: -5) { characters.append(Self.alphabet[Int(time >> shift) & 31]) }
    for _ in 0..<16 { characters.append(Self.alphabet[Int.random(in: 0..<32, using: &random)]) }
    text = String(decoding: characters, as: UTF8.self)
  }

  /// `nil` for any other text than one in capitals that ``init(milliseconds:using:)`` can give.
  public init?(_ text: String) {
    guard text.utf8.count == 26, let first = text.utf8.first, first <= UInt8(ascii: "7"),
      text.utf8.allSatisfy({ Self.values[Int($0)] < 32 })
    else { return nil }
    self.text = text
  }

  /// The moment it was made, in milliseconds since 1970.
  public var milliseconds: Int {
    text.utf8.prefix(10).reduce(0) { $0 << 5 | Int(Self.values[Int($1)]) }
  }

  /// All of its bits.
  public var number: UInt128 {
    text.utf8.reduce(0) { $0 << 5 | UInt128(Self.values[Int($1)]) }
  }

  public var description: String { text }
  public static func < (a: ULID, b: ULID) -> Bool { a.text < b.text }

  /// Pattern of the text, for descriptions.
  public static let pattern = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"

  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// What each byte stands for, 32 where it is none of the alphabet.
  private static let values = (UInt8.min...UInt8.max).map { UInt8(alphabet.firstIndex(of: $0) ?? 32) }
}
