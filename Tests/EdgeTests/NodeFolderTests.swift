import Base
import Crypto
import Fleet
import Foundation
import TestKit
import Testing

@testable import Edge

@Suite struct NodeFolderTests {
  private let scratch = TemporaryFolder()
  private let folder: NodeFolder

  init() throws { folder = try NodeFolder(library: scratch.file("lib")) }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  private func adopt(_ fingerprint: [UInt8], token: String = "t") throws -> NodeEnrolment {
    let name = try NodeName("dock")
    return try folder.adopt(fingerprint) { file in
      NodeEnrolment(
        name: name, client: "acme", keyFile: file, pins: [[UInt8](repeating: 1, count: 32)], bundleKeys: [],
        token: token)
    }
  }

  @Test func `a key is made once, for its owner's eyes alone, and the certificate's fingerprint is its own`() throws {
    let (file, fingerprint) = try folder.candidateKey()
    #expect(try folder.candidateKey() == (file, fingerprint))
    #expect(try mode(file) == 0o600 && mode(folder.path) == 0o700)
    let text = shell(["openssl", "x509", "-in", file, "-noout", "-pubkey"]).output
    let der = shell([
      "sh", "-c", "openssl x509 -in \(file) -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum",
    ]).output
    #expect(text.contains("PUBLIC KEY") && der.hasPrefix(Hex.text(fingerprint)))
  }

  @Test func `an enrolment outlives the process, and the older key goes with the next`() throws {
    #expect(try folder.enrolment() == nil)
    let first = try adopt(try folder.candidateKey().fingerprint)
    #expect(try NodeFolder(library: scratch.file("lib")).enrolment() == first)
    #expect(try mode(folder.identity(of: first)) == 0o600 && mode("\(folder.path)/centre.json") == 0o600)
    let second = try adopt(try folder.candidateKey().fingerprint, token: "u")
    #expect(first.keyFile != second.keyFile)
    #expect(try FileSystem.list(folder.path).sorted() == [second.keyFile, "centre.json"].sorted())
  }

  @Test func `a key that was given up is never shown again, and a damaged one gives way to another`() throws {
    let (file, first) = try folder.candidateKey()
    folder.dropCandidate()
    let second = try folder.candidateKey().fingerprint
    #expect(second != first)
    try FileSystem.write(try Array(FileSystem.read(file).dropLast(100)), to: file)
    let third = try folder.candidateKey().fingerprint
    #expect(try third != second && folder.candidateKey().fingerprint == third)
  }

  @Test
  func `a box that was a node serves without the file that says so, and tells it; one that never was one does not`()
    throws
  {
    let centre = try CentreAddress("https://127.0.0.1:1")
    let told = Monitor([Fault]())
    func agent(wasJoined: Bool = false) throws -> NodeAgent {
      try NodeAgent(folder, centre: centre, token: nil, parts: [], wasJoined: wasJoined) { fault in
        told.update { $0.append(fault) }
      }
    }
    #expect(throws: Fault.self) { try agent() }
    // Its library tells that a centre knew it.
    try agent(wasJoined: true).enrolFirst()
    _ = try adopt(try folder.candidateKey().fingerprint)
    try FileSystem.remove("\(folder.path)/centre.json")
    let made = try agent()
    try made.enrolFirst()
    guard case .refused(let why) = made.state else { Issue.record("\(made.state)"); return }
    #expect(why.contains("centre.json is gone"))
    #expect(told.update { $0 }.count == 2 && told.update { $0 }.allSatisfy { $0.message.contains("serves without") })
  }

  @Test func `damaged files are told with their place, and lead to no other file`() throws {
    let made = try adopt(try folder.candidateKey().fingerprint)
    let file = "\(folder.path)/centre.json"
    let whole = String(decoding: try FileSystem.read(file), as: UTF8.self)
    for text in [
      "", "{", "[]", "{}", whole.replacing(made.keyFile, with: "../library.db.pem"), String(whole.dropLast(30)),
    ] {
      try FileSystem.write(Array(text.utf8), to: file)
      do {
        _ = try folder.enrolment()
        Issue.record("'\(text.prefix(60))' was taken")
      } catch { #expect(error.kind == .badInput && error.message.contains("centre.json")) }
    }
    try FileSystem.write(Array(whole.utf8), to: file)
    try FileSystem.remove(folder.identity(of: made))
    do {
      _ = try folder.enrolment()
      Issue.record("a node without its key was taken")
    } catch { #expect(error.message.contains("enrol it anew")) }
  }

  @Test(arguments: [
    ("https://centre", "https://centre:8444"), ("https://centre:1/", "https://centre:1"),
    ("https://[::1]", "https://[::1]:8444"), ("https://[::1]:99", "https://[::1]:99"),
    ("HTTPS://Centre:5", "https://Centre:5"),
  ])
  func `a centre's address has a port`(_ text: String, _ whole: String) throws {
    #expect(try CentreAddress(text).text == whole)
  }

  @Test(arguments: [
    "", "centre:8444", "http://centre:8444", "https://", "https://:8444", "https://centre:0", "https://centre:99999",
    "https://centre/path", "https://user@centre", "https://centre:x", "https://cen tre", "ftp://centre",
  ])
  func `what is no address of https is refused`(_ text: String) {
    #expect(throws: Fault.self) { try CentreAddress(text) }
  }
}
