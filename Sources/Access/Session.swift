internal import Base
internal import Crypto

/// What a person's browser is given in exchange for a key: good for twelve hours, or for as long as the key where that is less.
///
/// Nothing is kept of it. Its text is `KEY.EXPIRES.NONCE.MAC`, sealed with HMAC-SHA256 under the key's hash, so that it outlives a restart
/// of the server and ends with its key.
public struct Session: Sendable, Hashable {
  /// Seconds.
  public static let lifetime = 12 * 3600

  /// The key's id.
  public let key: String
  /// The first second since 1970 at which it is not taken any more.
  public let expires: Int
  /// 128 random bits as hexadecimal digits; no other session has the same.
  public let nonce: String
  /// What a page shows beside the session when it changes something: pages of other sites cannot know it.
  public let csrf: String

  /// A new one of a key.
  init(of key: AccessKey, at date: Int, using random: inout some RandomNumberGenerator) {
    let bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    let end = date + Session.lifetime
    self.init(key, expires: key.expires.map { min($0, end) } ?? end, nonce: Hex.text(bytes))
  }

  private init(_ key: AccessKey, expires: Int, nonce: String) {
    (self.key, self.expires, self.nonce) = (key.id, expires, nonce)
    csrf = Hex.text(key.seal("csrf.\(nonce)"))
  }

  /// The text that stands for it.
  func text(of key: AccessKey) -> String {
    let claim = "\(self.key).\(expires).\(nonce)"
    return "\(claim).\(Hex.text(key.seal(claim)))"
  }

  /// The session that a text stands for; `nil` for one that was not sealed under the key whose id it names.
  ///
  /// Whether it is over is not looked at.
  static func read(_ text: String, key find: (String) -> AccessKey?) -> (session: Session, key: AccessKey)? {
    guard text.utf8.count <= 200 else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, KeyText.isID(parts[0]), let expires = Int(parts[1]), String(expires) == parts[1],
      Hex.bytes(parts[2])?.count == 16, let shown = Hex.bytes(parts[3]), let key = find(parts[0]),
      Secret.isEqual(shown, key.seal(parts[0..<3].joined(separator: ".")))
    else { return nil }
    return (Session(key, expires: expires, nonce: parts[2]), key)
  }

  /// Whether a page that shows this belongs to the session.
  func isProven(by token: String?) -> Bool { Secret.isEqual(Array((token ?? "").utf8), Array(csrf.utf8)) }
}

extension AccessKey {
  /// Proves that who wrote a text knows the key's hash, which no answer of a server holds.
  fileprivate func seal(_ text: String) -> [UInt8] { HMACSHA256.code(of: Array(text.utf8), key: hash) }
}

/// What a caller shows of itself.
public enum Credential: Sendable, Hashable {
  case none
  /// The text of a key, or what is given for one.
  case key(String)
  /// The text of a session, with what proves that a page of this server asks.
  case session(String, Proof)

  public enum Proof: Sendable, Hashable {
    /// Nothing is changed, so none is needed.
    case notNeeded
    /// The session's CSRF token, or what is given for one, or none.
    case token(String?)
  }
}
