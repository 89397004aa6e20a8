import Foundation
import TestKit
import Testing

/// Roll-outs at the command line and behind a server: planted bad versions are back out by themselves.
@Suite(.timeLimit(.minutes(20)), .serialized, .ownThread)
struct RolloutCommandTests {
  private let folder = TemporaryFolder()

  /// What a version does with four numbers.
  private enum Kind {
    /// Adds one: what is right.
    case right
    /// The same by another way.
    case alike
    /// Adds two where the first number is 3.
    case wrongOnThrees
    /// Right, and as slow as so many products of large matrices.
    case slow(Int)
    /// Takes five.
    case wider
    /// Looks one up in a table of so many.
    case table(Int)
  }

  private func write(_ kind: Kind, _ mark: Int) throws -> String {
    let place = folder.file("made/\(mark)/adder")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    var network = ONNXNetwork()
    var width = 4
    if case .wider = kind { width = 5 }
    let isTable = if case .table = kind { true } else { false }
    if isTable { width = 1 }
    network.input("x", isTable ? .int64 : .float, [.fixed(1), .fixed(width)])
    network.output("y", .float, [.fixed(1), .fixed(width)])
    let number: Float = if case .alike = kind { 0.5 } else { 1 }
    network.constant(ONNXNetwork.tensor("number", .float, [1], [number]))
    switch kind {
    case .right, .wider: network.node("Add", ["x", "number"], ["y"])
    case .alike:
      network.node("Add", ["x", "number"], ["half"])
      network.node("Add", ["half", "number"], ["y"])
    case .wrongOnThrees:
      network.constant(ONNXNetwork.tensor("three", .float, [1, 4], [3, 1e9, 1e9, 1e9] as [Float]))
      network.node("Add", ["x", "number"], ["sum"])
      network.node("Equal", ["x", "three"], ["is"])
      network.node("Cast", ["is"], ["more"], attributes: [ONNXNetwork.attribute("to", integer: 1)])
      network.node("Add", ["sum", "more"], ["y"])
    case .slow(let products): slow(&network, products)
    case .table(let rows):
      network.constant(ONNXNetwork.tensor("table", .float, [rows], [Float](repeating: 0, count: rows)))
      network.node("Gather", ["table", "x"], ["found"], attributes: [ONNXNetwork.attribute("axis", integer: 0)])
      network.node("Add", ["found", "number"], ["y"])
    }
    try network.write(to: "\(place)/net.onnx")
    let manifest =
      "name: adder\nsummary: Number \(mark).\nlicense: MIT\ntask: tensor\nfiles: [{path: net.onnx}]\noutput: {decoder: raw}\n"
    try Data(manifest.utf8).write(to: URL(filePath: "\(place)/model.yaml"))
    return place
  }

  /// Adds one to `x`, and nothing that is made of products of 256 by 256.
  private func slow(_ network: inout ONNXNetwork, _ products: Int) {
    network.constant(ONNXNetwork.tensor("four", .int64, [2], [256, 64] as [Int64]))
    network.constant(ONNXNetwork.tensor("none", .float, [1], [1e-12] as [Float]))
    network.constant(ONNXNetwork.tensor("tiny", .float, [1], [1e-3] as [Float]))
    network.node("Tile", ["x", "four"], ["wide"])
    network.node("Mul", ["wide", "tiny"], ["little"])
    // Rows that sum up to 1, and so do those of products.
    network.node("Softmax", ["little"], ["small"])
    var last = "small"
    for place in 0..<products {
      network.node("MatMul", [last, "small"], ["product\(place)"])
      last = "product\(place)"
    }
    network.node("ReduceMean", [last], ["mean"], attributes: [ONNXNetwork.attribute("keepdims", integer: 0)])
    network.node("Mul", ["mean", "none"], ["zero"])
    network.node("Add", ["x", "number"], ["sum"])
    network.node("Add", ["sum", "zero"], ["y"])
  }

  private func publish(_ kinds: [Kind]) throws {
    for (place, kind) in kinds.enumerated() {
      let told = run("model", "publish", try write(kind, place + 1), "--json")
      #expect(told.json["version"] as? Int == place + 1, "\(told)")
    }
    #expect(run("model", "alias", "adder", "live", "1", "--untried").status == 0)
  }

  private func run(_ words: String...) -> ShellResult {
    Program.run(words + ["--library", "lib"], in: folder.path)
  }

