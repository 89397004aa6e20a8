import Base
import Bus
import Catalog
import Execution
import Items
import Library
import Store
import Synchronization
import TestKit

@testable import Jobs

/// A library with assets whose files are any bytes, and jobs over them that end as a test says.
final class JobFixture {
  let folder = TemporaryFolder()
  let desk: JobDesk
  var library: Library { desk.library }
  var bus: any Bus { desk.bus }

  init() throws {
    let library = try Library(folder.file("lib"))
    desk = JobDesk(library, bus: try SQLiteBus("\(library.path)/library.db"))
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
    JobWork(desk, worker: "w", version: "0", examiner: AnyFilm(), isStopped: { false }, beat: {}) { (_) throws(Fault) in
      throw fault
    }
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
      case .stopped: _ = try bus.giveBack(claimed.claim, after: .zero)
      }
    }
    return keys
  }

  func now(_ job: Job) throws -> Job { try desk.job(job.id.text, scope: .all) }
}

struct AnyFilm: MediaExaminer {
  func examine(_ path: String) throws(Fault) -> Examination {
    Examination(
      facts: MediaFacts(
        isPicture: false, size: Size(width: 64, height: 48), duration: 10, codec: "none", format: "none",
        frameRate: Ratio(25, 1), color: "", rotation: ""), thumbnail: [1])
  }
}
