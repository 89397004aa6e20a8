public import Base

/// A session that was signed out before its end.
public struct EndedSession: Sendable, Hashable {
  /// The id of its key.
  public let key: String
  public let nonce: String
  /// When it would have been over anyhow, in seconds since 1970.
  public let expires: Int

  public init(key: String, nonce: String, expires: Int) {
    (self.key, self.nonce, self.expires) = (key, nonce, expires)
  }
}

/// Where it is kept which sessions were signed out, so that they stay so over a restart and for other servers.
///
/// For any thread. Every call may wait for the disk or the network.
public protocol SessionStore: Sendable {
  /// A text that is another one whenever a session was signed out; cheaper than reading them.
  func revision() throws(Fault) -> String

  /// Those that would still be taken at a date in seconds since 1970.
  func ended(at date: Int) throws(Fault) -> [EndedSession]

  /// Keeps one, and may forget those that are over by `date`.
  func end(_ session: EndedSession, at date: Int) throws(Fault)
}
