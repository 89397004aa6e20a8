import Base
import Crypto
import Foundation
import TestKit

@testable import Objects

/// The engines that the suite is held against; another one is another case.
enum Engine: CaseIterable, Sendable {
  case folder
  case s3

  /// Those whose services are here.
  static var there: [Engine] { S3Server.shared == nil ? [.folder] : allCases }

  /// Of the same folder: the same objects, as another process or host has them.
  func open(_ folder: TemporaryFolder, slowly: Bool = false) throws -> any ObjectStore {
    var settings = S3ObjectStore.Settings()
    if slowly { settings.pause = { if Bool.random() { Clock.sleep(until: Clock.now + .random(in: 0...8_000_000)) } } }
    return switch self {
    case .folder: try ObjectFolder(folder.file("o"), reserve: 0)
    case .s3: try s3Store(folder, settings: settings)
    }
  }

  func all(_ store: any ObjectStore) throws -> [ObjectName] {
    switch self {
    case .folder: try ObjectName.shards.flatMap { try (store as! ObjectFolder).list($0) }
    case .s3:
      try pages((store as! S3ObjectStore).client, "objects/").compactMap { S3ObjectStore.name(of: $0) }
    }
  }

  /// Waits until all know of leases that have ended.
  func settle(_ store: any ObjectStore) throws { try (store as? S3ObjectStore)?.settle() }

  /// Puts other bytes in an object's place.
  func damage(_ name: ObjectName, _ store: any ObjectStore) throws {
    switch self {
    case .folder: try FileSystem.write([1, 2, 3], to: (store as! ObjectFolder).file(of: name))
    case .s3:
      let store = store as! S3ObjectStore
      _ = try store.client.put(store.key(of: name), [1, 2, 3])
    }
  }
}

/// All that stands below the store's prefix and this one.
func pages(_ client: S3Client, _ inner: String) throws -> [S3Entry] {
  var entries: [S3Entry] = []
  try client.forEachPage(client.address.key(inner)) { entries += $0.entries }
  return entries
}

/// Keys of the tests have what has to be encoded.
func s3Client(
  _ server: S3Server, _ prefix: String, secret: String = S3Server.secret,
  change: (inout S3Client.Settings) -> Void = { _ in }
) throws -> S3Client {
  var settings = S3Client.Settings()
  change(&settings)
  return S3Client(
    try S3Address("s3://\(S3Server.bucket)/te st+\u{e9}/~\(prefix)", environment: server.environment),
    S3Credentials(accessKey: S3Server.accessKey, secret: secret), settings: settings)
}

func s3Store(
  _ folder: TemporaryFolder, _ server: S3Server? = S3Server.shared, settings: S3ObjectStore.Settings = .init(),
  change: (inout S3Client.Settings) -> Void = { _ in }
) throws -> S3ObjectStore {
  let client = try s3Client(server!, FileSystem.name(of: folder.path), change: change)
  try client.makeBucket()
  var settings = settings
  settings.reserve = 0
  let store = try S3ObjectStore(client, scratch: folder.file("scratch"), settings: settings)
  try store.check()
  return store
}

func bytes(_ count: Int, _ key: Int = 1) -> [UInt8] {
  // What is long is made of one block, numbered: it is made quickly.
  let block = (0..<min(count, 4096)).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 ^ key &* 40_503) >> 9) }
  guard count > block.count else { return block }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + block.count)
  while bytes.count < count {
    bytes += block
    let number = bytes.count / 4096
    (bytes[bytes.count - 1], bytes[bytes.count - 2]) = (UInt8(truncatingIfNeeded: number), UInt8(number >> 8 & 255))
  }
  return Array(bytes[..<count])
}

func store(_ bytes: [UInt8], _ plan: ObjectPlan = ObjectPlan(), in objects: any ObjectStore) throws -> StoredObject {
  let writer = try objects.write(plan)
  let step = bytes.count < 100_000 ? 1000 : 300_000
  for part in stride(from: 0, to: bytes.count, by: step) {
    try writer.append(bytes.span.extracting(part..<min(bytes.count, part + step)).bytes)
  }
  return try writer.finish()
}
