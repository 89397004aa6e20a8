import Base
import Bus
import Foundation
import Inference
import Serving
import TestKit
import Testing
import Units

/// A server's models, computed by units that have the same ones.
@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"))
struct UnitsTests {
  private let folder = TemporaryFolder()

  private func address() throws -> String {
    "\(try RedisServer.shared.get().address)/?prefix=\(folder.path.split(separator: "/").last!)"
  }

  private func options(_ name: String = "models") throws -> ModelRepository.Options {
    try FileSystem.makeFolder(folder.file("\(name)/sum/1"))
    try SumNetwork.write(to: folder.file("\(name)/sum/1/model"))
    return ModelRepository.Options(folder: folder.file(name), store: folder.file("store"))
  }

  private func load(_ options: ModelRepository.Options) throws -> ModelRepository {
    let models = try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    return models
  }

  /// A server's, with the model computed where it is said.
  private func server(_ place: UnitPlace) throws -> (ModelRepository, UnitPool) {
    let pool = UnitPool(try FrameBus(try address(), connections: 32)) { _ in }
    var options = try options()
    (options.units, options.placeOf) = (pool, ["sum": place])
    return (try load(options), pool)
  }

  private func unit(_ models: ModelRepository) throws -> UnitWorker {
    UnitWorker(models, bus: try FrameBus(try address(), connections: 32), UnitWorker.Options(host: "here")) { _ in }
  }

  private func ask(_ models: ModelRepository, _ value: Float, rows: Int = 1) throws -> InferenceRequest.Outcome {
    let numbers = (0..<rows).flatMap { row in [Float](repeating: value + Float(row), count: 12) }
    let bytes = SharedBytes(numbers.withUnsafeBytes { Array($0) })
    let result = Monitor<(InferenceRequest.Outcome, [Float])?>(nil)
    let request = InferenceRequest([bytes], rows: rows, source: "a", deadline: Clock.now + 5_000_000_000) {
      outcome, _ in
      var sums: [Float] = []
      if case .answered(let outputs) = outcome {
        outputs.withBytes(0) { bytes in
          sums = (0..<bytes.byteCount / 4).map { bytes.unsafeLoadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
      }
      result.update { $0 = (outcome, sums) }
    }
    try models.find("sum").submit(request)
    let (outcome, sums) = try result.wait(for: "an answer") { $0 }
    if case .answered = outcome {
      #expect(sums == (0..<rows).map { (value + Float($0)) * 12 })
    }
    return outcome
  }

  private func isAnswered(_ outcome: InferenceRequest.Outcome) -> Bool {
    if case .answered = outcome { true } else { false }
  }

  private func streams(_ models: ModelRepository) throws -> Int {
    models.check()
    return try models.find("sum").streams
  }

  @Test func `units compute what a server has, as many at a time as there are, and it says so where there are none`()
    throws
  {
    let (models, pool) = try server(.remote)
    defer { pool.stop() }
    #expect(try streams(models) == 0)
    do {
      _ = try ask(models, 1)
      Issue.record("nobody answered")
    } catch let refusal as AdmissionRefusal {
      #expect(refusal.fault.kind == .unavailable && refusal.fault.message.contains("ridley unit"))
    }
    let first = try unit(try load(try options()))
    try waitUntil("a unit to be there") { try streams(models) > 0 }
    let one = try streams(models)
    for value in 0..<20 { #expect(isAnswered(try ask(models, Float(value)))) }
    #expect(isAnswered(try ask(models, 5, rows: 7)), "rows of one request go to whoever is free")
    let second = try unit(try load(try options()))
    try waitUntil("a second unit to be there") { try streams(models) == 2 * one }
    #expect(isAnswered(try ask(models, 3)))
    let counts = [first.stop(), second.stop()]
    #expect(counts.reduce(0) { $0 + $1.answered } == 28 && counts.allSatisfy { $0.failed == 0 && $0.stale == 0 })
    try waitUntil("both to be gone") { try streams(models) == 0 }
    models.drain()
  }

  @Test func `without units a server computes itself, where it may`() throws {
    let (models, pool) = try server(.both)
    defer { pool.stop() }
    #expect(isAnswered(try ask(models, 2)))
    let own = try streams(models)
    let unit = try unit(try load(try options()))
    try waitUntil("a unit to be there") { try streams(models) > own }
    #expect(isAnswered(try ask(models, 2)))
    #expect(unit.stop().answered == 0, "here first, while there is room")
    models.drain()
  }

  @Test func `a unit with another network of the same name is none, and that is said`() throws {
    let (models, pool) = try server(.remote)
    defer { pool.stop() }
    let others = try options("others")
    try SlowNetwork.write(to: folder.file("others/sum/1/model"))
    let unit = try unit(try load(others))
    defer { _ = unit.stop() }
    try waitUntil("the unit to be seen") { !pool.notices.isEmpty && !pool.notices[0].offers.isEmpty }
    #expect(try streams(models) == 0)
    let refusal = #expect(throws: AdmissionRefusal.self) { _ = try ask(models, 1) }
    #expect(refusal?.fault.message.contains("another 'sum'") == true, "\(String(describing: refusal))")
  }

  @Test func `a server whose Redis is away computes itself, and asks units again once it is back`() throws {
    let redis = try RedisServer()
    let pool = UnitPool(try FrameBus(redis.address, connections: 32)) { _ in }
    defer { pool.stop() }
    var options = try options()
    (options.units, options.placeOf) = (pool, ["sum": .both])
    let models = try load(options)
    let unit = UnitWorker(
      try load(try self.options()), bus: try FrameBus(redis.address, connections: 32),
      UnitWorker.Options(host: "here")
    ) { _ in }
    defer { _ = unit.stop() }
    let own = try streams(models)
    try waitUntil("a unit to be there") { try streams(models) > own }
    redis.end()
    try waitUntil("the unit to be forgotten") { try streams(models) == own }
    #expect(isAnswered(try ask(models, 4)))
    try redis.start()
    try waitUntil("the unit to be there again") { try streams(models) > own }
    models.drain()
  }
}
