internal import Crypto

/// Which keys belong to a share: the same keys wherever and whenever it is asked, and those of a smaller share are in every larger one.
public struct RolloutShare: Sendable, Hashable {
  private let salt: String

  /// What is chosen for one thing says nothing of what is chosen for the other.
  public enum Purpose: String, Sendable { case canary, shadow }

  public init(model: String, rollout: String, _ purpose: Purpose) { salt = "\(purpose.rawValue)/\(model)/\(rollout)/" }

  /// Where a key stands between 0 and 1, 1 left out: by the first 53 bits of the SHA-256 of model, rollout and key.
  public func point(_ key: String) -> Double {
    var digest = SHA256()
    digest.update(Array((salt + key).utf8))
    let bits = digest.finishBytes().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 11
    return Double(bits) / Double(1 << 53)
  }

  /// Whether a key is in a share of 0 to 1.
  public func has(_ key: String, _ share: Double) -> Bool { share > 0 && (share >= 1 || point(key) < share) }
}
