import Foundation
import TestKit
import Testing

private let isThere: ConditionTrait = .enabled(if: S3Server.shared != nil, "no S3 service: ./bootstrap")

/// A part of a bucket as a trigger, as somebody at the machine has it.
@Suite(isThere)
struct BucketCommandTests {
  private let folder = TemporaryFolder()
  private let server: S3Server
  private let place: String

  init() throws {
    server = try #require(S3Server.shared)
    place = "\(S3Server.bucket)/commands-\(URL(filePath: folder.path).lastPathComponent)"
    try Data("infer: {model: line-inspector, threshold: 0.5}\n".utf8).write(to: URL(filePath: folder.file("flat.yaml")))
    _ = put(nil, "\(S3Server.bucket)")
  }

  private func ridley(_ words: [String], _ environment: [String: String]? = nil) -> ShellResult {
    Program.run(words, in: folder.path, environment: environment ?? server.environment)
  }

  /// With a client of another hand, which signs for itself.
  private func put(_ file: String?, _ path: String) -> ShellResult {
    let body = file.map { ["-T", $0] } ?? ["-X", "PUT"]
    return shell(
      ["curl", "-sSf", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "\(S3Server.accessKey):\(S3Server.secret)"]
        + body
        + ["\(server.endpoint)/\(path)"], in: folder.path)
  }

  private func add(_ place: String, _ environment: [String: String]? = nil) -> ShellResult {
    ridley(
      ["trigger", "add", "--library", "lib", "--on", "folder", "--folder", place, "--client", "acme"]
        + ["--pipeline", "flat.yaml"], environment)
  }

  @Test(
    "Films that lie in a bucket are taken once by 'ridley trigger run --once', and one that is cut off is told of once")
  func films() throws {
    let film = shell(
      ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=2", folder.file("film.mp4")])
    #expect(film.status == 0, "\(film.errors)")
    let whole = try Data(contentsOf: URL(filePath: folder.file("film.mp4")))
    try whole.prefix(whole.count / 2).write(to: URL(filePath: folder.file("cut.mp4")))
    for name in ["film.mp4", "cut.mp4"] { #expect(put(name, "\(place)/in/\(name)").status == 0) }
    let added = add("s3://\(place)/in")
    #expect(
      added.status == 0 && added.output.contains("each file in s3://\(place)/in"), "\(added.output)\(added.errors)")
    for round in 0..<2 {
      let run = ridley(["trigger", "run", "--once", "--library", "lib"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("s3://\(place)/in/cut.mp4 is not taken") == (round == 0), "\(run.errors)")
    }
    let list = ridley(["library", "list", "--library", "lib", "--client", "acme"]).output
    #expect(list.contains("film.mp4") && !list.contains("cut.mp4"), "\(list)")
    let triggers = ridley(["trigger", "list", "--library", "lib", "--client", "acme", "--json"]).output
    #expect(triggers.contains("\"jobs\":1") && triggers.contains("\"folder\":\"s3://"), "\(triggers)")
  }

  @Test("Who has no credentials, or others, is told what is missing, and nothing is made")
  func refused() {
    var environment = server.environment
    environment["AWS_SECRET_ACCESS_KEY"] = "another"
    let other = add("s3://\(place)/in", environment)
    #expect(other.status != 0 && other.errors.contains("AWS_SECRET_ACCESS_KEY"), "\(other.errors)")
    #expect(!other.errors.contains("another"))
    environment["AWS_SECRET_ACCESS_KEY"] = ""
    let none = add("s3://\(place)/in", environment)
    #expect(
      none.status == 2 && none.errors.contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"), "\(none.errors)")
    let missing = add("s3://ridley-no-such-bucket/in")
    #expect(missing.status == 3 && missing.errors.contains("there is no bucket"), "\(missing.errors)")
    #expect(add("s3://\(place)//in").errors.contains("would be read as s3://\(place)/in"))
    #expect(add("s3://X").status == 2)
    #expect(!ridley(["trigger", "list", "--library", "lib", "--client", "acme"]).output.contains("s3://"))
  }
}
