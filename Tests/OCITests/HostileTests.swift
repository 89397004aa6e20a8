import Base
import Crypto
import Foundation
import Objects
import TestKit
import Testing

@testable import OCI

/// Pushes and pulls with registries that have habits of real ones, and with liars.
@Suite(.timeLimit(.minutes(20)))
struct HostileTests {
  private let registry: HostileRegistry
  private let folder = TemporaryFolder()

  init() throws { registry = try HostileRegistry() }

  private func push(
    _ files: PushedFiles, _ place: String, _ credentials: RegistryCredentials.Found = .none, from source: String? = nil
  ) throws -> ModelArtifact.Pushed {
    try files.artifact.push(with: try registry.client(place, for: .push, credentials, from: source))
  }

  private func pull(
    _ place: String, _ credentials: RegistryCredentials.Found = .none, into name: String = "in", seconds: Double = 5
  ) throws -> String {
    try ModelPull(with: try registry.client(place, for: .pull, credentials, seconds: seconds)).fetch(
      into: folder.file(name))
  }

  /// What stands below a folder of a pull, but for locks and folders.
  private func left(_ name: String = "in") -> [String] {
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: folder.file(name))) ?? []
    return all.filter { FileSystem.kind(of: folder.file("\(name)/\($0)")) == .file && !$0.hasSuffix(".lock") }
  }

  @Test(
    "What is pushed is pulled, whatever the registry's habits",
    arguments: [
      // Locations of every kind, no digest in answers, many requests refused, other servers for blobs, parts and broken connections.
      "plain", "relative", "up", "busy", "small", "breaks", "cut", "whole", "stale",
    ])
  func habits(_ mode: String) throws {
    let files = try PushedFiles(count: 700_000)
    let pushed = try push(files, "\(mode)/model:1")
    #expect(pushed.sent == 4 && pushed.known == 0)
    #expect(try files.isWhole(try pull("\(mode)/model:1")))
    let again = try push(files, "\(mode)/model:2")
    #expect(again.digest == pushed.digest && again.sent == 0 && again.known == 4)
    #expect(try files.isWhole(try pull("\(mode)/model@sha256:\(pushed.digest)", into: "again")))
    #expect(left().filter { $0.hasPrefix("parts/") }.isEmpty)
  }

  @Test("Logins of every kind get in, and go to nobody else", arguments: ["basic", "token", "twice", "ages", "away"])
  func logins(_ mode: String) throws {
    let files = try PushedFiles()
    _ = try push(files, "\(mode)/model:1", HostileRegistry.ann)
    #expect(try files.isWhole(try pull("\(mode)/model:1", HostileRegistry.ann)))
    let log = try registry.log()
    // The server that it leads to hears of no login.
    #expect(log.filter { $0.server == "other" && $0.login != nil }.isEmpty)
    #expect(log.contains { $0.server == "other" } == (mode == "away"))
    // A password goes where tokens are given out, and not to what takes tokens.
    if mode != "basic", mode != "away" {
      #expect(log.filter { $0.login?.hasPrefix("Basic") == true }.allSatisfy { $0.path.hasPrefix("/token") })
    }
  }

  @Test("A token that stands for a login is exchanged")
  func identity() throws {
    let files = try PushedFiles()
    let ann = RegistryCredentials.Found.known(
      RegistryCredentials(user: "", password: "", identityToken: "identity"))
    _ = try push(files, "token/model:1", ann)
    #expect(try files.isWhole(try pull("token/model:1", ann)))
  }

  @Test("What is asked of a server of tokens is what will be needed, also of the repository that files come from")
  func scopes() throws {
    _ = try push(try PushedFiles(), "token/model:1", HostileRegistry.ann, from: "token/base")
    let asked = try #require(try registry.log().first { $0.path.hasPrefix("/token") }?.path)
    #expect(asked.contains("service=a%20service"))
    #expect(asked.contains("scope=repository%3Atoken%2Fmodel%3Apull%2Cpush&scope=repository%3Atoken%2Fbase%3Apull"))
  }

  @Test(
    "No login, a wrong one and one of an unknown kind are told by what helps",
    arguments: [
      ("basic", "docker login"), ("token", "docker login"), ("odd", "negotiate"), ("thief", "password safe"),
      ("inject", "no token"),
    ])
  func refused(_ mode: String, _ word: String) throws {
    let fault = #expect(throws: Fault.self) { try pull("\(mode)/model:1") }
    #expect(fault?.message.contains(word) == true, "\(String(describing: fault))")
    let wrong = RegistryCredentials.Found.known(RegistryCredentials(user: "ann", password: "wrong"))
    if mode == "basic" || mode == "token" {
      let fault = #expect(throws: Fault.self) { try pull("\(mode)/model:1", wrong) }
      #expect(fault?.kind == .denied && fault?.message.contains("'ann'") == true, "\(String(describing: fault))")
      let helper = #expect(throws: Fault.self) { try pull("\(mode)/model:1", .helper("ecr-login")) }
      #expect(helper?.message.contains("docker-credential-ecr-login") == true)
    }
    #expect(try registry.log().allSatisfy { !($0.login ?? "").contains("Evil") })
  }

  @Test(
    "Bytes that are wrong, too many or too few are never used, and never left",
    arguments: [("wrong", Fault.Kind.badInput), ("long", .badInput), ("endless", .badInput), ("short", .unavailable)])
  func wrong(_ mode: String, _ kind: Fault.Kind) throws {
    let files = try PushedFiles()
    _ = try push(files, "\(mode)/model:1")
    let fault = #expect(throws: Fault.self) { try pull("\(mode)/model:1", seconds: 0.5) }
    #expect(fault?.kind == kind, "\(String(describing: fault))")
    // Halves may stay to be gone on with; nothing stands where files stand.
    #expect(left().filter { !$0.hasPrefix("parts/") }.isEmpty)
    if kind == .badInput { #expect(left().isEmpty) }
  }

  @Test("A pull that broke off goes on where it was, by a range, and what was wrong there is fetched anew")
  func resumed() throws {
    let files = try PushedFiles(count: 400_000)
    _ = try push(files, "cut/model:1")
    let pull = try ModelPull(with: try registry.client("cut/model:1", for: .pull))
    let net = try #require(pull.manifest.layers.first { $0.title == "net.onnx" })
    // What was fetched of it when an earlier pull was killed.
    let bytes = try FileSystem.read(files.folder.file("net.onnx"))
    try FileSystem.makeFolder(folder.file("in/parts"))
    try FileSystem.write(Array(bytes[..<150_000]), to: folder.file("in/parts/\(net.digest)"))
    #expect(try files.isWhole(try self.pull("cut/model:1")))
    let ranges = try registry.log().filter { $0.path.contains(net.digest) }.compactMap(\.range)
    #expect(ranges.first == "bytes=150000-" && ranges.count > 1)
    // Halves that are another file's, and too much.
    for (name, count) in [("other", 1000), ("more", 500_000)] {
      try FileSystem.makeFolder(folder.file("\(name)/parts"))
      try FileSystem.write([UInt8](repeating: 7, count: count), to: folder.file("\(name)/parts/\(net.digest)"))
      #expect(try files.isWhole(try self.pull("cut/model:1", into: name)))
    }
  }

  @Test(
    "A manifest that is not what was asked for, or what the registry says of it, is refused",
    arguments: ["lie", "swap"])
  func manifests(_ mode: String) throws {
    let pushed = try push(try PushedFiles(), "\(mode)/model:1")
    let place = mode == "lie" ? "lie/model:1" : "swap/model@sha256:\(pushed.digest)"
    let fault = #expect(throws: Fault.self) { try pull(place) }
    #expect(fault?.kind == .badInput && fault?.message.contains("damaged") == true)
    #expect(left().isEmpty)
  }

  @Test(
    "A registry that stores other bytes, or takes no artefacts, is told of",
    arguments: [("mixes", "other bytes"), ("old", "artefacts")])
  func stores(_ mode: String, _ word: String) throws {
    let fault = #expect(throws: Fault.self) { try push(try PushedFiles(), "\(mode)/model:1") }
    #expect(fault?.message.contains(word) == true, "\(String(describing: fault))")
  }

  @Test("Redirects end", arguments: [("loop", "more than 5 times"), ("file", "no address")])
  func redirects(_ mode: String, _ word: String) throws {
    _ = try push(try PushedFiles(), "\(mode)/model:1")
    let fault = #expect(throws: Fault.self) { try pull("\(mode)/model:1") }
    #expect(fault?.message.contains(word) == true, "\(String(describing: fault))")
  }

  @Test(
    "A registry that asks for an hour is told with how long it asks for, and one that is not there is not waited for long"
  )
  func waits() throws {
    let fault = #expect(throws: Fault.self) { try pull("later/model:1") }
    #expect(fault?.kind == .unavailable && fault?.message.contains("4000 s") == true, "\(String(describing: fault))")
    var settings = RegistryClient.Settings()
    settings.retrySeconds = 0.1
    let client = try RegistryClient(ImageReference("127.0.0.1:1/a:1"), for: .pull, settings: settings)
    let none = #expect(throws: Fault.self) { try ModelPull(with: client) }
    #expect(none?.kind == .unavailable && none?.message.contains("takes no connection") == true)
  }

  @Test("Files that another repository has are taken over, and sent where that cannot be")
  func mounted() throws {
    let files = try PushedFiles()
    _ = try push(files, "plain/base:1")
    let pushed = try push(files, "plain/model:1", from: "plain/base")
    #expect(pushed.mounted == 4 && pushed.sent == 0)
    #expect(try files.isWhole(try pull("plain/model:1")))
    #expect(try push(files, "stingy/model:1", from: "plain/base").sent == 4)
    #expect(throws: Fault.self) { try push(files, "plain/model:1", from: "../base") }
  }

  @Test("A file that says 10 GB and has few bytes is not waited for, and one that fits on no disk is not begun")
  func sizes() throws {
    let text = SHA256.hex(of: PushedFiles.manifest)
    _ = try push(try PushedFiles(), "plain/model:1")
    for (place, size) in [("plain/model:lie", 10_000_000_000), ("plain/model:huge", 1_000_000_000_000)] {
      let layers = [
        ManifestTests.layer("model.yaml", "\(PushedFiles.manifest.count)", digest: "sha256:\(text)"),
        ManifestTests.layer("net.onnx", "\(size)", digest: "sha256:\(SHA256.hex(of: Array("a\nb\n".utf8)))"),
      ]
      try registry.put(ManifestTests.text(layers), as: place)
      let fault = #expect(throws: Fault.self) { try pull(place, into: "big", seconds: 0.3) }
      #expect([.unavailable, .exhausted].contains(fault?.kind), "\(String(describing: fault))")
      #expect(left("big").allSatisfy { !$0.contains("net.onnx") })
    }
  }

  @Test("What is not there is told by what is missing")
  func missing() throws {
    let fault = #expect(throws: Fault.self) { try pull("plain/none:1") }
    #expect(fault?.kind == .notFound && fault?.message.contains("plain/none:1") == true)
    let pushed = try push(try PushedFiles(), "plain/model:1")
    let hex = String(repeating: "0", count: 64)
    #expect(throws: Fault.self) { try push(try PushedFiles(), "plain/model@sha256:\(hex)") }
    #expect(try push(try PushedFiles(), "plain/model@sha256:\(pushed.digest)").digest == pushed.digest)
  }

  @Test("Ten pulls at a time of one model into one folder all have it, and fetch it once")
  func together() async throws {
    let files = try PushedFiles(count: 300_000)
    _ = try push(files, "plain/model:1")
    let (registry, place) = (registry, folder.file("in"))
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<10 {
        group.addTask {
          try ModelPull(with: try registry.client("plain/model:1", for: .pull)).fetch(into: place)
        }
      }
      for try await made in group { #expect(try files.isWhole(made)) }
    }
    #expect(try registry.log().filter { $0.method == "GET" && $0.path.contains("/blobs/") }.count == 3)
  }
}
