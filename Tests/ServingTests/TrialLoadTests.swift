import Base
import Glibc
import Inference
import Isolation
import Loading
import ModelProcess
import Serving
import TestKit
import Testing

/// Loading behind processes: what hangs or crashes there costs itself alone.
struct TrialLoadTests {
  let folder = TemporaryFolder()

  private func add(_ model: String, _ write: (String) throws -> Void) throws {
    try FileSystem.makeFolder(folder.file("models/\(model)/1"))
    try write(folder.file("models/\(model)/1/model"))
  }

  private func models(
    _ change: (inout ModelProcessOptions) -> Void = { _ in }, _ warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> ModelRepository {
    var options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    options.load.streams = 1
    options.warn = warn
    var processes = ModelProcessOptions()
    processes.program = Program.path
    change(&processes)
    options.processes = processes
    return try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
  }

  private func reason(_ models: ModelRepository, _ model: String) -> String? {
    guard case .unavailable(let fault) = models.list().first(where: { $0.model == model })?.versions.first?.state else {
      return nil
    }
    return fault.message
  }

  /// Waits, a minute at most.
  private func eventually(_ what: Comment, _ isSo: () -> Bool) {
    let end = Clock.now + 60_000_000_000
    while !isSo(), Clock.now < end { usleep(10_000) }
    #expect(isSo(), what)
  }

  private func ask(_ models: ModelRepository, _ name: String, _ value: Float) throws -> InferenceRequest.Outcome {
    let result = Monitor<InferenceRequest.Outcome?>(nil)
    let sum = Monitor<[Float]>([])
    let request = InferenceRequest([rows([value])], rows: 1, source: "a", deadline: soon()) { outcome, _ in
      if case .answered(let outputs) = outcome { sum.update { $0 = sums(outputs) } }
      result.update { $0 = outcome }
    }
    try models.find(name).submit(request)
    let outcome = try result.wait(for: "an answer") { $0 }
    if case .answered = outcome { #expect(sum.update { $0 } == [value * 12]) }
    return outcome
  }

  private func answers(_ models: ModelRepository, _ name: String) -> Bool {
    guard let outcome = try? ask(models, name, 3), case .answered = outcome else { return false }
    return true
  }

  @Test("While one hangs in its trial the others are loaded, reloaded, unloaded and asked, and the end comes at once")
  func hang() throws {
    try add("aslow") { try SlowNetwork.write(to: $0, products: 500) }
    try add("zsum") { try SumNetwork.write(to: $0) }
    let models = try models()
    let loaded = Monitor(false)
    NativeThread {
      models.loadAll()
      loaded.update { $0 = true }
    }.leave()
    eventually("the other one is loaded") { answers(models, "zsum") }
    try models.load("zsum")
    try models.set(alias: "live", of: "zsum", to: "1")
    try models.unload("zsum")
    #expect(reason(models, "zsum") == "unloaded")
    try models.load("zsum")
    #expect(answers(models, "zsum") && !loaded.update { $0 })
    // The same again has to wait, and is told so.
    let busy = #expect(throws: Fault.self) { try models.load("aslow") }
    #expect(busy?.kind == .unavailable && busy?.message.contains("is being loaded") == true)
    // What came later is loaded too.
    try add("late") { try SumNetwork.write(to: $0) }
    models.refresh()
    #expect(answers(models, "late"))
    let began = Clock.now
    try models.unload("aslow")
    #expect(reason(models, "aslow") == "unloaded")
    try loaded.wait(for: "loading to end") { $0 ? () : nil }
    #expect(Clock.now - began < 5_000_000_000)
  }

  @Test("What hangs is shown with its reason once its time is over, and the end of the server does not wait for it")
  func deadline() throws {
    try add("slow") { try SlowNetwork.write(to: $0, products: 500) }
    let short = try models { $0.seconds = 1 }
    short.loadAll()
    #expect(reason(short, "slow")?.contains("did not finish within 1 s") == true)
    #expect(short.isSettled)
    let long = try models()
    let loaded = Monitor(false)
    NativeThread {
      long.loadAll()
      loaded.update { $0 = true }
    }.leave()
    usleep(300_000)
    let began = Clock.now
    long.drain()
    try loaded.wait(for: "loading to end") { $0 ? () : nil }
    #expect(Clock.now - began < 5_000_000_000)
  }

  @Test("What crashes in its trial never reaches the server; what passed is not tried again")
  func crash() throws {
    try add("sum") { try SumNetwork.write(to: $0) }
    let crashing: (inout ModelProcessOptions) -> Void = { options in
      (options.program, options.arguments) = ("/bin/sh", ["-c", "kill -SEGV $$"])
    }
    let first = try models(crashing)
    first.loadAll()
    #expect(reason(first, "sum")?.contains("crashed it (Segmentation fault)") == true)
    let fault = #expect(throws: Fault.self) { try first.load("sum") }
    #expect(fault?.kind == .unsupported)
    let second = try models()
    second.loadAll()
    #expect(answers(second, "sum"))
    let third = try models(crashing)
    third.loadAll()
    #expect(answers(third, "sum"))
  }

  @Test("One that passes its trial and hangs here all the same is left to itself, and the others are loaded")
  func hangsHere() throws {
    try add("slow") { try SlowNetwork.write(to: $0, products: 20) }
    try add("sum") { try SumNetwork.write(to: $0) }
    let models = try models { options in
      // Reads the question, and says that all went well: two numbers of nothing, and a third that is not known.
      options.program = "/bin/sh"
      let passed = "\\001" + String(repeating: "\\000", count: 17)
      options.arguments = ["-c", "dd bs=65536 count=1 <&3 >/dev/null 2>&1; printf '\(passed)' >&3; sleep 1"]
      options.seconds = 0.4
    }
    let began = Clock.now
    models.loadAll()
    #expect(reason(models, "slow")?.contains("passed its trial and was not ready") == true)
    #expect(answers(models, "sum"))
    #expect(Clock.now - began < 10_000_000_000 && models.hasAbandonedThreads)
  }

  @Test(
    "One that crashed a server runs in a process of its own, whose end costs what was inside, and is refused after the third"
  )
  func fragile() throws {
    try add("fragile") { try SumNetwork.write(to: $0) }
    try add("sturdy") { try SumNetwork.write(to: $0) }
    CrashJournal.recordCrash(of: "fragile/1")
    let warned = Monitor<[String]>([])
    let models = try models({ _ in }) { line in warned.update { $0.append(line) } }
    models.loadAll()
    let monitor = HealthMonitor(models, poll: nil)
    defer { monitor.stop() }
    let (fragile, sturdy) = try (models.find("fragile"), models.find("sturdy"))
    #expect(fragile.isIsolated && fragile.streams == 1 && !sturdy.isIsolated)
    #expect(answers(models, "fragile") && answers(models, "sturdy"))
    kill(try #require(fragile.processID), SIGSEGV)
    eventually("it is started again") { fragile.processID != nil && answers(models, "fragile") }
    #expect(models.crashes(of: "fragile", version: "1") == 2 && answers(models, "sturdy"))
    kill(try #require(fragile.processID), SIGSEGV)
    eventually("it is refused") { reason(models, "fragile") != nil }
    #expect(reason(models, "fragile")?.contains("crashed the process that ran it 3 times") == true)
    #expect(throws: Fault.self) { try models.find("fragile") }
    #expect(warned.update { $0 }.count == 2 && warned.update { $0 }.allSatisfy { $0.contains("Segmentation fault") })
    #expect(try models.find("sturdy") === sturdy && answers(models, "sturdy"))
    try models.load("fragile")
    #expect(try models.find("fragile").isIsolated && answers(models, "fragile"))
  }
}
