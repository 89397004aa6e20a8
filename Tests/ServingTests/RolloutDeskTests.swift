import Base
import Foundation
import Inference
import ModelHub
import Rollouts
import Serving
import TestKit
import Testing

/// Keeps rollouts in memory.
private final class MemoryBook: RolloutBook {
  struct State: Sendable {
    var rollout: Rollout?
    var entries: [RolloutEntry] = []
    var seen: [String: RolloutEvidence] = [:]
    var isBroken = false
    /// Of another rollout, which cannot be read.
    var unread: Fault?
    /// `live` points to the candidate once it is promoted.
    var isLive = true
  }

  let state = Monitor(State())

  func rollouts(complain: (Fault) -> Void) throws(Fault) -> [Rollout] {
    let (known, unread) = try state.update { (state) throws(Fault) -> ([Rollout], Fault?) in
      guard !state.isBroken else { throw Fault(.unavailable, "the disk is away") }
      return (state.rollout.map { [$0] } ?? [], state.unread)
    }
    if let unread { complain(unread) }
    return known
  }

  func isLive(_ rollout: Rollout) throws(Fault) -> Bool { state.update(\.isLive) }

  func evidence(
    of rollout: Rollout, except reporter: String
  ) throws(Fault) -> (stage: RolloutEvidence, earlier: VersionTally) {
    state.update { state in
      var (stage, earlier) = (RolloutEvidence(), VersionTally())
      for (key, seen) in state.seen {
        let parts = key.split(separator: "/")
        let number = Int(parts[0]) ?? 0
        if number < rollout.stage { earlier.merge(seen.baseline) }
        if number == rollout.stage, parts[1] != reporter { stage.merge(seen) }
      }
      return (stage, earlier)
    }
  }

  func note(_ evidence: RolloutEvidence, of rollout: Rollout, by reporter: String) throws(Fault) {
    try state.update { (state) throws(Fault) in
      guard !state.isBroken else { throw Fault(.unavailable, "the disk is away") }
      state.seen["\(rollout.stage)/\(reporter)"] = evidence
    }
  }

  func write(_ next: Rollout, after known: Rollout, seeing evidence: RolloutEvidence) throws(Fault) -> Rollout {
    state.update { state in
      guard let there = state.rollout, there.revision == known.revision else { return state.rollout ?? next }
      state.rollout = next
      state.entries.append(RolloutEntry(next, evidence))
      return next
    }
  }

  func begin(_ ask: RolloutAsk, of model: String, by who: String) throws(Fault) -> Rollout {
    let plan = try ask.plan(candidate: 2, baseline: 1)
    let one = Rollout(model: model, id: "01A", plan: plan, by: who, reason: nil, at: 0)
    state.update { $0.rollout = one }
    return one
  }

  func act(_ action: RolloutAction, on model: String, by who: String, reason: String?) throws(Fault) -> Rollout {
    throw Fault(.unsupported, "nobody acts here")
  }

  func stages(of model: String) throws(Fault) -> [RolloutEntry] { state.update(\.entries) }
}

/// Who answers what where a version is rolled out, in one process.
struct RolloutDeskTests {
  private let folder = TemporaryFolder()
  private let book = MemoryBook()
  private let models: ModelRepository

