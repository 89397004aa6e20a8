/// FNV-1a, 64 bits (Fowler, Noll, Vo): the same in every process, against accidents; gives no rights and keeps no secret.
package enum Fingerprint {
  package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Of texts in their order; none of them holds NUL.
  package static func of(_ texts: [String]) -> UInt64 { of(texts.flatMap { Array($0.utf8) + [0] }) }

  /// The lowest byte first.
  package static func bytes(of number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
