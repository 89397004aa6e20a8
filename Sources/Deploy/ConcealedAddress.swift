internal import Base
internal import Crypto

/// Addresses that are secrets, as those of many webhooks are: servers show them, and plans and what is written down do not.
///
/// They are told by where they lead to, and by what they are known again.
enum ConcealedAddress {
  private static let mark = "/…#"

  static func text(_ address: String) -> String {
    let scheme = address.firstRange(of: "://").map { address[..<$0.upperBound] } ?? ""
    let host = address.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    return "\(scheme)\(host)\(mark)\(SHA256.hex(of: Array(address.utf8)).prefix(16))"
  }

  static func isOne(_ fields: ThingFields) -> Bool { fields.string("address")?.contains(mark) ?? false }
}

extension DeployState {
  /// Targets whose addresses are secrets: as they were applied, and as a blueprint has them.
  func concealed(_ site: Site? = nil) -> Set<ThingKey> {
    let wanted = site?.things.filter { $0.key.kind == .target && ConcealedAddress.isOne($0.fields) }.map(\.key) ?? []
    return Set(things.filter { $0.key.kind == .target && ConcealedAddress.isOne($0.value.fields) }.keys).union(wanted)
  }
}
