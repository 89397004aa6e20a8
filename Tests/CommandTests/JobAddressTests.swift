import Foundation
import TestKit
import Testing

/// Jobs of a server with one worker, as clients start and steer them over HTTP.
@Suite(.serialized, .ownThread)
struct JobAddressTests {
  private let folder = TemporaryFolder()
  private let server: LibraryServer
  private let films: LocalServer

  init() throws {
    for name in ["models", "pipelines", "films"] {
      try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("models/line-inspector"), withDestinationPath: Program.models + "/line-inspector")
    let text = "infer: {model: line-inspector, threshold: 0.5}\n"
    try Data(text.utf8).write(to: URL(filePath: folder.file("pipelines/flat.yaml")))
    server = try LibraryServer(folder, ["--workers", "1", "--pipelines", "pipelines"])
    films = try LocalServer(folder: folder.file("films"))
    try server.clip("films/film.mp4")
    try waitUntil("the model") { try ask("/readyz").status == 200 }
  }

  private func ask(_ path: String, _ body: String? = nil) throws -> (status: Int, json: [String: Any], text: String) {
    let head = body.map { ["-X", "POST"] + ($0.isEmpty ? [] : ["-H", "Content-Type: application/json", "-d", $0]) }
    let more = head ?? []
    let result = shell(["curl", "-sS", "--max-time", "30", "-w", "\n%{http_code}"] + more + [server.address + path])
    let parts = result.output.split(separator: "\n")
    let text = parts.dropLast().joined(separator: "\n")
    let json = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
    return (Int(parts.last ?? "") ?? 0, json ?? [:], text)
  }

  private func fetch(_ path: String, client: String) throws -> String {
    let body = #"{"client":"\#(client)","source":{"address":"\#(films.address)\#(path)"},"pipelines":["flat"]}"#
    let answer = try ask("/v1/analyses", body)
    return try #require(answer.json["job"] as? String, "\(answer.text)")
  }

  private func job(_ id: String) throws -> [String: Any] { try ask("/v1/jobs/\(id)").json }

  private func wait(for id: String, to state: String, seconds: Double = 240) throws {
    try waitUntil("the job \(id) to be \(state)", seconds: seconds) { try job(id)["state"] as? String == state }
  }

  @Test("Addresses that drip hold up no other client's job of the only worker, nor their own client's once cancelled")
  func drops() throws {
    let slow = try (0..<6).map { try fetch("/drip/\($0).mp4", client: "slow") }
    try waitUntil("them to be fetched") { try job(slow[0])["fetching"] as? Bool == true }
    let added = server.here(["library", "add", "films/film.mp4", "--client", "acme"])
    #expect(added.status == 0, "\(added.errors)")
    let other = try ask("/v1/jobs", #"{"client":"acme","pipelines":["flat"]}"#)
    try wait(for: try #require(other.json["job"] as? String, "\(other.text)"), to: "finished")
    let fetched = try fetch("/film.mp4", client: "quick")
    try wait(for: fetched, to: "finished")
    #expect(try job(fetched)["done"] as? Int == 1)
    for id in slow { #expect(try job(id)["state"] as? String == "running") }
    for id in slow { #expect(try ask("/v1/jobs/\(id)/cancel", "").json["state"] as? String == "cancelled") }
    try wait(for: try fetch("/film.mp4", client: "slow"), to: "finished")
  }

  @Test("A job says on every surface what it waits for, or why it was given up")
  func reasons() throws {
    let (later, never) = (
      try fetch("/status/503/film.mp4", client: "acme"), try fetch("/status/404/film.mp4", client: "acme")
    )
    try wait(for: never, to: "failed")
    #expect((try job(never)["reason"] as? String)?.contains("(404)") == true)
    try waitUntil("the first attempt") { try job(later)["waiting"] != nil }
    let waiting = try #require(try job(later)["waiting"] as? [String: Any])
    #expect((waiting["reason"] as? String)?.contains("answered 503") == true && waiting["most"] as? Int == 7)
    let shown = server.here(["job", "show", later, "--client", "acme"])
    #expect(shown.output.contains("its asset is being fetched") && shown.output.contains(" of 7 failed: 127.0.0.1:"))
    #expect(shown.output.contains("the next is not before 20"), "\(shown.output)")
    let failed = server.here(["job", "show", never, "--client", "acme"])
    #expect(failed.output.contains("(404)") && failed.output.contains("'ridley job retry \(never)' goes on with it"))
    try Data("this is no film at all".utf8).write(to: URL(filePath: folder.file("films/text.mp4")))
    let text = try fetch("/text.mp4", client: "acme")
    try wait(for: text, to: "failed")
    let reason = try #require(try job(text)["reason"] as? String)
    #expect(!reason.isEmpty && !reason.contains("/proc"), "\(reason)")
  }

  @Test("Money is the unit everywhere; what is no budget, no secret, or does not go as things stand is refused as that")
  func money() throws {
    _ = server.here(["library", "add", "films/film.mp4", "--client", "acme"])
    func start(_ more: String) throws -> (status: Int, json: [String: Any], text: String) {
      try ask("/v1/jobs", #"{"client":"acme","pipelines":["flat"]\#(more)}"#)
    }
    for budget in ["0", "0.0000001", "-1", "1e10"] {
      #expect(try start(#","price":0.5,"budget":\#(budget)"#).status == 400, "\(budget)")
    }
    #expect(try start(#","budget":1"#).text.contains("a budget needs a price"))
    let secret = try start(#","webhook":"http://127.0.0.1:1/","secret":"geheim""#)
    #expect(secret.status == 400 && secret.text.contains("24 to 64 bytes"), "\(secret.text)")
    let started = try start(#","price":0.0000125,"budget":2.5"#)
    #expect(started.status == 202 && started.json["budget"] as? Double == 2.5, "\(started.text)")
    #expect(started.json["price"] as? Double == 0.0000125 && started.json["cost"] as? Double == 0)
    let id = try #require(started.json["job"] as? String)
    try wait(for: id, to: "finished")
    for order in ["pause", "resume", "cancel"] {
      let refused = try ask("/v1/jobs/\(id)/\(order)", "")
      #expect(refused.status == 409 && refused.text.contains("is finished, so nothing is left"), "\(refused.text)")
      #expect((refused.json["error"] as? [String: Any])?["code"] as? String == "conflict")
    }
    let shown = server.here(["job", "show", id, "--client", "acme", "--json"]).json
    #expect(shown["budget"] as? Double == 2.5 && (shown["cost"] as? Double ?? 1) < 0.1)
    let list = server.here(["job", "list", "--client", "acme"])
    #expect(list.output.contains("cancelled"), "\(list.output)")
    for (words, text) in [
      (["--budget", "0", "--price", "0.1"], "a budget is more than 0"),
      (["--webhook", "http://127.0.0.1:1/", "--webhook-secret", "geheim"], "24 to 64 bytes"),
    ] {
      let refused = server.here(["job", "start", "--client", "acme", "--pipeline", "pipelines/flat.yaml"] + words)
      #expect(refused.status == 4 && refused.errors.contains(text), "\(refused.errors)")
    }
  }
}
