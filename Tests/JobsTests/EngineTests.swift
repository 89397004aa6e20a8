import Base
import Catalog
import Execution
import Inference
import Items
import Library
import LibraryKit
import Loading
import ModelHub
import Pipelines
import Planning
import TestKit
import Testing

@testable import Jobs

/// How many tasks an item is, for engines that hand tasks out themselves: the same for whoever asks, on whichever machine.
struct EngineTests {
  private static let folder = TemporaryFolder()

  private static let pipeline = Result { () throws -> LoadedPipeline in
    let text = Array("infer: {model: line-inspector, threshold: 0.05}".utf8)
    let pipeline = try PipelineFile.read(bytes: text, name: "p.yaml").pipeline
    let folder = Program.models + "/line-inspector"
    let model = try Model(try Manifest.read(folder), folder: folder, store: Self.folder.path)
    return try LoadedPipeline(pipeline, models: [model], on: try Engine(cacheFolder: nil))
  }

  private static let film = Result { () throws -> String in
    let film = folder.file("film.mkv")
    let made = shell(
      ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=10", "-pix_fmt", "yuv420p"]
        + ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", film])
    try #require(made.status == 0, "\(made.errors)")
    return film
  }

  let fixture: JobFixture

  init() throws { fixture = try JobFixture(.embedded) }

  /// A job over one film of 250 frames.
  private func started() throws -> Job {
    let draft = AssetDraft(group: AssetGroup(client: "acme"), name: "film.mkv")
    _ = try fixture.library.add(file: Self.film.get(), draft, scope: .all, examiner: AnyFilm())
    let pinned = Job.Pinned(
      series: "p", digest: try Self.pipeline.get().digest, text: "infer: line-inspector", folder: "/", models: ["m@1"])
    var request = JobRequest(client: "acme", pipelines: [pinned])
    request.isExternal = true
    let job = try fixture.desk.start(request, scope: .all).job
    return try work().list(job)
  }

  /// Work on a machine of which is known that a frame takes so many seconds of it.
  private func work(secondsPerFrame: Double = 1e-6) throws -> JobWork {
    let pipeline = try Self.pipeline.get()
    let work = JobWork(
      fixture.desk, worker: "w", version: "0", examiner: AnyFilm(), isStopped: { false }, beat: {}
    ) { (_) throws(Fault) in pipeline }
    var rates = Rates(machine: RateKeeper.machine)
    let size = Size(width: 64, height: 48)
    rates.add(.decode(codec: "none", size: size), total: secondsPerFrame, count: 1)
    for key in [
      RateKey.pass(codec: "none"), .prepare(size: size), .infer(model: pipeline.models[0].digest),
      .frame(pipeline: pipeline.digest), .task, .item,
    ] { rates.add(key, total: 1e-6, count: 1) }
    work.knownRates = (rates, Clock.now)
    return work
  }

  private func item(_ job: Job) throws -> JobItem {
    try #require(try fixture.desk.items(of: job, state: nil, limit: 2).elements.first)
  }

  private func runs(_ job: Job, _ task: Int, _ work: JobWork) throws {
    let ending = try work.run(job, item: 0, task: task)
    guard case .done = ending else {
      Issue.record("task \(task): \(ending)")
      return
    }
  }

  @Test("An item that was said to be one task is done by that one, also where frames are slower than they were thought")
  func whole() throws {
    let job = try started()
    #expect(try work().plan(job, item: 0) == 1)
    let slow = try work(secondsPerFrame: 1)
    #expect(try slow.plan(job, item: 0) == 1)
    try runs(job, 0, slow)
    #expect(try item(job).state == .done && fixture.now(job).state == .finished)
    #expect(try slow.tasksBehindFirst(job, item: 0) == 1..<1)
  }

  @Test("An item that was cut stays so, and is done by the tasks that were said")
  func cut() throws {
    let job = try started()
    let count = try work(secondsPerFrame: 1).plan(job, item: 0)
    try #require(count > 2)
    let quick = try work()
    #expect(try quick.plan(job, item: 0) == count && quick.planWhole(job, item: 0) == count)
    try runs(job, 0, quick)
    #expect(try item(job).state == .cut && quick.tasksBehindFirst(job, item: 0) == 1..<count)
    for task in 1..<count { try runs(job, task, quick) }
    #expect(try item(job).state == .done)
  }

  @Test("An item that nobody planned is cut by its first task, or written down as one")
  func unplanned() throws {
    let job = try started()
    let slow = try work(secondsPerFrame: 1)
    try runs(job, 0, slow)
    #expect(try item(job).state == .cut && slow.plan(job, item: 0) > 2)
  }

  @Test("What cost the process that was to cut it is one task from then on, after a retry too")
  func lost() throws {
    let job = try started()
    let slow = try work(secondsPerFrame: 1)
    #expect(try slow.planWhole(job, item: 0) == 1)
    #expect(try slow.tasksBehindFirst(job, item: 0) == nil, "it is open")
    _ = try slow.giveUp(job, item: 0, task: 0, because: "it crashed")
    #expect(try item(job).state == .failed)
    _ = try fixture.desk.retry(job.id.text, scope: .all)
    #expect(try slow.plan(job, item: 0) == 1)
    try runs(job, 0, slow)
    #expect(try item(job).state == .done)
  }

  @Test("Of a job that is paused nothing is cut, by whoever asks, and what was cut is not begun")
  func paused() throws {
    let job = try started()
    let slow = try work(secondsPerFrame: 1)
    func isRefused() throws {
      guard case .again(let fault) = try slow.run(job, item: 0, task: 0) else {
        Issue.record("a task of a job that is paused was begun")
        return
      }
      #expect(fault.message.contains("the job is paused"), "\(fault)")
    }
    _ = try fixture.desk.pause(job.id.text, scope: .all)
    try isRefused()
    let fault = try #require(throws: Fault.self) { try slow.plan(job, item: 0) }
    #expect(fault.kind == .unavailable && fault.message.contains("ridley job resume"), "\(fault)")
    #expect(try item(job).state == .waiting && !item(job).isWhole)
    _ = try fixture.desk.resume(job.id.text, scope: .all)
    let count = try slow.plan(job, item: 0)
    try #require(count > 2)
    _ = try fixture.desk.pause(job.id.text, scope: .all)
    try isRefused()
    #expect(try slow.plan(job, item: 0) == count, "what is written down is told all the same")
  }
}
