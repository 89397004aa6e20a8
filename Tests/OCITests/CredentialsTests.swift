import Base
import Foundation
import TestKit
import Testing

@testable import OCI

struct CredentialsTests {
  private let folder = TemporaryFolder()
  private let reference: ImageReference

  init() throws { reference = try ImageReference("reg.example.com:5000/team/models/a:1") }

  private func find(
    _ texts: [String: String], _ variables: [String: String] = [:], _ other: ImageReference? = nil
  ) throws -> RegistryCredentials.Found {
    for (name, text) in texts {
      try FileSystem.makeFolder(FileSystem.folder(of: folder.file(name)))
      try FileSystem.write(Array(text.utf8), to: folder.file(name))
    }
    let usual = ["HOME": folder.path].merging(variables) { $1 }
    return try RegistryCredentials.find(other ?? reference) { usual[$0] }
  }

  private func auth(_ text: String) -> String { #"{"auth": "\#(Data(text.utf8).base64EncodedString())"}"# }

  private func known(_ user: String, _ password: String) -> RegistryCredentials.Found {
    .known(RegistryCredentials(user: user, password: password))
  }

  @Test("What 'docker login' wrote is found, a password with a colon included, and the variables go before it")
  func docker() throws {
    let text =
      #"{"auths": {"other.com": \#(auth("x:y")), "https://reg.example.com:5000/v2/": \#(auth("ann:s3:cr"))}, "HttpHeaders": {}}"#
    #expect(try find([".docker/config.json": text]) == known("ann", "s3:cr"))
    var own = ["RIDLEY_REGISTRY_USER": "bob", "RIDLEY_REGISTRY_PASSWORD": "p"]
    #expect(throws: Fault.self) { try find([:], own) }
    own["RIDLEY_REGISTRY_HOST"] = "reg.example.com:5000"
    #expect(try find([:], own) == known("bob", "p"))
    own["RIDLEY_REGISTRY_HOST"] = "other.com"
    #expect(try find([".docker/config.json": text], own) == known("ann", "s3:cr"))
    #expect(throws: Fault.self) { try find([:], ["RIDLEY_REGISTRY_USER": "bob"]) }
    #expect(try find([:], ["HOME": "/nowhere"]) == .none)
  }

  @Test("The entry for a part of the path goes before that of the host, and podman's file before docker's")
  func podman() throws {
    let text =
      #"{"auths": {"reg.example.com:5000": \#(auth("host:1")), "reg.example.com:5000/team": \#(auth("team:2"))}}"#
    let files = [
      "run/containers/auth.json": text, ".docker/config.json": #"{"auths": {"reg.example.com:5000": \#(auth("x:3"))}}"#,
    ]
    let runtime = ["XDG_RUNTIME_DIR": folder.file("run")]
    #expect(try find(files, runtime) == known("team", "2"))
    #expect(try find([:], runtime, ImageReference("reg.example.com:5000/teams/b:1")) == known("host", "1"))
    #expect(try find([:], runtime, ImageReference("reg.example.com/team/b:1")) == .none)
  }

  @Test("Docker's hub is found by the name that it is kept under")
  func hub() throws {
    let text = #"{"auths": {"https://index.docker.io/v1/": \#(auth("ann:1"))}}"#
    #expect(try find([".docker/config.json": text], [:], ImageReference("docker.io/ann/m:1")) == known("ann", "1"))
  }

  @Test("A program that keeps passwords is named and not run, and one that left an empty entry too")
  func helper() throws {
    let text =
      #"{"auths": {"reg.example.com:5000": {}}, "credsStore": "desktop", "credHelpers": {"reg.example.com:5000": "ecr-login"}}"#
    #expect(try find([".docker/config.json": text]) == .helper("ecr-login"))
    #expect(try find([".docker/config.json": #"{"credsStore": "desktop"}"#]) == .helper("desktop"))
    #expect(try find([".docker/config.json": "{}"]) == .none)
    #expect(try find([".docker/config.json": ""]) == .none)
  }

  @Test(
    "A token of a login is one",
    arguments: [#"{"identitytoken": "t"}"#, #"{"auth": "YW5uOg==", "identitytoken": "t"}"#])
  func token(_ entry: String) throws {
    let found = try find([".docker/config.json": #"{"auths": {"reg.example.com:5000": \#(entry)}}"#])
    guard case .known(let credentials) = found else { return #expect(Bool(false), "\(found)") }
    #expect(credentials.identityToken == "t")
  }

  @Test(
    "What cannot be read is told with the file, and never as no login",
    arguments: [
      "{", "[]", #"{"auths": []}"#, #"{"auths": {"reg.example.com:5000": {"auth": "!!"}}}"#,
      #"{"auths": {"reg.example.com:5000": {"auth": "YQ=="}}}"#,
    ])
  func broken(_ text: String) {
    let fault = #expect(throws: Fault.self) { try find([".docker/config.json": text]) }
    #expect(fault?.message.contains("config.json") == true, "\(String(describing: fault))")
  }
}
