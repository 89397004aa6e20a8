internal import Base
internal import Catalog
internal import Crypto
internal import Objects

/// Addresses that show something of one event to whoever has them, without a key, until they expire.
public struct LinkSigner: Sendable, Hashable {
  public enum Part: String, Sendable, Hashable, CaseIterable {
    case snapshot, clip

    /// Whether an event has it, or will have it a moment behind its end.
    func isThere(of event: StreamEvent) -> Bool {
      switch self {
      case .snapshot: event.snapshot != nil
      case .clip: event.keepsClip
      }
    }
  }

  /// For how long they hold where nothing else is said.
  public static let usualSeconds = 7 * 86_400

  private let key: [UInt8]
  /// What they begin with: `https://cameras.example`.
  private let origin: String
  /// For how long they hold.
  let seconds: Int

  init(key: [UInt8], origin: String, seconds: Int) { (self.key, self.origin, self.seconds) = (key, origin, seconds) }

  func address(of event: StreamEvent, _ part: Part, expires: Int) -> String {
    let path = Self.path(event.id.text, part)
    let code = code(path, client: event.client, expires: expires)
    return "\(origin)\(path)?client=\(PercentEncoding.encode(event.client))&expires=\(expires)&signature=\(code)"
  }

  /// Whether an address is one of ours that holds at a moment in seconds since 1970.
  func holds(_ event: String, _ part: Part, client: String, expires: Int, signature: String, at now: Int) -> Bool {
    let code = code(Self.path(event, part), client: client, expires: expires)
    return Secret.isEqual(Array(code.utf8), Array(signature.utf8)) && now < expires
  }

  private static func path(_ event: String, _ part: Part) -> String { "/v1/links/\(event)/\(part.rawValue)" }

  private func code(_ path: String, client: String, expires: Int) -> String {
    Hex.text(HMACSHA256.code(of: Array("\(path)\n\(client)\n\(expires)".utf8), key: key))
  }
}
