import Foundation
import TestKit
import Testing

/// A detector that is rolled out while jobs of a server with one worker, and requests with pictures, ask it: no asset is lost, and none is answered by
/// two versions.
@Suite(.timeLimit(.minutes(20)), .serialized, .ownThread)
struct PlantedRolloutTests {
  private let folder = TemporaryFolder()
  private static let pipelines = 8

  /// Each pipeline has a threshold of its own, so that each is another one over the same bytes.
  init() throws {
    for name in ["pipelines", "on"] {
      try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }
    for number in 0..<Self.pipelines {
      let text = "infer: {model: planted, threshold: 0.4\(number)}\n"
      try Data(text.utf8).write(to: URL(filePath: folder.file("pipelines/p\(number).yaml")))
    }
  }

  /// Serves version 1, which is right, with version 2 beside it, which is what `write` makes of it.
  ///
  /// Of the pictures the first ones are as blue as is said.
  private func serve(
    _ count: Int, blue: [UInt8] = [], _ words: [String] = [], _ write: (String) throws -> Void
  ) throws -> LibraryServer {
    for number in 0..<count {
      let picture = PlantedDetector.picture(
        100 + UInt8(number), 178, number < blue.count ? blue[number] : 0, width: 16, height: 16)
      try picture.write(to: URL(filePath: folder.file("on/\(number).bmp")))
    }
    try PlantedDetector.write(to: folder.file("one/planted"))
    try write(folder.file("two/planted"))
    for words in [
      ["model", "publish", "one/planted"], ["model", "publish", "two/planted"],
      ["model", "alias", "planted", "live", "1", "--untried"], ["library", "add", "on", "--client", "acme"],
    ] {
      let told = Program.run(words + ["--library", "lib"], in: folder.path)
      #expect(told.status == 0, "\(told)")
    }
    let server = try LibraryServer(folder, ["--registry", "--workers", "1", "--pipelines", "pipelines"] + words)
    try waitUntil("the model to be served") {
      shell(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.address)/v2/models/planted/ready"]).output
        == "200"
    }
    return server
  }

  private func begin(_ server: LibraryServer, _ rule: String, shadow: String, canary: String) {
    let told = server.here([
      "model", "rollout", "planted@2", "--shadow", shadow, "--canary", canary, "--every", "1s", "--rule", rule,
    ])
    #expect(told.status == 0, "\(told)")
  }

  private func start(_ server: LibraryServer, _ pipelines: Range<Int>) throws -> String {
    let names = pipelines.map { "\"p\($0)\"" }.joined(separator: ",")
    let told = shell([
      "curl", "-s", "-H", "Content-Type: application/json", "-d", "{\"client\":\"acme\",\"pipelines\":[\(names)]}",
      "\(server.address)/v1/jobs",
    ])
    return try #require(told.json["job"] as? String, "\(told)")
  }

  private func job(_ server: LibraryServer, _ id: String) -> [String: Any] {
    shell(["curl", "-s", "\(server.address)/v1/jobs/\(id)"]).json
  }

  private func finish(_ server: LibraryServer, _ id: String, done count: Int) throws {
    try waitUntil("the job to be finished: \(job(server, id))", seconds: 240) {
      job(server, id)["state"] as? String == "finished"
    }
    let over = job(server, id)
    #expect(over["done"] as? Int == count && over["failed"] as? Int == 0, "\(over)")
  }

  private func status(_ server: LibraryServer) -> (state: String, reason: String, evidence: [String: Any]) {
    let told = server.here(["model", "rollout", "status", "planted", "--json"]).json
    let rollout = told["rollout"] as? [String: Any] ?? [:]
    return (
      rollout["state"] as? String ?? "", rollout["reason"] as? String ?? "", told["evidence"] as? [String: Any] ?? [:]
    )
  }

  private func isOver(_ server: LibraryServer) -> Bool { !["running", "paused"].contains(status(server).state) }

  /// What a version answered, as `ASSET NAME PIPELINE`.
  private func answered(_ server: LibraryServer, by version: Int) -> [String] {
    let told = server.here(["model", "answered", "planted@\(version)", "--limit", "10000", "--json"])
    return (told.json["answers"] as? [[String: Any]] ?? []).map { one in
      ["asset", "name", "series"].map { one[$0] as? String ?? "" }.joined(separator: " ")
    }
  }

