internal import Glibc

/// The name of a server, asked of the resolver.
struct HostName {
  private let name: String

  /// `host` may have a port.
  init(_ host: String) {
    name =
      host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" }) : String(host.prefix { $0 != ":" })
  }

  /// Nobody has such a name, or no address goes with it; `false` also where the resolver itself does not answer.
  ///
  /// Asks anew, and so may wait for the resolver.
  var isUnknown: Bool {
    var found = unsafe UnsafeMutablePointer<addrinfo>?.none
    let status = unsafe getaddrinfo(name, nil, nil, &found)
    if status == 0 { unsafe freeaddrinfo(found) }
    return Self.isUnknown(status)
  }

  /// What a status of `getaddrinfo` says; -5 is glibc's `EAI_NODATA`.
  static func isUnknown(_ status: CInt) -> Bool { status == EAI_NONAME || status == -5 }
}
