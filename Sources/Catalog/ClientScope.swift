/// Whose items a caller may see and change: the one place where clients are compared.
public enum ClientScope: Sendable, Hashable {
  /// Those of one client.
  case client(String)
  /// Everything: the owner of the machine, at its command line or at a server that asks for no key.
  case all

  public func covers(_ client: String) -> Bool {
    switch self {
    case .client(let own): own.utf8.elementsEqual(client.utf8)
    case .all: true
    }
  }
}
