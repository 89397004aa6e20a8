import Base
import Execution
import Glibc
import Inference
import Isolation
import Loading
import ModelProcess
import Serving
import TestKit
import Testing

/// A network of texts that crashed a server: it answers in a process of its own as it did before.
struct IsolatedTextTests {
  private let folder = TemporaryFolder()

  private func models() throws -> ModelRepository {
    var options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    options.load.streams = 1
    var processes = ModelProcessOptions()
    processes.program = Program.path
    options.processes = processes
    return try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
  }

  private func vectors(_ models: ModelRepository, _ model: String, _ texts: [String]) throws -> [[Float]] {
    let encoder = try #require(try models.find(model).textEncoder())
    return try encoder.encode(texts, deadline: Clock.now + 60_000_000_000).map(\.vector)
  }

  private func isNear(_ found: [[Float]], _ wanted: [[Float]]) -> Bool {
    found.count == wanted.count
      && zip(found, wanted).allSatisfy { zip($0, $1).allSatisfy { abs($0 - $1) < 1e-4 } && $0.count == $1.count }
  }

  @Test("Texts of every length get their own vectors, and a crash costs what was inside")
  func answers() throws {
    for name in ["fragile-words", "sturdy-words"] {
      try FileSystem.makeFolder(folder.file("models/\(name)/1"))
      try WordsNetwork.write(to: folder.file("models/\(name)/1"), name: name)
    }
    CrashJournal.recordCrash(of: "fragile-words/1")
    let models = try models()
    models.loadAll()
    let monitor = HealthMonitor(models, poll: nil)
    defer { monitor.stop() }
    let (fragile, sturdy) = try (models.find("fragile-words"), models.find("sturdy-words"))
    #expect(fragile.isIsolated && fragile.takesWords && !sturdy.isIsolated)
    let longest = Array(repeating: "beach", count: 14).joined(separator: " ")
    let texts = ["a dog", "a", "cat beach zebra a", "", longest, "dog dog dog"]
    let wanted = texts.map(WordsNetwork.vector)
    #expect(isNear(try vectors(models, "sturdy-words", texts), wanted))
    #expect(isNear(try vectors(models, "fragile-words", texts), wanted))
    let many = (0..<200).map { number in Array(repeating: "cat", count: number % 14).joined(separator: " ") }
    #expect(isNear(try vectors(models, "fragile-words", many), many.map(WordsNetwork.vector)))
    kill(try #require(fragile.processID), SIGSEGV)
    let end = Clock.now + 60_000_000_000
    var found: [[Float]] = []
    while found.isEmpty, Clock.now < end {
      found = (try? vectors(models, "fragile-words", texts)) ?? []
      usleep(10_000)
    }
    #expect(isNear(found, wanted), "it is started again")
    #expect(models.crashes(of: "fragile-words", version: "1") == 2)
  }
}