  private func status() -> (state: String, share: Double, stage: Int, reason: String, evidence: [String: Any]) {
    let told = run("model", "rollout", "status", "adder", "--json").json
    let rollout = told["rollout"] as? [String: Any] ?? [:]
    return (
      rollout["state"] as? String ?? "", rollout["share"] as? Double ?? -1, rollout["stage"] as? Int ?? -1,
      rollout["reason"] as? String ?? "", told["evidence"] as? [String: Any] ?? [:]
    )
  }

  /// Processes of this test's folder that are at a command.
  private func ownProcesses(of command: String) -> [Int32] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { Int32($0) }.filter { id in
      let words = (try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)) ?? ""
      let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
      return words.split(separator: "\0").dropFirst().first == command[...] && place == folder.path
    }
  }

  private func serve() throws -> LibraryServer {
    let server = try LibraryServer(folder, ["--registry", "--workers", "0"])
    try waitUntil("the model to be served") {
      shell(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.address)/v2/models/adder/ready"]).output
        == "200"
    }
    return server
  }

  private func begin(_ version: Int, _ rule: String, shadow: String = "50%", canary: String = "20%,100%") {
    let told = run(
      "model", "rollout", "adder@\(version)", "--shadow", shadow, "--canary", canary, "--every", "1s", "--rule", rule,
      "--by", "ann")
    #expect(told.status == 0, "\(told)")
  }

  /// Asks until the rollout has ended.
  private func ask(_ client: RolloutClient, seconds: Double = 60) throws {
    try waitUntil("the roll-out to end: \(status())", seconds: seconds) {
      try client.ask(20)
      return !["running", "paused"].contains(status().state)
    }
  }

  @Test("A version that does as the one before goes through every step and is live; the server is killed in each")
  func promotes() throws {
    try publish([.right, .alike])
    let server = try serve()
    var client = try RolloutClient(server)
    begin(2, "errors == 0 and agreement > .97 and count >= 30")
    var shares: [Double] = []
    for stage in 0..<3 {
      try waitUntil("stage \(stage): \(status())", seconds: 240) {
        try client.ask(20)
        return status().stage == stage
      }
      shares.append(status().share)
      #expect(client.failed.isEmpty && client.wrong.isEmpty, "\(client.failed.first ?? "") \(client.wrong)")
      server.end()
      // Not seen is not lost: it goes on where it was.
      #expect(status().stage == stage && status().state == "running")
      try server.startAgain()
      client = try RolloutClient(server)
      try waitUntil("the server to be back") {
        try client.ask()
        return !client.answers.isEmpty
      }
      client = try RolloutClient(server)
    }
    #expect(shares == [0, 0.2, 1])
    try ask(client)
    let over = status()
    #expect(over.state == "promoted", "\(over)")
    let history = run("model", "history", "adder", "--json").json["moves"] as? [[String: Any]] ?? []
    #expect((history.last?["by"] as? String)?.hasPrefix("rollout ") == true && history.last?["to"] as? Int == 2)
    // From then on it is the one that answers, without a gap.
    let after = try RolloutClient(server)
    try after.ask(100)
    #expect(after.answers == ["2": 100] && after.failed.isEmpty && after.wrong.isEmpty, "\(after.answers)")
  }

  @Test("Wrong answers to one kind of question are found by the shadow, before any client has one")
  func wrong() throws {
    try publish([.right, .wrongOnThrees])
    let client = try RolloutClient(try serve())
    begin(2, "agreement > .97 and count >= 30")
    try ask(client)
    let over = status()
    #expect(over.state == "rolled_back" && over.reason.contains("agreement > 0.97"), "\(over)")
    #expect(client.wrong.isEmpty && client.failed.isEmpty && client.answers.keys.sorted() == ["1"])
  }

  @Test("A version that is slower by far is out, and no step has more than its share")
  func slow() throws {
    try publish([.slow(4), .slow(16)])
    let client = try RolloutClient(try serve())
    begin(2, "p50 < 2x and count >= 30", shadow: "0%", canary: "20%,100%")
    try ask(client)
    let over = status()
    #expect(over.state == "rolled_back" && over.reason.contains("p50 < 2x"), "\(over)")
    let (all, second) = (client.answers.values.reduce(0, +), client.answers["2"] ?? 0)
    // Four standard deviations above 20 %.
    #expect(Double(second) < 0.2 * Double(all) + 4 * (0.16 * Double(all)).squareRoot(), "\(client.answers)")
    #expect(client.failed.isEmpty && client.wrong.isEmpty, "\(client.failed.first ?? "")")
  }

  @Test("A version whose process dies is out, and no client hears of it")
  func crashes() throws {
    try publish([.right, .alike])
    let server = try serve()
    let client = try RolloutClient(server)
    begin(2, "errors == 0 and count >= 1000000")
    try waitUntil("the shadow to be asked: \(status())", seconds: 240) {
      try client.ask(20)
      return (status().evidence["compared"] as? Int ?? 0) > 20
    }
    let processes = ownProcesses(of: "model-process")
    #expect(processes.count == 1, "the candidate has a process of its own: \(processes)")
    for process in processes { kill(process, SIGSEGV) }
    try ask(client)
    #expect(status().state == "rolled_back" && status().reason.contains("crashed"), "\(status())")
    try client.ask(50)
    #expect(client.failed.isEmpty && client.answers.keys.sorted() == ["1"], "\(client.failed.first ?? "")")
  }

  @Test("A version whose callers would have to change, and one that cannot be loaded, are out before they are asked")
  func unfit() throws {
    try publish([.right, .wider])
    let client = try RolloutClient(try serve())
    begin(2, "errors == 0 and count >= 30")
    try ask(client)
    #expect(status().state == "rolled_back" && status().reason.contains("inputs"), "\(status())")
    #expect(client.failed.isEmpty && client.answers.keys.sorted() == ["1"])
  }

  @Test("A key goes to one version, a version that is named is never another one, and a person has the last word")
  func keys() throws {
    try publish([.right, .alike])
    let server = try serve()
    let client = try RolloutClient(server)
    begin(2, "errors == 0 and count >= 1000000", shadow: "0%", canary: "50%")
    try waitUntil("the candidate to answer: \(status())") {
      try client.ask(10)
      return client.answers["2"] ?? 0 > 0
    }
    var versions: Set<String> = []
    for number in 0..<20 {
      let one = try RolloutClient(server)
      try one.ask(10, key: "camera-\(number)")
      #expect(one.answers.count == 1, "\(one.answers)")
      versions.formUnion(one.answers.keys)
    }
    #expect(versions == ["1", "2"])
    for version in ["1", "2"] {
      let one = try RolloutClient(server)
      try one.ask(20, version: version)
      #expect(one.answers == [version: 20])
    }
    #expect(client.failed.isEmpty && client.wrong.isEmpty)
    try change(server)
  }

  @Test("What a version alone refuses is answered by the one before, and counts against it")
  func refuses() throws {
    try publish([.table(5), .table(3)])
    let server = try serve()
    begin(2, "errors == 0 and count >= 1000", shadow: "0%", canary: "100%")
    let ask = { (place: Int) -> String in
      let body = #"{"inputs":[{"name":"x","shape":[1,1],"datatype":"INT64","data":[\#(place)]}]}"#
      let told = shell(["curl", "-s", "-d", body, "\(server.address)/v2/models/adder/infer"])
      return told.json["model_version"] as? String ?? ""
    }
    try waitUntil("the candidate to answer") { ask(1) == "2" }
    #expect(ask(4) == "1")
    try waitUntil("the roll-out to end: \(status())") { status().state == "rolled_back" }
    #expect(status().reason.contains("errors == 0") && ask(1) == "1", "\(status())")
  }

  /// What a person does over HTTP.
  private func change(_ server: LibraryServer) throws {
    let path = "\(server.address)/v1/registry/models/adder/rollout"
    let post = { (path: String, body: String) in
      shell(["curl", "-s", "-X", "POST", "-d", body, "-w", "\n%{http_code}", path]).output
    }
    #expect(post(path, #"{"version":"2"}"#).hasSuffix("\n409"))
    #expect(post("\(path)/pause", #"{"reason":"lunch"}"#).hasSuffix("\n200") && status().state == "paused")
    let told = shell(["curl", "-s", path]).json
    #expect((told["rollout"] as? [String: Any])?["reason"] as? String == "lunch", "\(told)")
    #expect(shell(["curl", "-s", "\(server.address)/metrics"]).output.contains("ridley_rollout_share{"))
    #expect(post("\(path)/promote", "").hasSuffix("\n200") && status().state == "promoted")
    #expect(post("\(path)/abort", "").hasSuffix("\n409"))
    // Nothing of the baseline comes after the candidate alone is to answer.
    try waitUntil("the candidate to answer alone") {
      let one = try RolloutClient(server)
      try one.ask(20)
      return one.answers == ["2": 20]
    }
    let last = try RolloutClient(server)
    try last.ask(200)
    #expect(last.answers == ["2": 200] && last.failed.isEmpty)
  }
}
