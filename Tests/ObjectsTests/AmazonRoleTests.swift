import Base
import TestKit
import Testing

@testable import Objects

/// Credentials of containers and machines, which end; those who give them are stand-ins of the tests' own.
struct AmazonRoleTests {
  private func answer(_ key: String, end: Int? = nil, code: String? = nil) -> CollectorDouble.Manner {
    let text = JSONWriter.object { json in
      json.field("Code", ifKnown: code)
      json.field("AccessKeyId", key)
      json.field("SecretAccessKey", "s3cr3t")
      json.field("Token", "t0ken")
      json.field("Expiration", ifKnown: end.map { UTC.text($0) })
      json.field("RoleArn", "arn:aws:iam::0:role/r")
    }
    return .status(200, body: text)
  }

  private func words(_ text: String) -> CollectorDouble.Manner { .status(200, body: Array(text.utf8)) }

  private func role(_ environment: [String: String]) throws -> any AmazonIdentity {
    try AmazonRole.orCredentials(environment: environment)
  }

  @Test func `a container shows its token, and its credentials are used until a quarter of an hour before their end`()
    throws
  {
    let now = 1_800_000_000
    let server = try CollectorDouble([answer("first", end: now + 3600), answer("second", end: now + 7200)])
    let file = TemporaryFolder()
    try FileSystem.write(Array("tok-1\n".utf8), to: file.file("token"))
    let role = try role([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.address + "/v1/credentials",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file.file("token"), "AWS_CONTAINER_AUTHORIZATION_TOKEN": "not this",
    ])
    #expect(server.requests.isEmpty, "nothing is asked before somebody signs")
    let credentials = try role.credentials(at: now)
    #expect(credentials.accessKey == "first" && credentials.secret == "s3cr3t" && credentials.token == "t0ken")
    #expect(try role.credentials(at: now + 2699).accessKey == "first")
    try FileSystem.write(Array("tok-2".utf8), to: file.file("token"))
    #expect(try role.credentials(at: now + 2700).accessKey == "second")
    #expect(server.requests.map(\.path) == ["/v1/credentials", "/v1/credentials"])
    #expect(server.requests.map { $0.headers["authorization"] } == ["tok-1", "tok-2"], "the file is read anew")
  }

