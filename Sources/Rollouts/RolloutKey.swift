internal import Crypto

/// By what a question is sent to one version or the other.
public enum RolloutKey {
  /// The header in which a client says it: what has the same value goes to the same version.
  public static let header = "routing-key"

  /// The digest of what is asked, where nothing is said: the same question goes to the same version.
  public static func of(_ bytes: RawSpan) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }
}
