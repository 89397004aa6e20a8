internal import Base

/// Addresses that are secrets, as those of many webhooks are: servers show them, and plans and what is written down do not.
///
/// They are told by where they lead to, and by what who has the state knows them again.
enum ConcealedAddress {
  private static let mark = "/…#"

  /// Where an address of a webhook leads to: scheme, host and port; `nil` for anything else, of which nothing may be shown.
  static func origin(_ address: String) -> String? {
    let scheme = address.lowercased().hasPrefix("https://") ? 8 : address.lowercased().hasPrefix("http://") ? 7 : 0
    let host = address.dropFirst(scheme).prefix { !"/?#".contains($0) }
    let isHost = host.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || Array("-._:[]".utf8).contains(byte)
    }
    guard scheme > 0, isHost, let first = host.first, first != ":" else { return nil }
    return String(address.prefix(scheme)) + host
  }

  static func text(_ address: String, seal: String) -> String {
    (origin(address) ?? "") + mark + seal.prefix(16)
  }

  static func isOne(_ fields: ThingFields) -> Bool { fields.string("address")?.contains(mark) ?? false }
}

extension DeployState {
  /// Targets whose addresses are secrets: as they were applied, and as a blueprint has them.
  func concealed(_ site: Site? = nil) -> Set<ThingKey> {
    let wanted = site?.things.filter { $0.key.kind == .target && ConcealedAddress.isOne($0.fields) }.map(\.key) ?? []
    return Set(things.filter { $0.key.kind == .target && ConcealedAddress.isOne($0.value.fields) }.keys).union(wanted)
  }

  func conceal(_ address: String, of key: ThingKey) -> String {
    ConcealedAddress.text(address, seal: seal(key, "address", address))
  }
}

extension Site {
  /// With addresses that are secrets as this state knows them again.
  func sealed(by state: DeployState) -> Site {
    var site = self
    for (index, thing) in things.enumerated() where thing.key.kind == .target && ConcealedAddress.isOne(thing.fields) {
      guard let address = thing.hidden["address"] else { continue }
      site.things[index].fields.set("address", state.conceal(address, of: thing.key))
    }
    return site
  }
}
