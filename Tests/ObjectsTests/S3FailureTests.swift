import Base
import Foundation
import TestKit
import Testing

@testable import Objects

/// Answers of services that are not what was wanted.
struct S3FailureTests {
  private let folder = TemporaryFolder()

  private func failure(_ status: Int, _ code: String, _ more: String = "", date: Int = 1_369_353_600) -> S3Failure {
    var answer = ServerAnswer()
    answer.status = status
    answer.headers = [("Date", UTC.httpDate(date))]
    if !code.isEmpty { answer.body = Array("<Error><Code>\(code)</Code><Message>no</Message>\(more)</Error>".utf8) }
    return S3Failure(answer, clock: 1_369_353_600)
  }

  @Test("What passes is tried again, what does not is told in words of what to do")
  func kinds() throws {
    let address = try S3Address("s3://bucket/p")
    for (status, code) in [(503, "SlowDown"), (500, ""), (429, ""), (409, "OperationAborted"), (200, "InternalError")] {
      #expect(failure(status, code).isPassing, "\(status) \(code)")
      #expect(failure(status, code).fault(address, "write").kind == .unavailable)
    }
    let told: [(S3Failure, Fault.Kind, String)] = [
      (failure(403, "SignatureDoesNotMatch"), .denied, "AWS_SECRET_ACCESS_KEY"),
      (failure(403, "InvalidAccessKeyId"), .denied, "AWS_ACCESS_KEY_ID"),
      (failure(400, "ExpiredToken"), .denied, "AWS_SESSION_TOKEN"),
      (failure(403, "AccessDenied"), .denied, "may not write"),
      (failure(403, "InvalidObjectState"), .denied, "restored"),
      (failure(403, "RequestTimeTooSkewed", date: 1_369_350_000), .denied, "off by 3600 seconds"),
      (failure(403, "", date: 1_369_350_000), .denied, "clock"), (failure(403, ""), .denied, "may not write"),
      (failure(404, "NoSuchBucket"), .notFound, "no bucket bucket"), (failure(404, "NoSuchKey"), .notFound, "nothing"),
      (failure(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"), .usage, "eu-west-1"),
      (failure(501, "NotImplemented"), .unsupported, "lack"), (failure(507, ""), .exhausted, "space"),
    ]
    for (failure, kind, words) in told {
      let fault = failure.fault(address, "write")
      #expect(fault.kind == kind && fault.message.contains(words), "\(fault)")
      #expect(!failure.isPassing)
    }
  }

  @Test("A service that is too busy is asked again for a while, and one that breaks off until its answer is whole")
  func again() throws {
    try FileManager.default.createDirectory(atPath: folder.file("bucket"), withIntermediateDirectories: true)
    try FileSystem.write(bytes(50_000), to: folder.file("bucket/key"))
    let server = try LocalServer(folder: folder.path)
    func client(_ path: String, _ seconds: Double) throws -> S3Client {
      var settings = S3Client.Settings()
      settings.retrySeconds = seconds
      let environment = ["RIDLEY_S3_ENDPOINT": "\(server.address)/\(path)"]
      return S3Client(
        try S3Address("s3://bucket", environment: environment), S3Credentials(accessKey: "a", secret: "b"),
        settings: settings)
    }
    let fault = try #require(throws: Fault.self) { try client("status/503", 1).get("key", 0..<10) }
    #expect(fault.kind == .unavailable)
    let asked = try server.log().count
    #expect((3...12).contains(asked), "asked \(asked) times within a second")
    #expect(try client("cut", 20).get("key", 0..<50_000)?.bytes == bytes(50_000))
    #expect(try server.log().count - asked == 6)
    let none = try #require(throws: Fault.self) { try client("status/403", 20).get("key", 0..<10) }
    #expect(none.kind == .denied)
    #expect(try server.log().count - asked == 7, "what is refused is not asked again")
  }
}