  @Test func `a machine is asked for a token, its role and the role's credentials`() throws {
    let end = Clock.date + 3600
    let server = try CollectorDouble([words("tok"), words("films+role\n"), answer("AKIA", end: end, code: "Success")])
    let environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.address + "/"]
    let role = try role(environment)
    #expect(try role.credentials(at: Clock.date).accessKey == "AKIA")
    let place = "/latest/meta-data/iam/security-credentials/"
    #expect(server.requests.map(\.path) == ["/latest/api/token", place, place + "films%2Brole"])
    #expect(server.requests[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == "300")
    #expect(server.requests[0].headers["content-length"] == "0")
    #expect(server.requests.dropFirst().allSatisfy { $0.headers["x-aws-ec2-metadata-token"] == "tok" })
  }

  @Test func `where nobody answers any more, what was given is used on, and is asked for anew once a minute`() throws {
    let now = 1_800_000_000
    let server = try CollectorDouble([answer("first", end: now - 10), .status(500), answer("second", end: now + 9000)])
    let role = try role(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.address])
    #expect(try role.credentials(at: now).accessKey == "first", "what has ended may hold on, and is all there is")
    #expect(try role.credentials(at: now + 59).accessKey == "first")
    #expect(try role.credentials(at: now + 60).accessKey == "first")
    #expect(try role.credentials(at: now + 119).accessKey == "first")
    #expect(server.requests.count == 2)
    #expect(try role.credentials(at: now + 120).accessKey == "second")
  }

  @Test(
    arguments: [
      .status(404), .status(403), .status(500), .rubbish, .close, .hang, .status(200, body: Array("{}".utf8)),
      .status(302, headers: ["Location: http://127.0.0.1:1/"]),
      .status(200, body: [UInt8](repeating: 32, count: 70_000)),
      .status(200, body: Array("{\"AccessKeyId\":\"a\\nb\",\"SecretAccessKey\":\"s3cr3t\"}".utf8)),
      .status(200, body: Array("{\"Code\":\"Failed\",\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s3cr3t\"}".utf8)),
    ] as [CollectorDouble.Manner])
  func `an answer that is none is told within seconds, without what stands in it`(
    _ manner: CollectorDouble.Manner
  ) throws {
    let server = try CollectorDouble([manner])
    let role = try role(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.address])
    let watch = Stopwatch()
    let fault = try #require(throws: Fault.self) { try role.credentials(at: 0) }
    #expect([.unavailable, .denied].contains(fault.kind) && !fault.message.contains("s3cr3t"), "\(fault)")
    #expect(watch.seconds < 10)
  }

  @Test func `a machine without a role is told so at once, as nobody who asks`() throws {
    for manners in [[.status(404)], [words("tok"), .status(404)], [words("tok"), words("")], [.hang]] {
      let server = try CollectorDouble(manners)
      let watch = Stopwatch()
      let fault = try #require(throws: Fault.self) {
        try role(["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.address])
      }
      #expect(fault.kind == .usage && fault.message.contains("set AWS_ACCESS_KEY_ID"), "\(fault)")
      #expect(watch.seconds < 10)
      withExtendedLifetime(server) {}
    }
  }

  @Test func `what is said comes first, and a container before its machine`() throws {
    let server = try CollectorDouble([.status(500)])
    let both = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.address, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"]
    let keys = both.merging(["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]) { $1 }
    #expect(try role(keys).credentials(at: 0).accessKey == "a")
    #expect(try (role(both) as? AmazonRole)?.source == .container("http://169.254.170.2/v2/x", nil))
    for half in [["AWS_ACCESS_KEY_ID": "a"], ["AWS_SECRET_ACCESS_KEY": "b"]] {
      #expect(try #require(throws: Fault.self) { try role(both.merging(half) { $1 }) }.kind == .usage)
    }
    let never = ["AWS_EC2_METADATA_DISABLED": "TRUE", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.address]
    #expect(try #require(throws: Fault.self) { try role(never) }.kind == .usage)
    #expect(server.requests.isEmpty)
  }

  @Test func `a token is shown to nobody in the open but this machine and the places of containers`() throws {
    for (address, isTaken) in [
      ("http://169.254.170.23/v1/credentials", true), ("http://[fd00:ec2::23]/v1/credentials", true),
      ("http://localhost:9/x", true), ("https://credentials.example.org/x", true), ("http://10.0.0.9/x", false),
      ("http://169.254.170.2.example.org/x", false), ("http://127.0.0.1@10.0.0.9/x", false),
      ("ftp://localhost/x", false),
      ("localhost/x", false),
    ] {
      let environment = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": address, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t0ken"]
      if isTaken {
        #expect(try (role(environment) as? AmazonRole)?.source == .container(address, .text("t0ken")))
      } else {
        #expect(try #require(throws: Fault.self) { try role(environment) }.kind == .usage, "\(address)")
      }
    }
    let server = try CollectorDouble([answer("a")])
    let odd = try role([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.address, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t0ken\r\nX-Other: y",
    ])
    #expect(!(try #require(throws: Fault.self) { try odd.credentials(at: 0) }.message.contains("t0ken")))
    #expect(server.requests.isEmpty)
  }

  @Test func `a client signs with what holds, asking once for many threads' requests`() async throws {
    let server = try CollectorDouble([answer("AKIA", end: Clock.date + 3600)])
    let role = try role(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.address])
    let client = S3Client(try S3Address("s3://bucket", environment: [:]), role)
    let first = try client.address(of: "k", seconds: 60)
    #expect(first.contains("X-Amz-Credential=AKIA%2F") && first.contains("X-Amz-Security-Token=t0ken"))
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 { group.addTask { (try? client.address(of: "k", seconds: 60)) != nil } }
      for await isMade in group { #expect(isMade) }
    }
    #expect(server.requests.count == 1)
  }
}
