import Foundation
import TestKit
import Testing

/// The files of a server's pipelines over HTTP, and a stream whose pipeline is another from a picture on.
@Suite(.serialized, .ownThread)
struct PipelineFileTests {
  private let folder = TemporaryFolder()
  private let server: LibraryServer

  init() throws {
    for name in ["models", "pipelines"] {
      try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("models/line-inspector"), withDestinationPath: Program.models + "/line-inspector")
    try Data("films: [.]\n".utf8).write(to: URL(filePath: folder.file("serve.yaml")))
    server = try LibraryServer(folder, ["--config", "serve.yaml", "--workers", "0", "--pipelines", "pipelines"])
    try server.clip("film.mp4")
    let address = server.address
    try waitUntil("the model") { shell(["curl", "-sf", "\(address)/readyz"]).status == 0 }
  }

  private func ask(_ method: String, _ name: String, _ document: String? = nil) throws -> (status: Int, text: String) {
    let body = try document.map {
      String(decoding: try JSONSerialization.data(withJSONObject: ["document": $0]), as: UTF8.self)
    }
    let result = shell(
      ["curl", "-s", "-w", "\n%{http_code}", "-X", method, "--path-as-is"] + (body.map { ["-d", $0] } ?? [])
        + ["\(server.address)/v1/pipelines/\(name)"])
    let parts = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    return (Int(parts.last ?? "") ?? 0, parts.dropLast().joined(separator: "\n"))
  }

  private var file: String? { try? String(contentsOfFile: folder.file("pipelines/flat.yaml"), encoding: .utf8) }

  @Test("A pipeline is written where it fits the models that are served, read as it was written, and taken away")
  func files() throws {
    let text = "infer: {model: line-inspector, threshold: 0.5}  # é\n"
    #expect(try ask("GET", "flat").status == 404)
    #expect(try ask("PUT", "flat", text).status == 201 && file == text)
    #expect(try ask("PUT", "flat", text).status == 200)
    let told = try ask("GET", "flat")
    let json = try JSONSerialization.jsonObject(with: Data(told.text.utf8)) as? [String: String]
    #expect(told.status == 200 && json == ["name": "flat", "document": text])
    for (document, words) in [
      ("infer: {model: line-inspektor}", "line-inspe"), ("infer: {modle: line-inspector}", "flat:1:9"),
      ("a: [", "flat:"),
    ] {
      let refused = try ask("PUT", "flat", document)
      #expect([400, 404, 409, 422, 503].contains(refused.status) && refused.text.contains(words), "\(refused)")
      #expect(file == text)
    }
    for name in [".flat", "a%2Fb", "..%2F..%2Fx", "%2e%2e"] {
      let refused = try ask("PUT", name, text)
      #expect([400, 404].contains(refused.status), "\(name): \(refused)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("pipelines")) == ["flat.yaml"])
    #expect(try ask("DELETE", "flat").status == 204 && ask("DELETE", "flat").status == 404 && file == nil)
  }

  @Test(
    "A blueprint brings a pipeline and a stream that needs it; another text of it reaches the stream, which stays connected"
  )
  func deployed() throws {
    let write = { (text: String, name: String) in try Data(text.utf8).write(to: URL(filePath: folder.file(name))) }
    try write(
      """
      servers: {main: {address: "\(server.address)"}}
      pipelines: {gate: {file: gate.yaml}}
      streams: {gate: {source: "film.mp4?loop=1", pipeline: gate, budget: 10s}}
      """, "site.yaml")
    let apply = { Program.run(["deploy", "apply", "site.yaml"], in: folder.path) }
    let stream = { shell(["curl", "-s", "\(server.address)/v1/streams/gate"]).json }
    for threshold in ["0.5", "0.25"] {
      try write("infer: {model: line-inspector, threshold: \(threshold)}\n", "gate.yaml")
      let told = apply()
      #expect(told.status == 0, "\(told)")
      let before = stream()["delivered"] as? Int ?? 0
      try waitUntil("answers with \(threshold)", seconds: 240) { (stream()["delivered"] as? Int ?? 0) > before }
    }
    #expect(stream()["connections"] as? Int == 1, "\(stream())")
    try write("infer: {model: nothing}\n", "gate.yaml")
    let refused = apply()
    #expect(refused.status == 3 && refused.errors.contains("gate:1:16: there is no model 'nothing'"), "\(refused)")
    #expect(try ask("GET", "gate").text.contains("0.25"))
    #expect(Program.run(["deploy", "drift", "site.yaml"], in: folder.path).status == 0)
  }
}
