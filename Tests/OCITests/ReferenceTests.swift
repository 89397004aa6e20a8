import Base
import Foundation
import TestKit
import Testing

@testable import OCI

struct ReferenceTests {
  private static let hex = String(repeating: "0a", count: 32)

  @Test(
    "A reference is read into registry, repository and version",
    arguments: [
      ("localhost:5000/a:1", "localhost:5000", "a", "1"),
      ("oci://reg.example.com/a/b-c_d.e__f/g:V1.2-x", "reg.example.com", "a/b-c_d.e__f/g", "V1.2-x"),
      ("[::1]:5000/a/b:latest", "[::1]:5000", "a/b", "latest"),
      ("127.0.0.1:5000/a@sha256:\(hex)", "127.0.0.1:5000", "a", "sha256:\(hex)"),
      ("reg.example.com/a:tag@sha256:\(hex)", "reg.example.com", "a", "sha256:\(hex)"),
      ("docker.io/mine:1", "docker.io", "library/mine", "1"),
    ])
  func read(_ text: String, _ registry: String, _ repository: String, _ version: String) throws {
    let reference = try ImageReference(text)
    #expect(reference.registry == registry && reference.repository == repository && reference.versionPath == version)
    #expect(ImageReference.isMeant(by: text))
    #expect(try ImageReference(reference.text) == reference)
  }

  @Test(
    "What is none is refused with what would be right",
    arguments: [
      "localhost:5000", "localhost:5000/", "localhost/a", "localhost/A:1", "localhost/a:", "localhost/a:-1",
      "localhost/a:.x",
      "localhost/a@sha256:12", "localhost/a@md5:\(hex)", "localhost/a//b:1", "localhost/-a:1", "localhost/a..b:1",
      "localhost/a___b:1",
      "localhost/../b:1", "localhost:x/a:1", "localhost:0/a:1", "localhost:70000/a:1", "user:pw@host.com/a:1",
      "ho st.com/a:1",
      "localhost/ä:1", "[::1/a:1", "localhost/a:\(String(repeating: "t", count: 129))",
    ])
  func refused(_ text: String) {
    let fault = #expect(throws: Fault.self) { try ImageReference(text) }
    #expect(fault?.kind == .usage && fault?.message.contains("HOST/REPOSITORY:TAG") == true, "\(text)")
  }

  @Test(
    "Names of models and folders are no references",
    arguments: ["yolox-nano", "./a.b/c", "/a.b/c", "models/a", "a/b", "../x.y/z"])
  func others(_ word: String) { #expect(!ImageReference.isMeant(by: word)) }

  @Test("A folder with a point in its name is a folder where it is there")
  func folder() throws {
    let folder = TemporaryFolder()
    try FileSystem.makeFolder(folder.file("a.b/c"))
    #expect(!ImageReference.isMeant(by: folder.file("a.b/c")))
  }
}

struct AddressTests {
  private let base = RegistryAddress("https://Reg.example.com/v2/a/blobs/uploads/?x=1")!

  @Test(
    "A location is followed from where it was said",
    arguments: [
      ("https://other.com/u?a=b", "https://other.com/u?a=b"), ("/v2/u?a=b#c", "https://Reg.example.com/v2/u?a=b"),
      ("u?a=b", "https://Reg.example.com/v2/a/blobs/uploads/u?a=b"),
      ("?a=b", "https://Reg.example.com/v2/a/blobs/uploads/?a=b"),
      ("//other.com:8443/u", "https://other.com:8443/u"), ("HTTPS://other.com", "https://other.com/"),
    ])
  func followed(_ location: String, _ address: String) { #expect(base.following(location)?.text == address) }

  @Test(
    "Nothing leads to another kind of address, to an open one, or shows a login",
    arguments: [
      "http://reg.example.com/u", "file:///etc/passwd", "https://a:b@other.com/", "https://", "https://a b/",
      "ftp://x/",
    ])
  func refused(_ location: String) { #expect(base.following(location) == nil) }

  @Test("Who is asked is scheme, host and port, however they are written")
  func origin() {
    let same = ["https://REG.example.com:443/x", "https://reg.example.com"].map { RegistryAddress($0)!.origin }
    #expect(same == [base.origin, base.origin])
    for text in [
      "http://reg.example.com/", "https://reg.example.com:444/", "https://reg.example.com.evil/", "https://[::1]/",
    ] {
      #expect(RegistryAddress(text)!.origin != base.origin)
    }
    #expect(RegistryAddress("http://[::1]:80/")!.origin == RegistryAddress("http://[::1]/")!.origin)
  }

  @Test("One more parameter leaves those that are there")
  func parameter() {
    #expect(RegistryAddress("http://h/u")!.adding("d=1").text == "http://h/u?d=1")
    #expect(RegistryAddress("http://h/u?_state=a%2Fb%3D")!.adding("d=1").text == "http://h/u?_state=a%2Fb%3D&d=1")
    #expect(RegistryAddress("http://h/u?")!.adding("d=1").text == "http://h/u?d=1")
  }
}

struct ChallengeTests {
  @Test("Several challenges in a header are told apart, whatever stands in their values")
  func several() {
    let found = LoginChallenge.all(
      in:
        #"Basic realm="a, Bearer realm=\"x\"", BEARER realm="https://t/x",service=reg , scope="repository:a:pull,push" , Negotiate"#
    )
    #expect(found.map(\.scheme) == ["basic", "bearer", "negotiate"])
    #expect(found[0].parameters == ["realm": #"a, Bearer realm="x""#])
    #expect(found[1].parameters == ["realm": "https://t/x", "service": "reg", "scope": "repository:a:pull,push"])
  }

  @Test(
    "What cannot be read ends it",
    arguments: ["", ",,", "=", "\"", "Bearer realm=\"unfinished", "a=b", "Bearer =x, realm=y"])
  func broken(_ header: String) { #expect(LoginChallenge.all(in: header).count <= 2) }

  @Test("Random bytes are read to their end")
  func random() {
    var random = SeededRandom(3)
    let letters = Array("Bearer realm=\"\\,= \u{e9}\t:".unicodeScalars)
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in String(letters.randomElement(using: &random)!)
      }.joined()
      #expect(LoginChallenge.all(in: text).count <= 40)
    }
  }
}
