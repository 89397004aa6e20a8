import Base
import Inference
import Loading
import ModelProcess
import Synchronization
import TestKit
import Testing

@testable import Serving

/// Versions that leave memory, and come back when they are asked.
@Suite(.timeLimit(.minutes(20)))
struct MemoryTests {
  private let folder = TemporaryFolder()
  private let models: ModelRepository
  private let served: ServedVersion

  init() throws {
    try FileSystem.makeFolder(folder.file("models/sum/1"))
    try SumNetwork.write(to: folder.file("models/sum/1/model"))
    models = try Self.repository(folder)
    served = try models.find("sum")
  }

  private static func repository(
    _ folder: TemporaryFolder, _ change: (inout MemoryLimit) -> Void = { _ in }
  ) throws -> ModelRepository {
    var options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    var memory = MemoryLimit(byteCount: 8 << 30)
    change(&memory)
    options.memory = memory
    let models = try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    return models
  }

  private final class Asked: Sendable {
    let outcomes = Monitor<[String]>([])

    /// What came of a request of one row, in a word, or its sum.
    func request(_ value: Float, deadline: UInt64 = soon()) -> InferenceRequest {
      InferenceRequest([rows([value])], rows: 1, source: "test", deadline: deadline) { [outcomes] outcome, _ in
        let word =
          switch outcome {
          case .answered(let answer): "\(sums(answer)[0])"
          case .late: "late"
          case .cancelled: "cancelled"
          case .failed(let fault), .lost(let fault): "failed: \(fault.message)"
          }
        outcomes.update { $0.append(word) }
      }
    }

    func all(_ count: Int) throws -> [String] {
      try outcomes.wait(for: "\(count) outcomes") { $0.count >= count ? $0.sorted() : nil }
    }
  }

  @Test("What left memory is loaded once for all who ask meanwhile, and answers each what it asked")
  func comesBack() throws {
    let asked = Asked()
    for round in 1...3 {
      #expect(served.rest() && !served.isLoaded)
      #expect(!served.rest(), "what is away does not leave again")
      for number in 0..<50 { try served.submit(asked.request(Float(number))) }
      let wanted = (0..<50).map { "\(Float($0) * 12)" }
      #expect(try asked.all(50 * round).sorted() == (0..<round).flatMap { _ in wanted }.sorted())
      try waitUntil("it to be loaded") { served.isLoaded }
      try waitUntil("it to be measured") { models.memory?.loads == 1 + round }
    }
    #expect(try models.find("sum") === served)
  }

