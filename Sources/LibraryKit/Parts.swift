import TestKit

/// What a library and its tasks stand on.
public enum Parts: CaseIterable, Sendable {
  /// A folder of this machine.
  case embedded
  /// PostgreSQL, a bucket and Redis.
  case shared

  /// Those whose programs are here; each that is missing was told in a line.
  public static let there: [Parts] = {
    let isThere = [PostgreSQLServer.isInstalled, S3Server.isThere, RedisServer.isThere]
    return isThere.allSatisfy { $0 } ? allCases : [.embedded]
  }()

  /// Redis as the tests of jobs need it, which stop no power: its disk is not waited for.
  static let redis = Result { try RedisServer(["--appendonly", "no"]) }
}