  /// The processes that work, and not those that watch them.
  private func workingProcesses() -> [Int32] {
    let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    let workers = all.filter { id in
      let words = (try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)) ?? ""
      let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
      return words.split(separator: "\0").dropFirst().first == "worker" && place == folder.path
    }
    return workers.filter { id in
      let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
      let parent = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }?.split(separator: "\t").last
      return parent.flatMap { Int32($0) }.map(workers.contains) ?? false
    }
  }

  @Test("Jobs alone take a good version through every step, and each asset is answered once, by one version")
  func promotes() throws {
    let server = try serve(40) { try PlantedDetector.write(to: $0, taking: 2) }
    begin(server, "errors == 0 and agreement > .97 and count >= 5", shadow: "50%", canary: "50%,100%")
    var jobs: [String] = []
    while !isOver(server), jobs.count < Self.pipelines / 2 {
      jobs.append(try start(server, 2 * jobs.count..<2 * jobs.count + 2))
      try finish(server, jobs[jobs.count - 1], done: 80)
    }
    let over = status(server)
    #expect(over.state == "promoted", "\(over)")
    let (one, two) = (answered(server, by: 1), answered(server, by: 2))
    #expect(Set(one + two).count == 80 * jobs.count && one.count + two.count == 80 * jobs.count)
    #expect(!one.isEmpty && !two.isEmpty, "\(one.count) and \(two.count)")
  }

  @Test("Wrong answers are found by what is asked as well, before any asset has one")
  func wrong() throws {
    let server = try serve(40, blue: Array(repeating: 100, count: 40)) { try PlantedDetector.write(to: $0, taking: 2) }
    begin(server, "agreement > .97 and count >= 5", shadow: "50%", canary: "50%,100%")
    try finish(server, try start(server, 0..<2), done: 80)
    try waitUntil("the roll-out to end: \(status(server))") { isOver(server) }
    #expect(status(server).state == "rolled_back" && status(server).reason.contains("agreement"), "\(status(server))")
    #expect(answered(server, by: 2).isEmpty && answered(server, by: 1).count == 80)
  }

  @Test("What a version gives no answer to is answered by the one before, counts against it, and costs no asset")
  func refuses() throws {
    let server = try serve(40, blue: Array(repeating: 255, count: 10)) {
      try PlantedDetector.write(to: $0, blue: .refused)
    }
    begin(server, "errors == 0 and count >= 1000000", shadow: "0%", canary: "50%")
    try finish(server, try start(server, 0..<2), done: 80)
    try waitUntil("the roll-out to end: \(status(server))") { isOver(server) }
    #expect(status(server).state == "rolled_back" && status(server).reason.contains("errors"), "\(status(server))")
    let (one, two) = (answered(server, by: 1), answered(server, by: 2))
    #expect(Set(one + two).count == 80 && one.count + two.count == 80)
    let isBlue = { (text: String) in (0..<10).contains { text.contains(" \($0).bmp ") } }
    #expect(!two.contains(where: isBlue) && one.contains(where: isBlue), "\(two)")
    // It stays out of the next job.
    try finish(server, try start(server, 2..<3), done: 40)
    #expect(answered(server, by: 2) == two)
  }

  @Test("Workers that are killed lose no asset, and nothing is counted twice; a key goes to one version in every job")
  func killed() throws {
    let server = try serve(60) { try PlantedDetector.write(to: $0, taking: 2) }
    begin(server, "errors == 0 and count >= 1000000", shadow: "0%", canary: "50%")
    let job = try start(server, 0..<3)
    var kills = 0
    while kills < 3, self.job(server, job)["state"] as? String == "running" {
      for process in workingProcesses() where kill(process, SIGKILL) == 0 { kills += 1 }
      usleep(700_000)
    }
    try finish(server, job, done: 180)
    #expect(kills > 0)
    let (one, two) = (answered(server, by: 1), answered(server, by: 2))
    #expect(Set(one + two).count == 180 && one.count + two.count == 180 && !one.isEmpty && !two.isEmpty)
    let asset = { (text: String) in text.split(separator: " ")[0] }
    #expect(Set(one.map(asset)).isDisjoint(with: two.map(asset)))
    let evidence = status(server).evidence
    let count = { (side: String, what: String) in (evidence[side] as? [String: Any])?[what] as? Int }
    #expect(count("baseline", "answers") == one.count && count("candidate", "answers") == two.count, "\(evidence)")
    #expect(count("baseline", "described") == one.count && count("candidate", "errors") == 0, "\(evidence)")
    #expect(count("requests", "routed") == 180 && count("requests", "routed_to_candidate") == two.count, "\(evidence)")
  }

  /// Told as its crash, or as the error that it was to who had asked, whichever is seen first.
  private func isOutByCrash(_ status: (state: String, reason: String, evidence: [String: Any])) -> Bool {
    status.state == "rolled_back" && (status.reason.contains("crashed") || status.reason.contains("errors == 0"))
  }

  /// The hundredth is all blue, and so are those that stand before it.
  private static func blueAtLast(_ count: Int = 1) -> [UInt8] {
    Array(repeating: 0, count: 100 - count) + Array(repeating: 255, count: count)
  }

  @Test("A version that crashes by itself at the hundredth picture of a job is out, and the one before answers that")
  func crashes() throws {
    let server = try serve(100, blue: Self.blueAtLast()) { try PlantedDetector.write(to: $0, blue: .crash) }
    begin(server, "errors == 0 and count >= 1000000", shadow: "0%", canary: "100%")
    try finish(server, try start(server, 0..<2), done: 200)
    try waitUntil("the roll-out to end: \(status(server))") { isOver(server) }
    #expect(status(server).state == "rolled_back" && status(server).reason.contains("errors"), "\(status(server))")
    let (one, two) = (answered(server, by: 1), answered(server, by: 2))
    #expect(Set(one + two).count == 200 && one.count + two.count == 200 && !two.isEmpty)
    #expect(one.count { $0.contains(" 99.bmp ") } == 2 && !two.contains { $0.contains(" 99.bmp ") }, "\(two)")
  }

  @Test("One that crashes at the hundredth request is out once it was asked unseen, and no client hears of it")
  func crashesUnseen() throws {
    let server = try serve(100, blue: Self.blueAtLast()) { try PlantedDetector.write(to: $0, blue: .crash) }
    begin(server, "errors == 0 and count >= 1000000", shadow: "100%", canary: "100%")
    var answers = (0..<99).map { predict(server, $0, "/v1/models/planted/predict") }
    #expect(!isOver(server), "\(status(server))")
    try waitUntil("the roll-out to end: \(status(server))", seconds: 240) {
      answers.append(predict(server, 99, "/v1/models/planted/predict"))
      return isOver(server)
    }
    #expect(isOutByCrash(status(server)), "\(status(server))")
    #expect(answers.allSatisfy { $0.status == "200" && "\($0.json["version"] ?? "")" == "1" }, "\(answers)")
  }

  @Test("One that crashes at the hundredth picture of a stream is out, and the stream goes on as it was")
  func crashesInStream() throws {
    let streams = "films: [.]\nstreams: {belt: {source: 'on.mp4?loop=1', model: planted, rate: 25, budget: 5s}}\n"
    try Data(streams.utf8).write(to: URL(filePath: folder.file("ridley.yaml")))
    // The last ten, so that one of them is asked about.
    let server = try serve(100, blue: Self.blueAtLast(10), ["--config", "ridley.yaml"]) {
      try PlantedDetector.write(to: $0, blue: .crash)
      let made = shell([
        "ffmpeg", "-v", "error", "-framerate", "25", "-i", folder.file("on/%d.bmp"), "-pix_fmt", "yuv420p",
        folder.file("on.mp4"),
      ])
      #expect(made.status == 0, "\(made)")
    }
    begin(server, "errors == 0 and count >= 1000000", shadow: "100%", canary: "100%")
    try waitUntil("the roll-out to end: \(status(server))", seconds: 240) { isOver(server) }
    #expect(isOutByCrash(status(server)), "\(status(server))")
    let told = shell(["curl", "-s", "\(server.address)/v1/streams"]).output
    let stream = try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [[String: Any]]
    #expect(stream?.first?["state"] as? String == "live" && stream?.first?["connections"] as? Int == 1, "\(told)")
  }

  /// Status and body of what is said to a picture.
  private func predict(_ server: LibraryServer, _ number: Int, _ path: String) -> (status: String, json: [String: Any])
  {
    let told = shell([
      "curl", "-s", "-w", "\n%{http_code}", "-F", "image=@\(folder.file("on/\(number).bmp"))", server.address + path,
    ])
    let lines = told.output.split(separator: "\n")
    let json = try? JSONSerialization.jsonObject(with: Data(lines.dropLast().joined(separator: "\n").utf8))
    return (String(lines.last ?? ""), json as? [String: Any] ?? [:])
  }

  @Test("Requests to a pipeline alone show that its network says otherwise, before any is told so")
  func pipeline() throws {
    let server = try serve(30, blue: Array(repeating: 100, count: 30)) { try PlantedDetector.write(to: $0, taking: 2) }
    begin(server, "agreement > .97 and count >= 10", shadow: "100%", canary: "50%,100%")
    var answers: [(status: String, json: [String: Any])] = []
    try waitUntil("the roll-out to end: \(status(server))", seconds: 240) {
      answers += (0..<30).map { predict(server, $0, "/v1/pipelines/p0/predict") }
      return isOver(server)
    }
    #expect(status(server).state == "rolled_back" && status(server).reason.contains("agreement"), "\(status(server))")
    #expect(answers.allSatisfy { $0.status == "200" }, "\(answers.filter { $0.status != "200" })")
    let labels = answers.map {
      ($0.json["predictions"] as? [[String: Any]] ?? []).compactMap { $0["label"] as? String }
    }
    #expect(labels.allSatisfy { $0.contains("green") }, "\(labels)")
  }

  @Test("A question about a picture that a version alone refuses is answered by the one before, and counts against it")
  func refusesQuestion() throws {
    let server = try serve(1) { try PlantedDetector.write(to: $0, labels: ["red", "green", "azure"]) }
    begin(server, "errors == 0 and count >= 1000000", shadow: "0%", canary: "100%")
    let ask = { (query: String) in predict(server, 0, "/v1/models/planted/predict\(query)") }
    let version = { (answer: (status: String, json: [String: Any])) in
      (answer.json["version"] as? String) ?? "\(answer.json["version"] ?? "")"
    }
    try waitUntil("the candidate to answer") { version(ask("")) == "2" }
    let refused = ask("?labels=blue")
    #expect(refused.status == "200" && version(refused) == "1", "\(refused)")
    try waitUntil("the roll-out to end: \(status(server))") { isOver(server) }
    #expect(status(server).reason.contains("errors == 0") && version(ask("")) == "1", "\(status(server))")
    // What both refuse is nobody's error but the client's.
    #expect(ask("?labels=mauve").status == "400")
  }
}
