import Base
import Bus
import Catalog
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Jobs

/// A part of a bucket of a real S3 service, and what watches it.
final class BucketFixture {
  let jobs: JobFixture
  let bucket: S3Client
  /// As errors name it.
  let place: String
  let told = Monitor([String]())
  /// How often something was examined.
  let examined = Monitor(0)

  init(_ server: S3Server, jobs: JobFixture? = nil) throws {
    self.jobs = try jobs ?? JobFixture(.embedded)
    place = "s3://\(S3Server.bucket)/in box/\(FileSystem.name(of: self.jobs.folder.path))"
    bucket = try Self.client(server, place)
    try bucket.makeBucket()
  }

  static func client(_ server: S3Server, _ place: String, secret: String = S3Server.secret) throws(Fault) -> S3Client {
    var settings = S3Client.Settings()
    settings.retrySeconds = 0.5
    settings.connectSeconds = 2
    return S3Client(
      try S3Address(place, environment: server.environment),
      S3Credentials(accessKey: S3Server.accessKey, secret: secret), settings: settings)
  }

  @discardableResult
  func trigger(_ change: (inout TriggerRequest) -> Void = { _ in }) throws -> Trigger {
    var request = TriggerFixture.request(brand: "Aurora", on: .folder)
    (request.folder, request.bucket, request.tags) = (place, bucket, ["camera"])
    change(&request)
    return try TriggerDesk(jobs.desk).add(request, scope: .all).trigger
  }

  /// Asks `other` where that is said, in place of the bucket.
  func watch(
    over library: Library? = nil, asking other: (@Sendable (String) throws(Fault) -> S3Client)? = nil,
    resting: Double = 0
  ) -> PlaceWatch {
    let (told, examined, bucket) = (told, examined, bucket)
    var watched = WatchedFolders(
      examiner: CountedFilms(count: examined), isMedia: { $0.hasSuffix(".mp4") },
      bucket: { (_) throws(Fault) in bucket },
      complain: { fault in told.update { $0.append(fault.message) } })
    if let other { watched.bucket = other }
    (watched.settling, watched.resting) = (3600, resting)
    return PlaceWatch(JobDesk(library ?? jobs.library, bus: jobs.bus), watched, isRemote: true)
  }

  func put(_ text: String, _ name: String) throws { _ = try bucket.put(key(name), Array(text.utf8)) }
  func key(_ name: String) -> String { "\(bucket.address.prefix)/\(name)" }

  var assets: [Asset] {
    get throws {
      var (found, token) = ([Asset](), PageToken?.none)
      repeat {
        let page = try jobs.library.list(AssetFilter(client: "acme"), scope: .all, limit: 100, after: token)
        (found, token) = (found + page.elements, page.next)
      } while token != nil
      return found
    }
  }

  var names: [String] { get throws { try assets.map(\.name).sorted() } }

  /// Objects that are remembered to have been looked at.
  var remembered: [WatchedFile] {
    get throws {
      try jobs.library.table.items(Query(LibraryKeys.watchedPartition("acme"), limit: 100)).elements
        .filter { !$0.key.sort.hasPrefix("TURN") }.map { try WatchedFile($0) }
    }
  }
}

private struct CountedFilms: MediaExaminer {
  let count: Monitor<Int>

  func examine(_ path: String) throws(Fault) -> Examination {
    count.update { $0 += 1 }
    return try NoTexts().examine(path)
  }
}
