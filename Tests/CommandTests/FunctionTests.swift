import Foundation
import TestKit
import Testing

/// `ridley function task`, as a function of Lambda runs it.
struct FunctionTests {
  let folder = TemporaryFolder()

  private static let made = Result {
    try CutFilm(pipeline: "infer: {model: line-inspector, threshold: 0.05}\n")
  }

  private func ridley(_ words: [String]) -> ShellResult {
    Program.run(words + ["--library", folder.file("lib"), "--client", "acme"])
  }

  /// A job over a library like that one, nothing of it done; `files` are added before.
  private func started(_ words: [String] = ["--external"], adding files: [String] = []) throws -> String {
    let made = try Self.made.get()
    if files.isEmpty {
      try FileManager.default.copyItem(atPath: made.folder.file("lib"), toPath: folder.file("lib"))
    } else {
      let added = ridley(["library", "add"] + files)
      try #require(added.status == 0, "\(added.errors)")
    }
    let job = ridley(["job", "start", "--pipeline", made.folder.file("p.yaml"), "--json"] + words)
    return try #require(job.json["job"] as? String, "\(job.errors)")
  }

  private func run(_ steps: [[String: Any]], _ words: [String] = []) throws -> FunctionRun {
    try FunctionRun(folder, steps, ["task", "--library", folder.file("lib")] + words)
  }

  private func event(_ job: String, _ word: String = "run", item: Int = 0, number: Int? = nil) -> [String: Any] {
    var event: [String: Any] = ["do": word, "job": job, "item": item]
    if let number { event["number"] = number }
    return event
  }

  @Test("An item is planned, done and merged by one function, with the predictions of 'analyze', over one connection")
  func whole() throws {
    let job = try started()
    let planned = try run([["event": event(job, "plan")]])
    let last = try #require(planned.answers.first?.json["last"] as? Int, "\(planned.log)")
    #expect(last > 1 && planned.answers[0].json["pieces"] as? [Int] == Array(0..<last))
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    var steps: [[String: Any]] = (0...last).map { ["event": event(job, number: $0), "seconds": 900, "trace": trace] }
    steps.insert(["empty": true], at: 1)
    let ran = try run(steps + [["event": event(job, number: last)]])
    #expect(ran.endings == ["done", "empty"] + Array(repeating: "done", count: last + 1), "\(ran.log)")
    #expect(ran.connections == 1 && ran.code == 0)
    #expect(ran.answers.allSatisfy { $0.kind == "empty" || $0.json.isEmpty })
    #expect(try CutFilm.predictions(in: folder.file("lib")) == [try Self.made.get().wanted])
    // Models are loaded once.
    #expect(try ran.lines("ready for tasks").count == 1)
    let first = try ran.lines("first prediction after models were loaded")
    #expect(first.count == 1 && first[0]["modelsSeconds"] is Double && first[0]["programSeconds"] is Double, "\(first)")
    let ended = try ran.lines("a task ended")
    #expect(ended.count == last + 2 && ended[0]["trace"] as? String == trace && ended[0]["requestId"] is String)
  }