  @Test("Who waits for a load is dropped at the deadline, and forgotten where the client left")
  func deadlines() throws {
    let (asked, budget) = (Asked(), try #require(models.budget))
    #expect(served.rest())
    // Another one is being loaded for a while.
    var turn: MemoryTurn? = try budget.begin("other", fileBytes: 0, Cancellation())
    let gone = asked.request(2)
    try served.submit(asked.request(1, deadline: soon(0.05)))
    try served.submit(gone)
    try served.submit(asked.request(3))
    #expect(served.load.waiting == 3 && models.isBusy)
    served.cancel(gone)
    try waitUntil("the late one to be dropped") {
      models.check()
      return asked.outcomes.update { $0.count } == 2
    }
    #expect(try asked.all(2) == ["cancelled", "late"] && !served.isLoaded)
    withExtendedLifetime(turn) {}
    turn = nil
    #expect(try asked.all(3) == ["36.0", "cancelled", "late"])
  }

  @Test("More than may wait are refused, and told so")
  func full() throws {
    let (asked, budget) = (Asked(), try #require(models.budget))
    #expect(served.rest())
    var turn: MemoryTurn? = try budget.begin("other", fileBytes: 0, Cancellation())
    for _ in 0..<ModelRepository.Options.usualQueue { try served.submit(asked.request(1)) }
    let refusal = #expect(throws: AdmissionRefusal.self) { try served.submit(asked.request(1)) }
    #expect(refusal?.fault.kind == .exhausted && (refusal?.retryAfter ?? 0) > 0)
    withExtendedLifetime(turn) {}
    turn = nil
    #expect(try Set(asked.all(ModelRepository.Options.usualQueue)) == ["12.0"])
  }

  @Test("Files that changed while it was away are not answered from, and said so")
  func changed() throws {
    let asked = Asked()
    #expect(served.rest())
    try ByteNetwork.write(to: folder.file("models/sum/1/model"))
    try served.submit(asked.request(1))
    let told = try asked.all(1)
    #expect(told[0].contains("files changed"), "\(told)")
    // For a moment the reason is told without another look.
    let refusal = #expect(throws: AdmissionRefusal.self) { try served.submit(asked.request(1)) }
    #expect(refusal?.fault.message.contains("files changed") == true)
    try SumNetwork.write(to: folder.file("models/sum/1/model"))
    try waitUntil("it to be tried again") {
      (try? served.submit(asked.request(2))) != nil
    }
    #expect(try asked.all(2).contains("24.0"))
  }

  @Test("What is held stays, and what is at work leaves once it has answered")
  func held() throws {
    let asked = Asked()
    do {
      let held = HeldVersion(served)
      #expect(!served.rest() && served.isLoaded)
      try held.submit(asked.request(1))
      #expect(try asked.all(1) == ["12.0"])
    }
    for number in 0..<30 { try served.submit(asked.request(Float(number))) }
    #expect(served.rest())
    #expect(try asked.all(31).allSatisfy { !$0.contains("failed") })
  }

  @Test("Who is not to wait is told to come again, and finds it loaded")
  func refused() throws {
    let models = try Self.repository(folder) { $0.refuses = true }
    let (served, asked) = (try models.find("sum"), Asked())
    #expect(served.rest() && served.refusesWhileAway)
    let refusal = #expect(throws: AdmissionRefusal.self) { try served.submit(asked.request(1)) }
    #expect(refusal?.fault.kind == .unavailable && refusal?.retryAfter == 1)
    try waitUntil("it to be loaded") { served.isLoaded }
    try served.submit(asked.request(1))
    #expect(try asked.all(1) == ["12.0"])
  }

  @Test("What does not fit at all is not loaded, and says what it takes")
  func tooLarge() throws {
    let models = try Self.repository(folder) { $0.byteCount = 1 }
    guard case .unavailable(let fault) = models.list()[0].versions[0].state else {
      Issue.record("it was loaded")
      return
    }
    #expect(fault.kind == .tooLarge && fault.message.contains("--memory"), "\(fault)")
    #expect(models.memory?.used == 0)
  }

  /// All may take 128 MiB: the repository, with the version that is loaded, and the budget.
  private func small(staySeconds: Double = 0) throws -> (ModelRepository, ServedVersion, MemoryBudget) {
    let models = try Self.repository(folder) { ($0.byteCount, $0.staySeconds) = (128 << 20, staySeconds) }
    return (models, try models.find("sum"), try #require(models.budget))
  }

  @Test("A wrong measurement refuses one load, and is not kept")
  func wrongMeasurement() throws {
    let (_, served, budget) = try small()
    do {
      let turn = try budget.begin("a/1", fileBytes: 40 << 20, Cancellation())
      let fault = #expect(throws: Fault.self) {
        try budget.settle(turn, 1 << 40, fileBytes: 40 << 20, by: served.runtime)
      }
      #expect(fault?.kind == .tooLarge && budget.measured("a/1") == nil)
      #expect(budget.retry(of: "a/1") > Clock.now + 10_000_000_000)
    }
    var turn: MemoryTurn? = try budget.begin("a/1", fileBytes: 40 << 20, Cancellation())
    try budget.settle(#require(turn), 60 << 20, fileBytes: 40 << 20, by: served.runtime)
    #expect(budget.measured("a/1") == 60 << 20 && budget.retry(of: "a/1") == 0)
    turn = nil
    // What else the process grew by counts for a part.
    turn = try budget.begin("b/1", fileBytes: 0, Cancellation())
    try budget.settle(#require(turn), 1 << 40, fileBytes: 0, by: served.runtime)
    #expect(budget.measured("b/1") == 64 << 20)
    turn = nil
  }

  @Test("Where what is held leaves no room, a load gives up at once, and is tried again once there may be some")
  func noRoom() throws {
    let (_, served, budget) = try small()
    let begun = Clock.now
    let fault: Fault
    do {
      let held = HeldVersion(served)
      let thrown = #expect(throws: Fault.self) { _ = try budget.begin("a/1", fileBytes: 120 << 20, Cancellation()) }
      fault = try #require(thrown)
      _ = try budget.begin("b/1", fileBytes: 0, Cancellation())
      Clock.sleep(until: budget.retry(of: "a/1"))
      #expect(!budget.isDue("a/1", fault))
      withExtendedLifetime(held) {}
    }
    #expect(fault.kind == .unavailable && Clock.now - begun < 20_000_000_000)
    #expect(budget.isDue("a/1", fault))
    #expect(!budget.isDue("a/1", Fault(.unavailable, "unloaded")))
  }

  @Test("Who waits for room lets others be loaded meanwhile")
  func waitsAside() throws {
    let (_, _, budget) = try small(staySeconds: 3600)
    let (cancellation, begun) = (Cancellation(), Clock.now)
    let large = NativeThread { _ = try? budget.begin("a/1", fileBytes: 120 << 20, cancellation) }
    Clock.sleep(until: Clock.now + 100_000_000)
    for _ in 0..<3 { _ = try budget.begin("b/1", fileBytes: 0, Cancellation()) }
    #expect(Clock.now - begun < 20_000_000_000)
    cancellation.cancel()
    large.join()
  }

  @Test("What is too much leaves once nobody holds it any more")
  func trimmed() throws {
    let (models, served, budget) = try small()
    var held: HeldVersion? = HeldVersion(served)
    var turn: MemoryTurn? = try budget.begin("a/1", fileBytes: 32 << 20, Cancellation())
    try budget.settle(#require(turn), 128 << 20, fileBytes: 32 << 20, by: served.runtime)
    let place = try #require(turn?.place)
    turn = nil
    models.check()
    #expect(served.isLoaded && budget.figures.used > 128 << 20)
    withExtendedLifetime(held) {}
    held = nil
    try waitUntil("it to leave") {
      models.check()
      return budget.figures.used <= 128 << 20
    }
    #expect(!served.isLoaded)
    withExtendedLifetime(place) {}
  }

  @Test("A shadow's question pushes nothing out that was asked a moment ago")
  func quietShadow() throws {
    let (models, served, budget) = try small()
    var turn: MemoryTurn? = try budget.begin("a/1", fileBytes: 32 << 20, Cancellation())
    try budget.settle(#require(turn), 128 << 20, fileBytes: 32 << 20, by: served.runtime)
    turn = nil
    let asked = Asked()
    try served.submit(asked.request(1))
    #expect(try asked.all(1) == ["12.0"])
    #expect(served.isAtHand && !budget.comesQuietly("a/1") && !budget.comesQuietly("unknown"))
    try waitUntil("it to be measured") { models.memory?.loads == 3 }
    #expect(served.rest() && served.isAtHand && budget.comesQuietly("a/1"))
  }

  @Test("Random requests while it leaves over and over are all answered right")
  func random() throws {
    let wrong = Atomic(0)
    let right = Atomic(0)
    let isOver = Monitor(false)
    let evictor = NativeThread { [served] in
      while !isOver.update({ $0 }) {
        _ = served.rest()
        Clock.sleep(until: Clock.now + 3_000_000)
      }
    }
    let askers = (0..<4).map { asker in
      NativeThread { [served] in
        for number in 0..<100 {
          let asked = Asked()
          let value = Float(asker * 1000 + number)
          do {
            try served.submit(asked.request(value))
            let isRight = try asked.all(1) == ["\(value * 12)"]
            if isRight { right.add(1, ordering: .relaxed) } else { wrong.add(1, ordering: .relaxed) }
          } catch { wrong.add(1, ordering: .relaxed) }
        }
      }
    }
    for asker in askers { asker.join() }
    isOver.update { $0 = true }
    evictor.join()
    #expect(wrong.load(ordering: .relaxed) == 0 && right.load(ordering: .relaxed) == 400)
    #expect((models.memory?.loads ?? 0) > 1)
  }

  @Test("A server that ends answers what waits for a load first")
  func drained() throws {
    let asked = Asked()
    #expect(served.rest())
    for number in 0..<5 { try served.submit(asked.request(Float(number))) }
    models.drain()
    #expect(try asked.all(5) == (0..<5).map { "\(Float($0) * 12)" }.sorted())
    let refusal = #expect(throws: AdmissionRefusal.self) { try served.submit(asked.request(1)) }
    #expect(refusal?.fault.kind == .closed)
  }
}
