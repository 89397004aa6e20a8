import Foundation
import TestKit
import Testing

/// `ridley function api`, as API Gateway and a function's address call it.
struct FunctionAPITests {
  private let folder = TemporaryFolder()
  private let listen = "127.0.0.1:\(Ports.free())"

  private func prepare(key: Bool = true) throws -> String {
    for name in ["models", "pipelines"] {
      try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("models/line-inspector"), withDestinationPath: Program.models + "/line-inspector")
    try Data("infer: {model: line-inspector, threshold: 0.5}\n".utf8)
      .write(to: URL(filePath: folder.file("pipelines/flat.yaml")))
    let film = folder.file("film.mp4")
    let made = shell([
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=5:d=1", "-pix_fmt", "yuv420p", film,
    ])
    try #require(made.status == 0, "\(made.errors)")
    try #require(
      Program.run(["library", "add", film, "--client", "acme", "--library", folder.file("lib")]).status == 0)
    guard key else { return "" }
    let words = [
      "key", "create", "--client", "acme", "--scope", "read,write", "--library", folder.file("lib"), "--json",
    ]
    return try #require(Program.run(words).json["key"] as? String)
  }

  private func run(_ steps: [[String: Any]]) throws -> FunctionRun {
    try FunctionRun(
      folder, steps,
      [
        "api", "--library", folder.file("lib"), "--models", folder.file("models"), "--pipelines",
        folder.file("pipelines"),
      ]
        + ["--listen", listen])
  }

  private func v2(_ method: String, _ path: String, key: String?, body: String? = nil) -> [String: Any] {
    var event: [String: Any] = [
      "version": "2.0", "rawPath": path, "rawQueryString": "", "isBase64Encoded": false,
      "headers": key.map { ["authorization": "Bearer \($0)", "content-type": "application/json"] } ?? [:],
      "requestContext": ["stage": "$default", "http": ["method": method, "path": path, "sourceIp": "203.0.113.7"]],
    ]
    if let body { event["body"] = body }
    return ["event": event, "seconds": 30]
  }

  private func v1(_ path: String, key: String) -> [String: Any] {
    let headers = ["Authorization": ["Bearer \(key)"]]
    let context: [String: Any] = ["stage": "prod", "identity": ["sourceIp": "203.0.113.7"]]
    let event: [String: Any] = [
      "httpMethod": "GET", "path": path, "multiValueHeaders": headers, "requestContext": context,
      "isBase64Encoded": false,
      "multiValueQueryStringParameters": ["limit": ["1"]], "body": NSNull(),
    ]
    return ["event": event, "seconds": 30]
  }

  private func status(_ answer: FunctionRun.Answer) -> Int? { answer.json["statusCode"] as? Int }

  @Test("An analysis is started and looked at without a server, by both kinds of events, with keys as over HTTP")
  func analysis() throws {
    let key = try prepare()
    let listed = Program.run(["library", "list", "--client", "acme", "--library", folder.file("lib"), "--json"])
    let asset = try #require((listed.json["assets"] as? [[String: Any]])?.first?["asset"] as? String)
    let body = #"{"source":{"asset":"\#(asset)"},"pipelines":["flat"]}"#
    let first = try run([
      v2("GET", "/healthz", key: nil), v2("POST", "/v1/analyses", key: nil, body: body),
      v2("POST", "/v1/analyses", key: "wrong", body: body), v2("POST", "/v1/analyses", key: key, body: body),
      v2("POST", "/v1/analyses", key: key, body: "{"), v2("GET", "/v1/nothing?x", key: key),
      ["event": ["Records": []]], v1("/v1/jobs", key: key),
    ])
    #expect(first.answers.map(status) == [200, 401, 401, 202, 400, 404, nil, 200], "\(first.answers) \(first.log)")
    #expect(first.answers[6].name == "WrongCall" && first.code == 0)
    let started = try #require(
      try JSONSerialization.jsonObject(with: Data(first.answers[3].text.utf8)) as? [String: Any])
    let job = try #require(started["job"] as? String)
    #expect(
      (first.answers[3].json["headers"] as? [String: String])?["Location"] == "/v1/jobs/\(job)", "\(first.answers[3])")
    #expect(first.answers[7].text.contains(job) && first.answers[7].json["multiValueHeaders"] is [String: [String]])
    #expect(try first.lines("ready for requests").count == 1)

    // Another function does it, and the first kind tells.
    let worked = try FunctionRun(
      folder, [["event": ["do": "work"]]],
      ["task", "--library", folder.file("lib"), "--models", folder.file("models")])
    #expect(worked.endings == ["done"], "\(worked.answers) \(worked.log)")
    let then = try run([v2("GET", "/v1/jobs/\(job)", key: key), v2("GET", "/v1/assets/\(asset)", key: key)])
    #expect(
      then.answers.map(status) == [200, 200] && then.answers[0].text.contains(#""state":"finished""#), "\(then.answers)"
    )
  }

  @Test("A function without keys answers nobody, and says so as it begins")
  func keyless() throws {
    _ = try prepare(key: false)
    let ran = try run([v2("GET", "/v1/jobs", key: nil)])
    #expect(ran.endings == ["WrongSetup"] && ran.answers[0].kind == "init", "\(ran.answers) \(ran.log)")
    #expect(ran.answers[0].text.contains("there are no keys"), "\(ran.answers)")
  }

  @Test("The server of a function listens on this machine alone")
  func places() throws {
    _ = try prepare()
    let ran = try FunctionRun(folder, [], ["api", "--library", folder.file("lib"), "--listen", "0.0.0.0:8081"])
    #expect(ran.endings == ["WrongSetup"] && ran.answers[0].text.contains("this machine alone"), "\(ran.answers)")
  }
}
