import Base
import Crypto
import Testing

@testable import Objects

/// Amazon's own examples: "Signature Calculations for the Authorization Header" and "… Query Parameters" of the S3 API's reference.
struct S3SignerTests {
  private let signer = S3Signer(
    credentials: S3Credentials(
      accessKey: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), region: "us-east-1")
  /// 24 May 2013, 00:00:00.
  private let date = 1_369_353_600

  private func signature(
    _ method: String, _ path: String, _ query: [(name: String, value: String)] = [],
    _ headers: [(name: String, value: String)] = [], body: String = ""
  ) throws -> String {
    let subject = S3Signer.Subject(
      method: method, host: "examplebucket.s3.amazonaws.com", path: path, query: query, headers: headers)
    let added = signer.headers(of: subject, digest: SHA256.hex(of: Array(body.utf8)), date: date)
    let text = try #require(added.first { $0.name == "Authorization" }?.value)
    #expect(text.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"))
    return String(text.suffix(64))
  }

  @Test("Requests are signed in their headers as Amazon's examples are")
  func headers() throws {
    #expect(
      try signature("GET", "/test.txt", [], [("Range", "bytes=0-9")])
        == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    let put = [(name: "Date", value: "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]
    #expect(
      try signature("PUT", PercentEncoding.path("/test$file.text"), [], put, body: "Welcome to Amazon S3.")
        == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    #expect(
      try signature("GET", "/", [("lifecycle", "")])
        == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    #expect(
      try signature("GET", "/", [("prefix", "J"), ("max-keys", "2")])
        == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
  }

  @Test("Addresses are signed as Amazon's example is")
  func addresses() {
    let subject = S3Signer.Subject(method: "GET", host: "examplebucket.s3.amazonaws.com", path: "/test.txt")
    let query = signer.query(of: subject, seconds: 86400, date: date)
    #expect(query.hasSuffix("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    #expect(query.hasPrefix("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"))
  }

  @Test("Texts are encoded as the signature wants it, and read back as lists have them")
  func encoding() {
    #expect(PercentEncoding.path("/a b+c\u{e9}~*'(/") == "/a%20b%2Bc%C3%A9~%2A%27%28/")
    #expect(PercentEncoding.encode("a/b") == "a%2Fb")
    #expect(PercentEncoding.decode("a+b%2Bc%C3%A9~/%2f") == "a b+c\u{e9}~//")
    #expect(PercentEncoding.decode("%4") == nil && PercentEncoding.decode("%zz") == nil)
    #expect(PercentEncoding.decode("%ff") == nil)
  }

  @Test("Moments are read as lists and headers write them")
  func moments() {
    #expect(S3Time.seconds("2013-05-24T00:00:00.123Z") == date && S3Time.seconds("2013-05-24T00:00:00Z") == date)
    #expect(S3Time.seconds(header: "Fri, 24 May 2013 00:00:00 GMT") == date)
    #expect(S3Time.seconds(header: "Fri, 24 Mai 2013 00:00:00 GMT") == nil && S3Time.seconds("now") == nil)
  }
}

struct S3AddressTests {
  private func address(_ text: String, _ environment: [String: String] = [:]) throws(Fault) -> S3Address {
    try S3Address(text, environment: environment)
  }

  private func url(_ address: S3Address, _ key: String) -> String {
    "\(address.server.scheme)://\(address.host(of: address.server))\(address.path(of: key, at: address.server))"
  }

  @Test("Amazon's service is asked by host, others by path, and settings change both")
  func styles() throws {
    let amazon = try address("s3://bucket/a//b/", ["AWS_REGION": "eu-central-1"])
    #expect(amazon.prefix == "a/b" && amazon.shown == "s3://bucket/a/b" && amazon.key("c") == "a/b/c")
    #expect(url(amazon, "k") == "https://bucket.s3.eu-central-1.amazonaws.com/k")
    #expect(url(try address("s3://my.bucket"), "k") == "https://s3.us-east-1.amazonaws.com/my.bucket/k")
    let own = ["AWS_ENDPOINT_URL": "http://one:80/", "RIDLEY_S3_ENDPOINT": "http://[::1]:9000/base/"]
    #expect(url(try address("s3://bucket", own), "a b/\u{e9}") == "http://[::1]:9000/base/bucket/a%20b/%C3%A9")
    #expect(url(try address("s3://bucket", ["AWS_ENDPOINT_URL": "HTTPS://One:443"]), "k") == "https://one/bucket/k")
    let host = ["AWS_ENDPOINT_URL": "https://one", "RIDLEY_S3_STYLE": "host"]
    #expect(url(try address("s3://bucket", host), "k") == "https://bucket.one/k")
  }

  @Test(
    "What is no address is refused with what to write, and shows no password",
    arguments: [
      ("bucket/prefix", [:]), ("s3://", [:]), ("s3://ab", [:]), ("s3://Bucket", [:]), ("s3://bu_cket/x", [:]),
      ("s3://bucket/a/../b", [:]), ("s3://bucket/./a", [:]), ("s3://bucket/a\nb", [:]),
      ("s3://bucket", ["AWS_ENDPOINT_URL": "localhost:9000"]),
      ("s3://bucket", ["AWS_ENDPOINT_URL": "http://user:s3cr3t@host"]),
      ("s3://bucket", ["AWS_ENDPOINT_URL": "http://host/?key=s3cr3t"]), ("s3://bucket", ["AWS_REGION": "a b"]),
      ("s3://bucket", ["RIDLEY_S3_STYLE": "dns"]),
    ] as [(String, [String: String])])
  func refused(text: String, environment: [String: String]) throws {
    let fault = try #require(throws: Fault.self) { try address(text, environment) }
    #expect(fault.kind == .usage && !fault.message.contains("s3cr3t"), "\(fault)")
  }

  @Test("Credentials that are missing are asked for by their names, and no description shows a secret")
  func credentials() throws {
    let fault = try #require(throws: Fault.self) { try S3Credentials(environment: ["AWS_ACCESS_KEY_ID": "a"]) }
    #expect(fault.kind == .usage && fault.message.contains("AWS_SECRET_ACCESS_KEY"))
    let whole = [
      "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_SESSION_TOKEN": "t0ken",
    ]
    let credentials = try S3Credentials(environment: whole)
    var dumped = ""
    dump(credentials, to: &dumped)
    let client = S3Client(try address("s3://bucket"), credentials)
    for text in ["\(credentials)", String(reflecting: credentials), dumped, String(reflecting: try client.signer())] {
      #expect(!text.contains("s3cr3t") && !text.contains("t0ken") && text.contains("key"), "\(text)")
    }
    let odd = whole.merging(["AWS_SECRET_ACCESS_KEY": "s3cr3t\n"]) { $1 }
    #expect(!(try #require(throws: Fault.self) { try S3Credentials(environment: odd) }.message.contains("s3cr3t")))
    #expect(try client.address(of: "k", seconds: 60).contains("X-Amz-Security-Token=t0ken"))
  }

  @Test("Encryption is read as services name it")
  func encryption() throws {
    #expect(try S3Encryption("aws:kms:arn:1").headers.map(\.value) == ["aws:kms", "arn:1"])
    #expect(try S3Encryption("AES256") == .service && S3Encryption("none") == .none)
    #expect(throws: Fault.self) { try S3Encryption("aes") }
  }
}
