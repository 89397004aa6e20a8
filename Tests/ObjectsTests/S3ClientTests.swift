import Base
import Crypto
import Glibc
import TestKit
import Testing

@testable import Objects

private let isThere: ConditionTrait = .enabled(if: S3Server.shared != nil, "no S3 service: ./bootstrap")

/// Requests to a service that checks signatures.
@Suite(isThere)
struct S3ClientTests {
  private let folder = TemporaryFolder()
  private let server: S3Server
  private let client: S3Client

  init() throws {
    server = try #require(S3Server.shared)
    client = try s3Client(server, FileSystem.name(of: folder.path))
    try client.makeBucket()
  }

  private func get(_ address: String, _ method: String = "GET") throws -> ServerAnswer {
    try ServerConnection().send(ServerRequest(method, address))
  }

  @Test("Keys of every kind are written, listed page by page, read by ranges, copied and removed")
  func keys() throws {
    let keys = ["a b", "a+b", "\u{e9}~*'()!", "c/d/e", "p%20q", "q?x=1&y", "r#s", "\u{1f3ac}"].map(client.address.key)
    for key in keys { #expect(try client.put(key, Array(key.utf8)) == .written(etag: MD5.hex(of: Array(key.utf8)))) }
    var (found, token, pages): ([S3Entry], String?, Int) = ([], nil, 0)
    repeat {
      let page = try client.list(client.address.key(""), after: token, limit: 3)
      (found, token, pages) = (found + page.entries, page.next, pages + 1)
      #expect(page.entries.count <= 3)
    } while token != nil
    #expect(Set(found.map(\.key)) == Set(keys) && found.count == keys.count && pages >= 3)
    for entry in found {
      let content = Array(entry.key.utf8)
      #expect(entry.byteCount == content.count && entry.etag == MD5.hex(of: content))
      #expect(abs(entry.time - Clock.date) < 120)
      let part = try #require(try client.get(entry.key, 2..<5))
      #expect(part.bytes == Array(content[2..<5]) && part.total == content.count)
      #expect(try client.head(entry.key) == entry)
    }
    try client.copy(keys[2], to: client.address.key("copy +"))
    #expect(try client.get(client.address.key("copy +"), 0..<1000)?.bytes == Array(keys[2].utf8))
    for key in keys { try client.remove(key) }
    #expect(try client.get(keys[0], 0..<1) == nil && client.head(keys[0]) == nil)
    try client.remove(keys[0])
  }

  @Test("A write on condition leaves what stands there; a range behind the end is empty")
  func conditions() throws {
    let key = client.address.key("k")
    _ = try client.put(key, [1], onlyIfAbsent: true)
    #expect(try client.put(key, [2], onlyIfAbsent: true) == .wasThere)
    let part = try #require(try client.get(key, 5..<9))
    #expect(part.bytes.isEmpty && part.total == 1)
    let empty = client.address.key("empty")
    _ = try client.put(empty, [])
    #expect(try client.get(empty, 0..<10)?.bytes == [] && client.head(empty)?.byteCount == 0)
  }

  @Test("Buckets in the path and in front of the host, by http and https", arguments: S3Address.Style.allCases)
  func styles(style: S3Address.Style) throws {
    for endpoint in [server.endpoint.replacing("127.0.0.1", with: "localhost"), server.secureEndpoint] {
      var (options, settings) = (S3Address.Options(), S3Client.Settings())
      (options.endpoint, options.style, settings.authorities) = (endpoint, style, server.authorities)
      let address = try S3Address("s3://\(S3Server.bucket)/\(client.address.prefix)", options: options)
      let other = S3Client(address, client.identity, settings: settings)
      let key = address.key("a +\u{e9}/\(style)")
      _ = try other.put(key, Array(endpoint.utf8))
      #expect(try client.get(key, 0..<100)?.bytes == Array(endpoint.utf8), "another key or bucket")
      #expect(try other.list(key).entries.map(\.key) == [key])
      let read = ServerRequest("GET", try other.address(of: key, seconds: 60))
      #expect(try ServerConnection(authorities: server.authorities).send(read).body == Array(endpoint.utf8))
    }
    var options = S3Address.Options()
    options.endpoint = server.secureEndpoint
    let untrusting = S3Client(
      try S3Address("s3://\(S3Server.bucket)", options: options), client.identity
    ).hasty
    let fault = try #require(throws: Fault.self) { try untrusting.head("k") }
    #expect(fault.kind == .unavailable && fault.message.contains("certificate"))
  }

  @Test("Another secret, another key, and a clock that is off are refused as such, and no fault shows a secret")
  func denied() throws {
    let wrong = try s3Client(server, "x", secret: "wr0ng")
    let stranger = S3Client(client.address, S3Credentials(accessKey: "nobody", secret: "wr0ng"))
    let late = try s3Client(server, "x") { $0.clock = { Clock.date - 3600 } }
    for (client, word) in [(wrong, "AWS_SECRET_ACCESS_KEY"), (stranger, "AWS_ACCESS_KEY_ID"), (late, "clock")] {
      for body in [{ _ = try client.put("k", [1]) }, { _ = try client.list("") }] as [() throws -> Void] {
        let fault = try #require(throws: Fault.self) { try body() }
        #expect(fault.kind == .denied && fault.message.contains(word), "\(fault) \(fault.cause ?? "")")
        let text = "\(fault.message) \(fault.cause ?? "")"
        #expect(!text.contains("wr0ng") && !text.contains(S3Server.secret))
      }
      #expect(try #require(throws: Fault.self) { try client.head("k") }.kind == .denied)
      let store = try S3ObjectStore(client, scratch: folder.file("s"))
      #expect(try #require(throws: Fault.self) { try store.check() }.kind == .denied)
    }
    #expect(try #require(throws: Fault.self) { try late.head("k") }.message.contains("3600") == true)
  }

  @Test("A service that is away or says nothing is unavailable within bounds")
  func away() throws {
    let silent = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var (address, length) = (sockaddr_in(), socklen_t(16))
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = (bind(silent, $0, length), listen(silent, 8), getsockname(silent, $0, &length))
      }
    }
    defer { close(silent) }
    for endpoint in ["http://127.0.0.1:1", "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"] {
      var settings = S3Client.Settings()
      (settings.retrySeconds, settings.stallSeconds) = (1, 1)
      let away = S3Client(
        try S3Address("s3://bucket", environment: ["RIDLEY_S3_ENDPOINT": endpoint]),
        S3Credentials(accessKey: "a", secret: "s3cr3t"), settings: settings)
      let store = try S3ObjectStore(away, scratch: folder.file("s"))
      let begun = Clock.now
      let name = try #require(ObjectName(SHA256.hex(of: [])))
      let fault = try #require(throws: Fault.self) { try store.open(name) }
      #expect(fault.kind == .unavailable && !fault.message.contains("s3cr3t"), "\(fault)")
      #expect(try #require(throws: Fault.self) { try putNothing(store) }.kind == .unavailable)
      #expect(Clock.now - begun < 12_000_000_000, "\(endpoint)")
    }
  }

  private func putNothing(_ store: S3ObjectStore) throws -> StoredObject {
    let writer = try store.write(ObjectPlan())
    return try writer.finish()
  }

  @Test("An address that was given out reads one object for its time, and does nothing else")
  func addresses() throws {
    let store = try s3Store(folder)
    let (one, two) = (bytes(30_000, 1), bytes(30_000, 2))
    let names = try [one, two].map { try ObjectsTests.store($0, in: store).name }
    let address = try store.address(of: names[0], seconds: 60, contentType: "video/mp4", fileName: "a \u{e9}\".mp4")
    let answer = try get(address)
    #expect(answer.status == 200 && answer.body == one && answer["content-type"] == "video/mp4")
    #expect(
      answer["content-disposition"]?.hasPrefix("attachment; filename=\"a __.mp4\"; filename*=UTF-8''a%20") == true)
    #expect(!address.contains(S3Server.secret))
    let parts = address.split(separator: "?").map(String.init)
    let other = address.replacing(names[0].digest, with: names[1].digest)
    let shorter = address.replacing("X-Amz-Expires=60", with: "X-Amz-Expires=600")
    let bucket = "\(server.endpoint)/\(S3Server.bucket)"
    for (method, address) in [
      ("GET", other), ("GET", shorter), ("GET", parts[0]), ("GET", "\(bucket)?\(parts[1])"),
      ("GET", "\(bucket)?list-type=2&\(parts[1])"), ("PUT", address), ("DELETE", address),
      ("GET", address.replacing("video", with: "text")),
    ] {
      #expect(try get(address, method).status == 403, "\(method) \(address)")
    }
    let short = try store.address(of: names[0], seconds: 1)
    #expect(try get(short).status == 200)
    try waitUntil("the address to expire", seconds: 10) { try get(short).status == 403 }
    for seconds in [0, -1, 604_801] {
      #expect(try #require(throws: Fault.self) { try store.address(of: names[0], seconds: seconds) }.kind == .usage)
    }
    #expect(try get(address).status == 200)
  }

  @Test("What is stored encrypted says so, small and in parts, and reads as before")
  func encryption() throws {
    let store = try s3Store(folder) { $0.encryption = .service }
    for count in [1000, 9_000_000] {
      let content = bytes(count, 3)
      let name = try ObjectsTests.store(content, ObjectPlan(name: ObjectName(SHA256.hex(of: content))), in: store).name
      #expect(try store.verify(name) == .sound)
      let answer = try store.client.send(S3Request("HEAD", store.key(of: name)), to: "look")
      #expect(answer["x-amz-server-side-encryption"] == "AES256", "\(answer.headers)")
    }
  }
}
