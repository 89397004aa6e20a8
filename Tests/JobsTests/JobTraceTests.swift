import Base
import Bus
import Catalog
import Items
import Library
import LibraryKit
import Telemetry
import TestKit
import Testing

@testable import Jobs

/// Tasks in the traces of their jobs, whichever engine has them run.
struct JobTraceTests {
  private static let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
  private let collector: CollectorDouble
  private let telemetry: Telemetry

  init() throws {
    let collector = try CollectorDouble()
    let environment = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "\(collector.address)/v1/traces"]
    self.collector = collector
    telemetry = Telemetry(TelemetrySettings(version: "0") { environment[$0] }, version: "0") { _ in }
  }

  private func done(_ fixture: JobFixture, _ job: Job, engine: Trace? = nil) throws -> [ToldSpan] {
    let work = fixture.work(JobDeskTests.bad)
    work.spans = TaskSpans(telemetry, engine: engine, worker: "w")
    try fixture.drain(work)
    telemetry.finish()
    return collector.spans
  }

  @Test("All tasks of a job stand under whoever started it, with their steps within them and their reasons")
  func started() throws {
    let fixture = try JobFixture(.embedded)
    for name in ["a", "b"] { try fixture.add(name) }
    var request = fixture.request()
    request.trace = Trace(Self.caller)
    let job = try fixture.desk.start(request, scope: .all).job
    #expect(try fixture.now(job).trace == request.trace)
    let spans = try done(fixture, job)
    #expect(spans.allSatisfy { $0.trace == "4bf92f3577b34da6a3ce929d0e0e4736" })
    let tasks = spans.filter { $0.name.hasPrefix("task ") }
    #expect(tasks.map(\.name).sorted() == ["task item", "task item", "task list"])
    #expect(tasks.allSatisfy { $0.parent == "00f067aa0ba902b7" && $0.attributes["ridley.job.id"] == job.id.text })
    let items = tasks.filter { $0.name == "task item" }
    #expect(Set(items.compactMap { $0.attributes["ridley.job.item"] }) == ["0", "1"])
    #expect(
      items.allSatisfy { $0.error == JobDeskTests.bad.message && $0.attributes["ridley.task.outcome"] == "failed" })
    let steps = spans.filter { $0.name == "load" }
    #expect(Set(steps.map(\.parent)) == Set(items.map(\.id)))
    for step in steps {
      let task = try #require(items.first { $0.id == step.parent })
      #expect(task.start <= step.start && step.end <= task.end)
    }
  }

  @Test("A job that was started without a trace has one of its own, the same for all workers")
  func own() throws {
    let fixture = try JobFixture(.embedded)
    try fixture.add("a")
    let job = try fixture.start()
    let engine = Trace(id: 99, parent: 0xabc, isSampled: true)
    let spans = try done(fixture, job, engine: engine).filter { $0.name.hasPrefix("task ") }
    #expect(spans.allSatisfy { $0.links.count == 1 && $0.links[0].hasSuffix("63-0000000000000abc") })
    let digits = String(job.id.number, radix: 16)
    let wanted = String(repeating: "0", count: 32 - digits.utf8.count) + digits
    #expect(spans.count == 2 && spans.allSatisfy { $0.trace == wanted && $0.parent == "" })
  }

  @Test(
    "An engine's own trace is linked to where it is another one, and gone on with where it is the job's",
    arguments: [true, false])
  func engine(isSame: Bool) throws {
    let fixture = try JobFixture(.embedded)
    try fixture.add("a")
    var request = fixture.request()
    request.trace = Trace(Self.caller)
    let job = try fixture.desk.start(request, scope: .all).job
    let id: UInt128 = isSame ? request.trace?.id ?? 0 : 99
    let spans = try done(fixture, job, engine: Trace(id: id, parent: 0xabc, isSampled: true))
      .filter { $0.name.hasPrefix("task ") }
    #expect(spans.count == 2 && spans.allSatisfy { $0.trace == "4bf92f3577b34da6a3ce929d0e0e4736" })
    #expect(spans.allSatisfy { $0.parent == (isSame ? "0000000000000abc" : "00f067aa0ba902b7") })
    let link = String(repeating: "0", count: 30) + "63-0000000000000abc"
    #expect(spans.allSatisfy { $0.links == (isSame ? [] : [link]) })
  }

  @Test("A caller that keeps no record has none kept, and the work is the same")
  func unsampled() throws {
    let fixture = try JobFixture(.embedded)
    try fixture.add("a")
    var request = fixture.request()
    request.trace = Trace(String(Self.caller.dropLast(2)) + "00")
    let job = try fixture.desk.start(request, scope: .all).job
    #expect(try done(fixture, job).isEmpty)
    #expect(try fixture.now(job).counts.failed == 1)
  }
}
