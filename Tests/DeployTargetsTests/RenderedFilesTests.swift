import Base
import DeployTargets
import Foundation
import Gateway
import TestKit
import Testing

/// What is rendered of deploy/sites stands there, and is read in review; deploy/check holds it to the platforms.
struct RenderedFilesTests {
  static let all: [(name: String, stage: String, target: RenderTarget)] = [
    ("line", "dev", .compose), ("line", "production", .kubernetes), ("media", "dev", .compose),
    ("media", "dev", .kubernetes), ("media", "staging", .kubernetes), ("media", "staging", .aws),
    ("jobs", "staging", .aws), ("jobs", "production", .aws),
  ]

  @Test(arguments: all)
  func `the files of deploy/sites are what is rendered`(
    _ one: (name: String, stage: String, target: RenderTarget)
  ) throws {
    let place = "\(RenderedSites.folder)/\(one.name)-\(one.stage)-\(one.target.rawValue)"
    let files = try one.target.files(for: RenderedSites.named(one.name, one.stage))
    if ProcessInfo.processInfo.environment["RIDLEY_WRITE_RENDERED"] != nil {
      FileSystem.removeTree(place)
      for file in files {
        try FileSystem.makeFolder(FileSystem.folder(of: "\(place)/\(file.path)"))
        try FileSystem.write(Array(file.text.utf8), to: "\(place)/\(file.path)")
      }
    }
    for file in files {
      let there = try? String(decoding: FileSystem.read("\(place)/\(file.path)", limit: 1 << 20), as: UTF8.self)
      #expect(there == file.text, "RIDLEY_WRITE_RENDERED=1 swift test --filter RenderedFilesTests writes it anew")
    }
    let found = FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []
    let others = found.filter { $0.hasSuffix(".yaml") && !files.map(\.path).contains($0) }
    #expect(others.isEmpty, "nothing renders these")
  }

  @Test(arguments: all)
  func `the same site gives the same bytes`(_ one: (name: String, stage: String, target: RenderTarget)) throws {
    let first = try one.target.files(for: RenderedSites.named(one.name, one.stage))
    #expect(try one.target.files(for: RenderedSites.named(one.name, one.stage)) == first)
    #expect(Set(first.map(\.path)).count == first.count)
    #expect(first.filter { $0.text.hasPrefix(RenderedFile.mark) }.count == 1)
    #expect(first.allSatisfy { $0.text.hasSuffix("\n") && !$0.text.contains(" \n") })
  }

  @Test(arguments: all.filter { $0.target != .aws })
  func `servers read the settings that are rendered`(
    _ one: (name: String, stage: String, target: RenderTarget)
  ) throws {
    let site = try RenderedSites.named(one.name, one.stage)
    let file = try #require(try one.target.files(for: site).first { $0.path == "ridley.yaml" })
    let settings = try ServeConfiguration.parse(Array(file.text.utf8), name: file.path, folder: "/etc/ridley")
    #expect(settings.listen == ListenAddress(host: "0.0.0.0", port: 8080))
    #expect(settings.models == "/models")
  }

  @Test func `what functions have no place for is named`() throws {
    let site = try RenderedSites.named("media", "staging")
    let left = "streams, trusted-proxies, settings"
    #expect(RenderTarget.aws.leftOut(of: site).joined(separator: ", ") == left)
    #expect(
      try RenderTarget.aws.files(for: site)[0].text.contains("# Nothing here does what the site says of \(left):"))
    #expect(RenderTarget.kubernetes.leftOut(of: site).isEmpty)
  }

  @Test func `a worker as large as a server has all of its cores set aside`() throws {
    let site = try RenderedSites.site(
      RenderedSites.shared
        + "server: {cores: 1, memory: 2GiB, disk: 36GiB}\nworker: {cores: 1, memory: 2GiB, replicas: 2}")
    let files = try RenderTarget.kubernetes.files(for: site)
    #expect(files.first { $0.path == "workers.yaml" }?.text.contains("requests: { cpu: \"1\",") == true)
    #expect(files.first { $0.path == "server.yaml" }?.text.contains("requests: { cpu: \"500m\",") == true)
  }

  @Test func `what a platform has no place for is refused with the way out`() throws {
    func refusal(_ target: RenderTarget, _ render: String) -> String {
      do throws(Fault) {
        _ = try target.files(for: RenderedSites.site(render))
        return ""
      } catch { return error.message }
    }
    let (shared, one) = (RenderedSites.shared, "server: {replicas: 1}\n")
    let two = shared + "server: {replicas: 2}"
    #expect(refusal(.compose, two).contains("runs one server on one machine, and the site has 2"))
    #expect(refusal(.compose, shared + one + "worker: {most: 9}").contains("('most: 9')"))
    #expect(refusal(.kubernetes, shared + "server: {replicas: 0}").contains("has no server"))
    #expect(refusal(.aws, one).contains("need a library that is shared"))
    let table = "store: dynamodb://eu-west-1/lib\nobjects: s3://bucket/films\n"
    for target in RenderTarget.allCases {
      #expect(target == .aws || refusal(target, table + one).contains("give the site a bus"))
      #expect(refusal(target, table + one + "bus: redis://queue").isEmpty)
    }
    for (store, bus) in [(table, ""), (table, "bus: redis://queue"), (shared, ""), (shared, "bus: {secret: env:BUS}")] {
      let text = try RenderTarget.aws.files(for: RenderedSites.site(store + bus)).map(\.text).joined()
      #expect(text.contains("POST, Path: /v1/analyses") != bus.isEmpty && text.contains("\"work\"") != bus.isEmpty)
      #expect(text.contains("# No POST /v1/analyses") == (store == shared && bus.isEmpty))
    }
    for bad in ["s3://bucket", "s3://bucket/a*b", "s3://bucket/$x", "s3://Bucket/a", "s3://bucket/a/"] {
      let store = "store: {secret: env:STORE}\nobjects: \(bad)"
      #expect(refusal(.aws, store).contains("'\(bad)' cannot be rendered for aws"))
    }
    #expect(
      refusal(.aws, "bus: redis://queue\nstore: dynamodb://eu-west-1\nobjects: s3://bucket/a").contains(
        "dynamodb://REGION/TABLE"))
  }
}
