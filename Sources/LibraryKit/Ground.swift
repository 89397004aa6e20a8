import Base
import Bus
import Catalog
import Foundation
import Library
import Objects
import Store
import TestKit

/// The place of one library, which nobody else has: a folder, or a schema, a part of a bucket and a part of Redis.
public final class Ground: Sendable {
  public let parts: Parts
  /// Gone with the ground.
  public let folder = TemporaryFolder()
  /// What the library is called in the engines.
  private let name: String

  public init(_ parts: Parts) throws {
    self.parts = parts
    name = parts == .shared ? try PostgreSQLServer.shared.get().schemaName() : ""
  }

  /// Opens the table once more, as another process does.
  public func table() throws -> any Table {
    switch parts {
    case .embedded:
      var settings = SQLiteTable.Settings()
      settings.isDurable = false
      try FileSystem.makeFolder(folder.file("lib"))
      return try SQLiteTable(folder.file("lib/library.db"), schema: LibrarySchema.table, settings: settings)
    case .shared:
      var settings = PostgreSQLTable.Settings()
      settings.schemaName = name
      return try PostgreSQLTable(
        try PostgreSQLServer.shared.get().address(), schema: LibrarySchema.table, settings: settings)
    }
  }

  /// Opens the library once more, as another process does; of the shared parts, on a host whose folder is called so.
  ///
  /// Over a table that is given, or one of its own.
  public func library(
    on host: String = "lib", over table: (any Table)? = nil, bucket: S3ObjectStore? = nil,
    clock: @escaping @Sendable () -> Int = { Int(Clock.seconds * 1000) }
  ) throws -> Library {
    let table = try table ?? self.table()
    switch parts {
    case .embedded: return try Library(folder.file("lib"), table: table, clock: clock)
    case .shared:
      let bucket = try bucket ?? self.bucket(of: host)
      return try Library(sharing: table, bucket, workingIn: folder.file(host), clock: clock)
    }
  }

  /// The library's part of the bucket, as a host has it, whose clock may be wrong by some seconds.
  public func bucket(of host: String = "lib", late seconds: Int = 0) throws -> S3ObjectStore {
    guard let server = S3Server.shared else { throw Fault(.unavailable, "there is no S3 service") }
    var ways = S3Client.Settings()
    ways.clock = { Clock.date - seconds }
    let client = S3Client(
      try S3Address("s3://\(S3Server.bucket)/\(name)", environment: server.environment),
      S3Credentials(accessKey: S3Server.accessKey, secret: S3Server.secret), settings: ways)
    try Self.bucket.get()
    var settings = S3ObjectStore.Settings()
    settings.reserve = 0
    let scratch = folder.file("\(host)/bucket")
    try FileSystem.makeFolder(scratch)
    let bucket = try S3ObjectStore(client, scratch: scratch, settings: settings)
    try bucket.check()
    return bucket
  }

  /// Made once.
  private static let bucket = Result {
    guard let server = S3Server.shared else { return }
    let address = try S3Address("s3://\(S3Server.bucket)", environment: server.environment)
    try S3Client(address, S3Credentials(accessKey: S3Server.accessKey, secret: S3Server.secret)).makeBucket()
  }

  /// Opens the bus once more; without a clock the shared one goes by its server's.
  public func bus(_ clock: BusClock? = nil) throws -> any Bus {
    switch parts {
    case .embedded:
      let path = folder.file("lib/library.db")
      return if let clock { try SQLiteBus(path, clock: clock) } else { try SQLiteBus(path) }
    case .shared:
      let address = try Parts.redis.get().address + "?prefix=\(name)"
      return try RedisBus(address, clock: clock)
    }
  }
}