  @Test("What cannot be done is told by name, once each, and the function goes on")
  func named() throws {
    let job = try started()
    let count = try #require(ridley(["task", "plan", "\(job)/0", "--json"]).json["tasks"] as? Int)
    let ran = try run([
      ["event": event(job, number: count - 1)], ["event": event(job, number: count)],
      ["event": event(job, item: 7, number: 0)],
      ["event": event("01K0000000000000000000000A", number: 0)], ["raw": "{"], ["raw": ""], ["raw": "[1]"],
      ["event": ["do": "run", "job": job]], ["event": ["Records": []]], ["event": event(job, number: 0)],
    ])
    #expect(
      ran.endings == ["TryAgain", "OtherPlan"] + Array(repeating: "WrongCall", count: 7) + ["done"],
      "\(ran.answers) \(ran.log)")
    #expect(ran.answers[0].text.contains("pieces of the item are not done yet"))
    #expect(ran.answers[4].text.contains("not well-formed JSON"))
  }

  @Test(
    "An item whose bytes are not those that were added never is done: that is told with its reason, also the next time")
  func poisoned() throws {
    let job = try started()
    let objects = folder.file("lib/objects/objects")
    let film = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: objects).map { "\(objects)/\($0)" }
        .max { size($0) < size($1) })
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: film)
    var bytes = try #require(FileManager.default.contents(atPath: film))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: film))
    let ran = try run([
      ["event": event(job, "plan")], ["event": event(job, number: 0)], ["event": event(job, number: 0)],
    ])
    #expect(ran.endings == ["done", "NeverDone", "NeverDone"], "\(ran.answers) \(ran.log)")
    #expect(ran.answers[1].text.contains("not those that were added"))
    let shown = ridley(["job", "show", job, "--json"]).json
    #expect(shown["failed"] as? Int == 1 && shown["state"] as? String != "running", "\(shown)")
  }

  private func size(_ path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular)
      ? (FileManager.default.contents(atPath: path)?.count ?? 0) : 0
  }

  @Test(
    "A crash costs an attempt and not the function; after three the item has failed; a kill from outside is tried again"
  )
  func crashes() throws {
    let job = try started()
    let count = try #require(ridley(["task", "plan", "\(job)/0", "--json"]).json["tasks"] as? Int)
    try #require(count > 2)
    let ran = try run([
      ["event": event(job, number: 0), "kill": ["SIGSEGV"]], ["event": event(job, number: 1), "kill": ["SIGKILL"]],
      ["event": event(job, "plan")], ["event": event(job, number: 1), "kill": ["SIGSEGV", "SIGBUS", "SIGSEGV"]],
      ["event": event(job, number: 0)],
    ])
    #expect(ran.endings == ["done", "TryAgain", "done", "NeverDone", "NeverDone"], "\(ran.answers) \(ran.log)")
    #expect(ran.answers[1].text.contains("was killed"))
    #expect(ran.answers[3].text.contains("it cost its process, 3 times"))
    #expect(try ran.lines("a task lost its process").count == 5 && ran.code == 0)
    #expect(ridley(["job", "show", job, "--json"]).json["failed"] as? Int == 1)
  }

  @Test(
    "A task that has no time left is given back before the platform ends it, and so is one as the program is to end")
  func late() throws {
    let job = try started()
    let ran = try run([
      ["event": event(job, number: 0), "seconds": 1], ["event": event(job, number: 0), "seconds": -5],
      ["event": event(job, number: 1), "seconds": 900, "terminate": 0.05],
    ])
    #expect(ran.endings.first == "TryAgain" && ran.answers[0].seconds < 1, "\(ran.answers) \(ran.log)")
    #expect(ran.endings[1] == "done", "a deadline that was over before is none: \(ran.answers)")
    #expect(ran.endings.count == 3 && ["TryAgain", "done"].contains(ran.endings[2]) && ran.answers[2].seconds < 10)
    #expect(ran.code == 0, "\(ran.log)")
  }

  @Test("A process that begins slowly is not waited for beyond the deadline, and the next invocation has it")
  func slow() throws {
    let job = try started()
    let ran = try run([
      ["event": event(job, number: 0), "seconds": 5, "kill": ["SIGSEGV"], "slow": true],
      ["event": event(job, number: 0), "seconds": 900],
    ])
    #expect(ran.endings == ["TryAgain", "done"], "\(ran.answers) \(ran.log)")
    #expect(ran.answers[0].seconds < 5 && ran.answers[0].text.contains("no time left"), "\(ran.answers)")
  }

  @Test("A job that is paused is told as one, and not as the end of the time")
  func paused() throws {
    let job = try started()
    #expect(ridley(["task", "plan", "\(job)/0"]).status == 0)
    #expect(ridley(["job", "pause", job]).status == 0)
    let ran = try run([["event": event(job, number: 0), "seconds": 900]])
    #expect(
      ran.endings == ["TryAgain"] && ran.answers[0].text.contains("the job is paused"), "\(ran.answers) \(ran.log)")
  }

  /// A square picture of one gray, of 16 bits and four channels, of this side.
  private static let gray = """
    import struct, sys, zlib
    side = int(sys.argv[1])
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    row, packer = b"\\0" + b"\\x80\\0" * (side * 4), zlib.compressobj()
    data = b"".join([packer.compress(row) for _ in range(side)] + [packer.flush()])
    head = struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 0)
    open(sys.argv[2], "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + part(b"IHDR", head) + part(b"IDAT", data) + part(b"IEND", b""))
    """

  @Test("A file that asks for more memory than the function has is refused with the reason, and the next is done")
  func memory() throws {
    let (wide, small) = (folder.file("wide.png"), folder.file("small.png"))
    for (file, side) in [(wide, "8000"), (small, "320")] {
      let made = shell(["python3", "-c", Self.gray, side, file])
      try #require(made.status == 0, "\(made.errors)")
    }
    let job = try started(adding: [small, wide])
    let ran = try run(
      [["event": event(job, item: 0, number: 0)], ["event": event(job, item: 1, number: 0)]], ["--memory", "512MiB"])
    #expect(Set(ran.endings) == ["done", "NeverDone"], "\(ran.answers) \(ran.log)")
    let refused = try #require(ran.answers.first { $0.name != nil })
    #expect(refused.text.contains("the function has 512MiB"), "\(refused.text)")
  }

  @Test("A task that would write more than the function's disk is refused with the reason, and the function goes on")
  func disk() throws {
    let job = try started()
    let ran = try run([["event": event(job, number: 0)], ["event": event(job, "plan")]], ["--disk", "1KiB"])
    #expect(ran.endings == ["NeverDone", "done"], "\(ran.answers) \(ran.log)")
    #expect(ran.answers[0].text.contains("the function has 1KiB"), "\(ran.answers)")
  }

  @Test("What the bus hands out is done by a function alone, with the predictions of 'analyze'")
  func work() throws {
    let job = try started(["--detach"])
    let ran = try run([["event": ["do": "work"], "seconds": 900], ["event": ["do": "work"]]])
    #expect(
      ran.endings == ["done", "done"] && ran.answers.allSatisfy { $0.json["left"] as? Int == 0 },
      "\(ran.answers) \(ran.log)")
    #expect(ridley(["job", "show", job, "--json"]).json["state"] as? String == "finished")
    #expect(try CutFilm.predictions(in: folder.file("lib")) == [try Self.made.get().wanted])
  }

  @Test("A task of the bus that crashes its process costs one attempt, and the same invocation goes on")
  func workAfterCrashes() throws {
    let job = try started(["--detach"])
    // The task that crashed rests a second.
    let ran = try run([
      ["event": ["do": "work"], "seconds": 900, "kill": ["SIGSEGV", "SIGKILL"]],
      ["event": ["do": "work"], "seconds": 900, "after": 3],
    ])
    #expect(ran.endings == ["done", "done"] && ran.answers[1].json["left"] as? Int == 0, "\(ran.answers) \(ran.log)")
    #expect(try ran.lines("a task lost its process").count == 2)
    #expect(ridley(["job", "show", job, "--json"]).json["state"] as? String == "finished")
    #expect(try CutFilm.predictions(in: folder.file("lib")) == [try Self.made.get().wanted])
  }

  @Test("What is wrong with telemetry's settings is a line of JSON")
  func telemetryWarnings() throws {
    let job = try started()
    let ran = try FunctionRun(
      folder, [["event": event(job, "plan")]], ["task", "--library", folder.file("lib")],
      environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "nowhere"])
    #expect(ran.endings == ["done"], "\(ran.answers) \(ran.log)")
    #expect(try ran.lines("a task ended").count == 1, "every line is JSON")
    #expect(ran.log.contains { $0.contains("OTEL_EXPORTER_OTLP_ENDPOINT") && $0.contains("WARN") }, "\(ran.log)")
  }

  @Test("A function that cannot begin says why, and ends; one that nothing calls does too")
  func setup() throws {
    let ran = try run([])
    #expect(ran.endings == ["WrongSetup"] && ran.answers[0].kind == "init" && ran.code == 3, "\(ran.answers)")
    #expect(ran.answers[0].text.contains("there is no library in"))
    let odd = try FunctionRun(folder, [], ["task", "--memory", "1MiB", "--library", folder.file("lib")])
    #expect(odd.endings == ["WrongSetup"] && odd.code == 2)
    let alone = Program.run(["function", "task"], environment: ["AWS_LAMBDA_RUNTIME_API": ""])
    #expect(alone.status == 2 && alone.errors.contains("AWS_LAMBDA_RUNTIME_API is not set"), "\(alone.errors)")
  }
}
