internal import Base
internal import Crypto

/// What is kept of a key: everything but the key.
public struct AccessKey: Sendable, Hashable {
  /// Names the key in lists and logs.
  public let id: String
  public let client: String
  /// The person it is for, where one was named.
  public let user: String?
  public let scopes: Scopes
  /// SHA-256 of the whole text of the key.
  let hash: [UInt8]
  /// The last four letters, by which its owner knows it again.
  public let tail: String
  /// `nil` where nothing limits it.
  public let rate: Rate?
  /// Seconds since 1970.
  public let created: Int
  /// The first second at which it is not taken any more.
  public let expires: Int?

  public func isExpired(at date: Int) -> Bool { expires.map { date >= $0 } ?? false }

  /// See ``ClientName``.
  public static func isClient(_ text: String) -> Bool { ClientName.isValid(text) }

  /// What a line of text does not show, or what ends one.
  private static let hidden: Set<Unicode.GeneralCategory> = [
    .control, .format, .lineSeparator, .paragraphSeparator,
  ]

  /// A person's name: 1 to 120 bytes, no control characters, and no blank at an end.
  public static func isUser(_ text: String) -> Bool {
    (1...120).contains(text.utf8.count) && text.first != " " && text.last != " "
      && text.unicodeScalars.allSatisfy { !hidden.contains($0.properties.generalCategory) }
  }
}

/// What a new key is asked to be.
public struct KeyRequest: Sendable {
  public var client: String
  public var user: String?
  public var scopes: Scopes
  public var rate: Rate?
  /// Seconds since 1970.
  public var expires: Int?

  public init(client: String, user: String? = nil, scopes: Scopes, rate: Rate? = nil, expires: Int? = nil) {
    (self.client, self.user, self.scopes, self.rate, self.expires) = (client, user, scopes, rate, expires)
  }
}

/// A key as it is at its birth, the only time that its text is known.
public struct NewKey: Sendable {
  public let key: AccessKey
  /// Shown once, to the one who asked for it; never written anywhere.
  public let text: String

  /// `random` is the system's own generator but for tests.
  init(_ request: KeyRequest, at date: Int, using random: inout some RandomNumberGenerator) {
    precondition(AccessKey.isClient(request.client), "a client's name that nobody checked")
    precondition(request.user.map(AccessKey.isUser) ?? true, "a person's name that nobody checked")
    let id = KeyText.word(KeyText.idLength, using: &random)
    text = "\(KeyText.prefix)\(id)_\(KeyText.word(KeyText.secretLength, using: &random))"
    key = AccessKey(
      id: id, client: request.client, user: request.user, scopes: request.scopes, hash: AccessKey.hash(of: text),
      tail: String(text.suffix(4)), rate: request.rate, created: date, expires: request.expires)
  }
}

extension AccessKey {
  static func hash(of text: String) -> [UInt8] {
    var digest = SHA256()
    digest.update(Array(text.utf8))
    return digest.finishBytes()
  }

  func isKept(of text: String) -> Bool { Secret.isEqual(hash, AccessKey.hash(of: text)) }
}
