import Foundation
import TestKit
import Testing

/// Models as artefacts of a real registry, which other tools read too.
@Suite(.enabled(if: ContainerRegistry.isThere), .timeLimit(.minutes(20)))
struct ArtifactCommandTests {
  private let folder = TemporaryFolder()

  private func run(_ words: [String], _ variables: [String: String] = [:]) -> ShellResult {
    let own = ["RIDLEY_HOME": folder.file("home"), "HOME": folder.path, "RIDLEY_REGISTRY_RETRY": "5"]
    return Program.run(words, in: folder.path, environment: own.merging(variables) { $1 })
  }

  /// A network that adds `number`, and a file that many share.
  private func model(_ number: Float, name: String = "adder", shared: Int = 50_000) throws -> String {
    let place = folder.file("made/\(name)")
    try AdderModel.write(number, at: place, name: name, others: ["shared.bin"])
    try Data((0..<shared).map { UInt8(truncatingIfNeeded: $0 &* 7) }).write(to: URL(filePath: "\(place)/shared.bin"))
    return place
  }

  @Test("What is pushed twice is one artefact, which skopeo reads and copies, and what skopeo pushed is pulled")
  func skopeo() throws {
    let registry = try ContainerRegistry()
    let place = try model(1)
    let first = run(["model", "push", place, "\(registry.host)/vision/adder:V1", "--json"])
    #expect(first.status == 0 && first.json["sent"] as? Int == 4, "\(first)")
    let again = run(["model", "push", place, "\(registry.host)/vision/adder:latest", "--json"])
    #expect(
      again.json["reference"] as? String == first.json["reference"] as? String && again.json["known"] as? Int == 4)
    let raw = shell(["skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(registry.host)/vision/adder:V1"])
    #expect(raw.json["artifactType"] as? String == "application/vnd.ridley.model.v1", "\(raw)")
    let layers = try #require(raw.json["layers"] as? [[String: Any]])
    let titles = layers.compactMap { ($0["annotations"] as? [String: String])?["org.opencontainers.image.title"] }
    #expect(titles == ["model.yaml", "net.onnx", "shared.bin"])
    let annotations = try #require(raw.json["annotations"] as? [String: String])
    #expect(
      annotations["org.opencontainers.image.licenses"] == "MIT"
        && annotations["org.opencontainers.image.created"] == nil)
    #expect(annotations["ridley.model.digest"] == first.json["digest"] as? String)
    // By way of a folder of skopeo's into another repository.
    for (from, to) in [
      ("docker://\(registry.host)/vision/adder:V1", "dir:\(folder.file("copy"))"),
      ("dir:\(folder.file("copy"))", "docker://\(registry.host)/copied/adder:1"),
    ] {
      let copied = shell([
        "skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to,
      ])
      #expect(copied.status == 0, "\(copied)")
    }
    let pulled = run(["model", "pull", "\(registry.host)/copied/adder:1", "--as", "other", "--json"])
    #expect(pulled.status == 0 && pulled.json["digest"] as? String == first.json["digest"] as? String, "\(pulled)")
    for file in ["net.onnx", "shared.bin"] {
      let same = FileManager.default.contentsEqual(
        atPath: "\(place)/\(file)", andPath: folder.file("models/other/\(file)"))
      #expect(same, "\(file)")
    }
    #expect(run(["model", "list", "--json"]).output.contains("\"other\""))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("models"))
    #expect(left == ["other"], "\(left)")
  }

  @Test("A model of a registry is not put over another, is known where it is here, and is pulled by digest")
  func folders() throws {
    let registry = try ContainerRegistry()
    let pushed = run(["model", "push", try model(1), "\(registry.host)/adder:1", "--json"])
    let reference = try #require(pushed.json["reference"] as? String)
    #expect(run(["model", "pull", reference]).status == 0)
    let known = run(["model", "pull", reference, "--json"])
    #expect(known.status == 0 && known.json["new"] as? Bool == false, "\(known)")
    #expect(run(["model", "push", try model(2), "\(registry.host)/adder:2"]).status == 0)
    let taken = run(["model", "pull", "\(registry.host)/adder:2"])
    #expect(taken.status == 4 && taken.errors.contains("--as"), "\(taken)")
    let none = run(["model", "pull", "\(registry.host)/adder:9"])
    #expect(none.status == 3 && none.errors.contains("adder:9"), "\(none)")
    let usage = run(["model", "pull", "yolox-nano", "--as", "x"])
    #expect(usage.status == 2 && usage.errors.contains("--as"), "\(usage)")
  }

  @Test(
    "Ten models that share a file have it once in the registry and once in the library, which keeps it until the last of them goes"
  )
  func shared() throws {
    let registry = try ContainerRegistry()
    var digests: [String] = []
    for number in 0..<10 {
      let place = try model(Float(number), name: "adder-\(number)")
      let words = number == 0 ? [] : ["--from", "adder-0"]
      let pushed = run(["model", "push", place, "\(registry.host)/adder-\(number):1", "--json"] + words)
      #expect(pushed.status == 0, "\(pushed)")
      if number > 0 { #expect(pushed.json["mounted"] as? Int == 2, "\(pushed)") }
      digests.append(pushed.json["digest"] as? String ?? "")
    }
    // 10 networks, 10 manifests of models, 10 of the registry, the empty configuration, and what all share.
    #expect(try registry.blobs().count == 32)
    for number in 0..<10 {
      let pulled = run(["model", "pull", "\(registry.host)/adder-\(number):1", "--library", "lib", "--json"])
      #expect(pulled.json["digest"] as? String == digests[number] && pulled.json["version"] as? Int == 1, "\(pulled)")
    }
    let again = run(["model", "pull", "\(registry.host)/adder-3:1", "--library", "lib", "--json"])
    #expect(again.json["new"] as? Bool == false, "\(again)")
    let large = try FileManager.default.subpathsOfDirectory(atPath: folder.file("lib/objects")).filter { path in
      let size = (try? FileManager.default.attributesOfItem(atPath: folder.file("lib/objects/\(path)")))?[.size] as? Int
      return size == 50_000
    }
    #expect(large.count == 1)
    // What comes out again is what went in, and can be pushed on.
    let exported = run(["model", "export", "adder-7", "1", "out", "--library", "lib"])
    #expect(
      exported.status == 0
        && FileManager.default.contentsEqual(
          atPath: folder.file("out/net.onnx"), andPath: folder.file("made/adder-7/net.onnx"))
    )
    let on = run(["model", "push", "adder-7@1", "\(registry.host)/on:1", "--library", "lib", "--json"])
    #expect(on.json["digest"] as? String == digests[7], "\(on)")
    #expect((try? FileManager.default.contentsOfDirectory(atPath: folder.file("home/pulls"))) ?? [] == [])
  }

  private func variables(_ registry: ContainerRegistry, password: String) -> [String: String] {
    [
      "RIDLEY_REGISTRY_HOST": registry.host, "RIDLEY_REGISTRY_USER": "ann", "RIDLEY_REGISTRY_PASSWORD": password,
    ]
  }

  @Test("A registry with users lets in who has logged in, by file or by variables, and nobody else")
  func logins() throws {
    let registry = try ContainerRegistry(hasUser: true)
    let (place, reference) = (try model(1), "\(registry.host)/adder:1")
    let none = run(["model", "push", place, reference])
    #expect(none.status == 6 && none.errors.contains("docker login"), "\(none)")
    let wrong = run(
      ["model", "push", place, reference], variables(registry, password: "x"))
    #expect(wrong.status == 6 && wrong.errors.contains("'ann'") && !wrong.errors.contains("password x"), "\(wrong)")
    let right = run(
      ["model", "push", place, reference], variables(registry, password: "s3cr:et"))
    #expect(right.status == 0, "\(right)")
    // As skopeo keeps it.
    let login = shell([
      "skopeo", "login", "--tls-verify=false", "-u", "ann", "-p", "s3cr:et", "--authfile", folder.file("auth.json"),
      registry.host,
    ])
    #expect(login.status == 0, "\(login)")
    let pulled = run(["model", "pull", reference], ["REGISTRY_AUTH_FILE": folder.file("auth.json")])
    #expect(pulled.status == 0, "\(pulled)")
  }

  @Test("A container image is no model, and says so")
  func foreign() throws {
    let registry = try ContainerRegistry()
    let empty = folder.file("image")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    let config = Data(
      #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"config":{}}"#.utf8)
    let digest = shell([
      "bash", "-c", #"printf %s "$0" | sha256sum | cut -c1-64"#, String(decoding: config, as: UTF8.self),
    ]).output
    let hex = digest.trimmingCharacters(in: .whitespacesAndNewlines)
    try config.write(to: URL(filePath: "\(empty)/\(hex)"))
    try Data("Directory Transport Version: 1.1\n".utf8).write(to: URL(filePath: "\(empty)/version"))
    let manifest =
      #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(hex)","size":\#(config.count)},"layers":[]}"#
    try Data(manifest.utf8).write(to: URL(filePath: "\(empty)/manifest.json"))
    let copied = shell([
      "skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "dir:\(empty)",
      "docker://\(registry.host)/image:1",
    ])
    #expect(copied.status == 0, "\(copied)")
    let pulled = run(["model", "pull", "\(registry.host)/image:1"])
    #expect(pulled.status == 5 && pulled.errors.contains("container image"), "\(pulled)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("models")))
  }
}
