import Foundation
import TestKit
import Testing

/// A run of the program as a function, by the runtime interface of `lambda_interface.py`.
struct FunctionRun {
  struct Answer {
    /// `response`, `error`, `init`, or what was wrong with it.
    var kind = ""
    var name: String?
    var text = ""
    var json: [String: Any] = [:]
    /// From the invocation to the answer.
    var seconds = 0.0
  }

  let answers: [Answer]
  let connections: Int
  let code: Int
  /// What it wrote on standard error, each line.
  let log: [String]

  init(_ folder: TemporaryFolder, _ steps: [[String: Any]], _ words: [String], environment: [String: String] = [:])
    throws
  {
    let file = folder.file("steps.json")
    try JSONSerialization.data(withJSONObject: steps).write(to: URL(filePath: file))
    let own = [
      "RIDLEY_HOME": folder.file("home"), "RIDLEY_CACHE": folder.file("cache"), "RIDLEY_MODELS": Program.models,
      "TMPDIR": folder.path,
    ]
    let script = Checkout.path + "/Tests/CommandTests/lambda_interface.py"
    let ran = shell(
      ["timeout", "240", "python3", "-B", script, file, Program.path, "function"] + words,
      environment: own.merging(environment) { $1 })
    try #require(ran.status == 0, "\(ran.errors)")
    answers = try #require(ran.json["answers"] as? [[String: Any]]).map(Self.answer)
    connections = ran.json["connections"] as? Int ?? 0
    (code, log) = (ran.json["code"] as? Int ?? -1000, ran.json["log"] as? [String] ?? [])
  }

  private static func answer(_ json: [String: Any]) throws -> Answer {
    var answer = Answer()
    (answer.kind, answer.name) = (json["kind"] as? String ?? "", json["type"] as? String)
    (answer.json, answer.seconds) = (json["body"] as? [String: Any] ?? [:], json["seconds"] as? Double ?? 0)
    answer.text = answer.json["errorMessage"] as? String ?? answer.json["body"] as? String ?? ""
    if answer.kind != "response", answer.kind != "empty" { #expect(answer.json["errorType"] as? String == answer.name) }
    return answer
  }

  /// Names of the errors, `done` for what has none.
  var endings: [String] { answers.map { $0.name ?? ($0.kind == "response" ? "done" : $0.kind) } }

  /// The lines of the log with this message.
  func lines(_ message: String) throws -> [[String: Any]] {
    try log.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }.filter { $0["message"] as? String == message }
  }
}
