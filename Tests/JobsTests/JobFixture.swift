import Base
import Bus
import Catalog
import Execution
import Items
import Library
import LibraryKit
import Store
import Synchronization
import TestKit

@testable import Jobs

/// A library with assets whose files are any bytes, and jobs over them that end as a test says.
final class JobFixture {
  let ground: Ground
  let desk: JobDesk
  var folder: TemporaryFolder { ground.folder }
  var library: Library { desk.library }
  var bus: any Bus { desk.bus }
  var table: any Table { library.table }

  /// Set by tests: milliseconds since 1970 by the wall's clock, and nanoseconds since the machine's start.
  let clocks: Clocks

  init(_ parts: Parts, _ clocks: Clocks = Clocks(date: nil, running: nil)) throws {
    self.clocks = clocks
    ground = try Ground(parts)
    let library = try ground.library { clocks.date.update { $0 } ?? Int(Clock.seconds * 1000) }
    let system = BusClock.system
    let clock = BusClock(
      now: { clocks.running.update { $0 } ?? system.now() }, boot: system.boot,
      date: { clocks.date.update { $0 }.map { $0 / 1000 } ?? system.date() })
    // A server that is asked has a clock of its own, unless the test has one.
    let isTold = parts == .embedded || clocks.running.update { $0 } != nil
    desk = JobDesk(library, bus: try ground.bus(isTold ? clock : nil))
  }

  /// Writes down assets whose bytes are nowhere; of the first `kept` there is an analysis.
  func fill(_ count: Int, client: String = "acme", kept: Int = 0) throws {
    _ = try library.openClient(client)
    var random = SystemRandomNumberGenerator()
    let facts = try AnyFilm().examine("").facts
    for start in stride(from: 0, to: count, by: 45) {
      var writes: [Write] = []
      for number in start..<min(count, start + 45) {
        let digest = String(repeating: "0", count: 58) + String(100_000 + number)
        let asset = Asset(
          id: ULID(milliseconds: library.now, using: &random), group: AssetGroup(client: client),
          name: "\(number).mp4", object: digest, byteCount: 10, media: facts, added: library.now)
        writes.append(.put(LibraryKeys.asset(asset.id), asset.json, if: .absent))
        guard number < kept else { continue }
        writes.append(.put(LibraryKeys.analysis(asset.id, pipeline: Self.pinned.digest), Array("{}".utf8)))
      }
      _ = try library.table.write(writes)
    }
  }

  @discardableResult
  func add(_ text: String, client: String = "acme", brand: String? = nil) throws -> Asset {
    let file = folder.file("in.bin")
    try FileSystem.write(Array("\(client) \(text)".utf8), to: file)
    let draft = AssetDraft(group: AssetGroup(client: client, brand: brand), name: "\(text).mp4")
    return try library.add(file: file, draft, scope: .all, examiner: AnyFilm()).asset
  }

  static let pinned = Job.Pinned(
    series: "p", digest: "sha256:" + String(repeating: "a", count: 64), text: "infer: m", folder: "/", models: ["m@1"])

  func request(_ client: String = "acme", key: String? = nil) -> JobRequest {
    var request = JobRequest(client: client, pipelines: [Self.pinned])
    request.key = key
    return request
  }

  func start(_ client: String = "acme") throws -> Job { try desk.start(request(client), scope: .all).job }

  /// Work that ends with a fault where a pipeline is loaded.
  func work(_ fault: Fault) -> JobWork {
    let work = JobWork(desk, worker: "w", version: "0", examiner: AnyFilm(), isStopped: { false }, beat: {}) {
      (_) throws(Fault) in throw fault
    }
    work.listingTurn = .infinity
    return work
  }

  /// Does every task that can be had, as a worker does; gives the keys in their order.
  @discardableResult
  func drain(_ work: JobWork, most: Int = .max) throws -> [String] {
    var keys: [String] = []
    while keys.count < most, let claimed = try bus.claim(for: "w", lease: .seconds(60)) {
      keys.append(claimed.task.key)
      switch try work.perform(claimed.task.payload, attempt: claimed.claim.attempt) {
      case .done: _ = try bus.acknowledge(claimed.claim)
      case .again(let fault): _ = try bus.fail(claimed.claim, Failure(fault.message, isRetryable: true))
      case .elsewhere: _ = try bus.giveBack(claimed.claim, after: .seconds(2))
      case .stopped: _ = try bus.giveBack(claimed.claim, after: .zero)
      }
    }
    return keys
  }

  func now(_ job: Job) throws -> Job { try desk.job(job.id.text, scope: .all) }
}

/// Clocks that a test sets; `nil` for those of the machine.
final class Clocks: Sendable {
  let date: Monitor<Int?>
  let running: Monitor<Int?>

  init(date: Int?, running: Int?) { (self.date, self.running) = (Monitor(date), Monitor(running)) }
}

struct AnyFilm: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination {
    Examination(
      facts: MediaFacts(
        isPicture: false, size: Size(width: 64, height: 48), duration: 10, codec: "none", format: "none",
        frameRate: Ratio(25, 1), color: "", rotation: ""), thumbnail: [1])
  }
}