  init() throws {
    for version in ["1", "2"] {
      try FileSystem.makeFolder(folder.file("models/sum/\(version)"))
      try SumNetwork.write(to: folder.file("models/sum/\(version)/model"))
    }
    _ = try VersionRepository(folder.file("models")).set("live", of: "sum", to: "1")
    models = try ModelRepository(
      ModelRepository.Options(folder: folder.file("models"), store: folder.file("store")),
      on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
  }

  private func begin(_ rule: String, shadow: Double = 0, canary: [Double] = [0.25, 1]) throws {
    var ask = RolloutAsk(version: "2")
    (ask.shadow, ask.canary, ask.every, ask.rule) = (shadow, canary, 1000, rule)
    _ = try book.begin(ask, of: "sum", by: "ann")
    _ = try turn(0)
  }

  private func turn(_ moment: Int) throws -> Bool {
    var faults: [Fault] = []
    let isChanged = try models.rollouts.turn(models, book, at: moment) { faults.append($0) }
    #expect(faults.isEmpty, "\(faults)")
    return isChanged
  }

  /// Asks once by a key; gives the version that answered.
  private func ask(_ key: String, version: String? = nil) throws -> String {
    let route = try models.route("sum", version: version, sameTensors: true) { key }
    let isThere = Monitor(false)
    let request = InferenceRequest([rows([1])], rows: 1, source: "a", deadline: soon()) { _, _ in
      isThere.update { $0 = true }
    }
    try route.served.submit(request)
    _ = try isThere.wait(for: "an answer") { $0 ? true : nil }
    return route.served.version
  }

  private func ask(_ keys: Range<Int>) throws -> [String] { try keys.map { try ask("key \($0)") } }

  @Test("Keys stay where they are while the share grows, and what is named is never another one")
  func routes() throws {
    #expect(try ask(0..<20).allSatisfy { $0 == "1" })
    try begin("errors == 0 and count >= 20")
    let first = try ask(0..<400)
    #expect(abs(first.count { $0 == "2" } - 100) < 35)
    #expect(try ask(0..<400) == first)
    #expect(try ask("key 1", version: "2") == "2" && ask("key 1", version: "1") == "1")
    #expect(try (0..<40).allSatisfy { try ask("key \($0)", version: "live") == first[$0] })
    #expect(try turn(500) == false)
    #expect(try turn(1000) == true)
    #expect(try ask(0..<50).allSatisfy { $0 == "2" })
    #expect(try turn(1500) == false && models.rollouts.standing(of: "sum")?.rollout.stage == 1)
    #expect(try turn(2000) == true && book.state.update(\.rollout)?.state == .promoted)
    // The alias has not moved here yet: nothing goes back meanwhile.
    #expect(try ask(0..<50).allSatisfy { $0 == "2" })
    try models.set(alias: "live", of: "sum", to: "1")
    _ = try turn(2500)
    try models.set(alias: "live", of: "sum", to: "2")
    _ = try turn(3000)
    try models.set(alias: "live", of: "sum", to: "1")
    #expect(try ask(0..<50).allSatisfy { $0 == "1" })
  }

  @Test("A step is not taken on nothing, however long it takes")
  func nothing() throws {
    try begin("errors == 0 and count >= 20")
    for moment in stride(from: 1000, to: 100_000, by: 9000) { #expect(try turn(moment) == false) }
    #expect(models.rollouts.standing(of: "sum")?.news.contains("0 answers, 20") == true)
  }

  @Test("A candidate that is gone is out with the next look, and its callers are answered by the baseline")
  func gone() throws {
    try begin("errors == 0 and count >= 1000", canary: [1])
    #expect(try ask("a") == "2")
    let told = Monitor<[String]>([])
    models.rollouts.onChange { model in told.update { $0.append(model) } }
    FileSystem.removeTree(folder.file("models/sum/2"))
    models.refresh()
    #expect(try ask("a") == "1")
    try FileSystem.makeFolder(folder.file("models/sum/2"))
    try FileSystem.write(Array("no network".utf8), to: folder.file("models/sum/2/model.onnx"))
    models.refresh()
    #expect(try ask("a") == "1")
    #expect(try turn(500) == true)
    let over = try #require(book.state.update(\.rollout))
    #expect(over.state == .rolledBack && over.reason?.contains("cannot be served") == true, "\(over)")
    #expect(told.update { $0 }.contains("sum") && book.state.update(\.entries).count == 1)
  }

  @Test("Where live goes back before it has moved here, the baseline answers")
  func takenBack() throws {
    try begin("errors == 0 and count >= 20", canary: [1])
    _ = try ask(0..<30)
    #expect(try turn(1000) == true && book.state.update(\.rollout)?.state == .promoted)
    #expect(try turn(1200) == false && ask("a") == "2")
    book.state.update { $0.isLive = false }
    #expect(try turn(1400) == false && ask("a") == "1")
    #expect(try turn(1600) == false && ask("a") == "1")
  }

  @Test("One that cannot be read is told once, and the others go on")
  func unread() throws {
    try begin("errors == 0 and count >= 1000", canary: [1])
    book.state.update { $0.unread = Fault(.badInput, "another server wrote it") }
    var faults: [Fault] = []
    for moment in [500, 700, 900] {
      _ = try models.rollouts.turn(models, book, at: moment) { faults.append($0) }
    }
    #expect(faults.map(\.message) == ["another server wrote it"])
    #expect(try ask("a") == "2")
  }

  @Test("A candidate against which something else speaks is out with the next look")
  func spokenAgainst() throws {
    try begin("errors == 0 and count >= 1000", canary: [1])
    #expect(try ask("a") == "2")
    let isChanged = try models.rollouts.turn(
      models, book, at: 500, fitness: { $0 == "sum" && $1 == 2 ? .unfit("it answers otherwise") : .fit },
      complain: { _ in })
    #expect(try isChanged && ask("a") == "1")
    let over = try #require(book.state.update(\.rollout))
    #expect(over.state == .rolledBack && over.reason?.contains("answers otherwise") == true, "\(over)")
  }

  @Test("What fails is out here, also where that cannot be written down")
  func broken() throws {
    try begin("count >= 20 and p50 < 0.0001ms", canary: [1])
    #expect(try ask(0..<30).allSatisfy { $0 == "2" })
    book.state.update { $0.isBroken = true }
    #expect(throws: Fault.self) { try models.rollouts.turn(models, book, at: 500) { _ in } }
    #expect(try ask(0..<30).allSatisfy { $0 == "1" })
    book.state.update { $0.isBroken = false }
    #expect(try turn(600) == true)
    #expect(try ask(0..<30).allSatisfy { $0 == "1" } && book.state.update(\.rollout)?.state == .rolledBack)
  }

  @Test("Shadows are asked beside, compared, and dropped where there is no room")
  func shadows() throws {
    try begin("agreement > .9 and count >= 1000", shadow: 1, canary: [])
    let route = try models.route("sum", key: { "a" })
    #expect(route.served.version == "1" && route.shadow?.version == "2")
    let hold = Monitor(0)
    for _ in 0..<40 {
      route.askShadow(byteCount: 10) { _, done in
        _ = try? hold.wait(for: "the others") { $0 > 0 ? true : nil }
        done()
      }
    }
    hold.update { $0 = 1 }
    let spec = TensorSpec(name: "y", shape: [1, 1], element: .f32)
    let tensor = { (value: Float) in [(spec: spec, bytes: withUnsafeBytes(of: value) { [UInt8]($0) })] }
    route.countShadow(tensor(1), tensor(1))
    route.countShadow(tensor(1), tensor(2))
    _ = try turn(500)
    let seen = try book.evidence(of: try #require(book.state.update(\.rollout))).stage
    // One at work, sixteen that wait.
    #expect((22...24).contains(seen.shadows.dropped), "\(seen.shadows)")
    #expect(seen.agreement.compared == 2 && seen.agreement.share == 0.5 && seen.routed == 1)
  }
}
