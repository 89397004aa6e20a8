internal import Base

/// The ports that addresses lead to, as policies of a network have to name them.
struct AddressPorts {
  /// Of TCP.
  private(set) var ports: Set<Int> = []
  /// The port of a secret is not seen: what is usual stands for it.
  private(set) var hasSecret = false
  /// Packets of UDP come by themselves, to ports that no policy here opens.
  private(set) var hasPackets = false

  private static let usual = [
    "postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379, "dynamodb": 443, "s3": 443,
    "rtsp": 554, "rtspu": 554, "rtsps": 322, "rtmp": 1935, "rtmps": 443, "http": 80, "https": 443, "mqtt": 1883,
    "mqtts": 8883,
  ]

  /// `usual` is for addresses that are secrets; paths of films lead nowhere.
  init(_ addresses: [RenderedSite.Address], usual: Int) {
    for address in addresses {
      switch address {
      case .plain(let text): add(text)
      case .variable:
        hasSecret = true
        ports.insert(usual)
      }
    }
  }

  private mutating func add(_ address: String) {
    guard let mark = address.firstRange(of: "://") else { return }
    let (scheme, rest) = (String(address[..<mark.lowerBound]).lowercased(), address[mark.upperBound...])
    if ["udp", "rtspu"].contains(scheme) { hasPackets = true }
    guard let usual = Self.usual[scheme] else { return }
    var hosts = rest.prefix { !"/?#".contains($0) }
    if let user = hosts.lastIndex(of: "@") { hosts = hosts[hosts.index(after: user)...] }
    // PostgreSQL has several hosts in one address, and the port in its query too.
    let told = rest.drop { $0 != "?" }.split { "?&".contains($0) }.first { $0.hasPrefix("port=") }
    let asked = scheme.hasPrefix("postgres") ? told.flatMap { Int($0.dropFirst(5)) } : nil
    for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
      let tail = host.hasPrefix("[") ? host.drop { $0 != "]" }.dropFirst() : host.drop { $0 != ":" }
      ports.insert(Int(tail.dropFirst()) ?? asked ?? usual)
    }
  }
}
