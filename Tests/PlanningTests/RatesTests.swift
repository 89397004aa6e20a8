import Base
import Planning
import TestKit
import Testing

struct RatesTests {
  private static let hd = Size(width: 1920, height: 1080)

  private static let all: [RateKey] = [
    .decode(codec: "h264", size: hd), .pass(codec: "h264"), .gate(size: hd), .prepare(size: hd),
    .infer(model: "sha256:a"),
    .load(model: "sha256:a"), .task, .item, .passing(pipeline: "sha256:p"), .crops(pipeline: "sha256:p", step: 1),
    .decoded(codec: "h264", sampling: .all), .decoded(codec: "h264", sampling: .keyFrames),
    .decoded(codec: "h264", sampling: .every(seconds: 1.5)), .decoded(codec: "h264", sampling: .fps(3)),
    .memory(pipeline: "sha256:p", size: hd),
  ]

  @Test func `rates read back as themselves, whatever the order in which they came`() throws {
    var random = SeededRandom(4)
    for _ in 0..<50 {
      var (one, other) = (Rates(machine: "epyc \"2\""), Rates(machine: "epyc \"2\""))
      let values = Self.all.map { _ in Double.random(in: 1e-7...4, using: &random) }
      for place in Self.all.indices { one.add(Self.all[place], total: values[place] * 7, count: 7) }
      for place in Self.all.indices.shuffled(using: &random) {
        other.add(Self.all[place], total: values[place] * 7, count: 7)
      }
      #expect(one == other && one.bytes == other.bytes)
      let again = try Rates(bytes: one.bytes)
      #expect(again == one && again.bytes == one.bytes)
      #expect(Self.all.allSatisfy { again[$0] != nil })
    }
    #expect(try Rates(bytes: Rates(machine: "x").bytes).isEmpty)
  }

  @Test(arguments: [
    (#""rates":1"#, #""rates":9"#, "another version"), (#""machine":"m""#, #""machine":1"#, "machine: 1 stands"),
    (#""of":"decode""#, #""of":"encode""#, "known[0].of: 'encode' is not known"),
    (#""width":1920"#, #""width":0"#, "known[0].width: 0 is out of range"),
    (#""width":1920,"#, "", "known[0]: the key 'width' is missing"),
    (#""mean":0.004"#, #""mean":-1"#, "known[0].mean: -1.0 is out of range"),
    (#""count":9"#, #""count":9,"kount":1"#, "the key 'kount' is not known here (did you mean 'count'?)"),
    (#"},{"#, #"},{"of":"task","mean":1,"count":1},{"#, "this rate stands here twice"),
  ])
  func `a document that is no rates is refused with the place`(_ case: (what: String, with: String, fault: String)) {
    var rates = Rates(machine: "m")
    rates.add(.decode(codec: "h264", size: Self.hd), total: 0.036, count: 9)
    rates.add(.task, total: 1, count: 2)
    let text = String(decoding: rates.bytes, as: UTF8.self)
    let changed = text.replacing(`case`.what, with: `case`.with, maxReplacements: 1)
    #expect(changed != text, "\(text)")
    do throws(Fault) {
      _ = try Rates(bytes: Array(changed.utf8))
      #expect(Bool(false), "\(changed) was taken for rates")
    } catch { #expect(error.message.contains(`case`.fault), "\(error.message)") }
  }

  @Test func `a mean is that of all units, and what is no measurement is left out`() throws {
    var rates = Rates(machine: "m")
    rates.add(.task, total: 3, count: 3)
    rates.add(.task, total: 9, count: 1)
    for (total, count) in [(1.0, 0.0), (.nan, 1), (-1, 1), (1, -1), (.infinity, 1)] {
      rates.add(.task, total: total, count: count)
    }
    #expect(rates[.task]?.mean == 3 && rates[.task]?.count == 4)
    rates.raise(.memory(pipeline: "p", size: Self.hd), to: 5e8)
    rates.raise(.memory(pipeline: "p", size: Self.hd), to: 3e8)
    #expect(rates[.memory(pipeline: "p", size: Self.hd)]?.mean == 5e8)
  }

  @Test func `what is measured now outweighs what was measured long ago`() throws {
    var rates = Rates(machine: "m")
    rates.add(.infer(model: "a"), total: 1e6, count: 1e9)
    rates.add(.infer(model: "a"), total: 200_000 * 0.003, count: 200_000)
    let mean = try #require(rates[.infer(model: "a")]?.mean)
    #expect((mean - 0.002).magnitude < 1e-9)
  }

  @Test func `rates of two places come together as if one had measured all`() {
    var (one, other, both) = (Rates(machine: "m"), Rates(machine: "m"), Rates(machine: "m"))
    for (total, count) in [(1.0, 10.0), (4, 20)] { one.add(.task, total: total, count: count) }
    other.add(.task, total: 7, count: 30)
    other.raise(.memory(pipeline: "p", size: Self.hd), to: 7)
    for (total, count) in [(1.0, 10.0), (4, 20), (7, 30)] { both.add(.task, total: total, count: count) }
    one.merge(other)
    #expect((one[.task]!.mean - both[.task]!.mean).magnitude < 1e-9)
    #expect(one[.memory(pipeline: "p", size: Self.hd)]?.mean == 7)
  }

  private func task(_ work: FrameWork, cpu: Double) -> TaskMeasurement {
    TaskMeasurement(
      codec: "h264", size: Self.hd, pipeline: "p", sampling: .all, work: work, passed: 40,
      steps: [.init(model: "a", inferences: 40, seconds: 4), .init(model: "b", inferences: 80, seconds: 2)],
      cpuSeconds: cpu)
  }

  @Test func `a task that waited for the processor is not taken for a slower one`() throws {
    var task = task(FrameWork(frames: 100, decoded: 100, sampled: 100), cpu: 6)
    (task.decodeSeconds, task.gateSeconds, task.prepareSeconds, task.ownSeconds) = (2, 1, 2, 0.5)
    var rates = Rates(machine: "m")
    rates.add(task, isCropped: [false, true])
    #expect((rates[.infer(model: "a")]!.mean - 0.05).magnitude < 1e-9, "half of the time, it waited")
    #expect(rates[.passing(pipeline: "p")]?.mean == 0.4)
    #expect(rates[.crops(pipeline: "p", step: 1)]?.mean == 2 && rates[.crops(pipeline: "p", step: 0)] == nil)
    #expect((rates[.task]!.mean - 0.5).magnitude < 1e-9 && rates[.frame(pipeline: "p")]!.mean < 1e-9)
    (task.cpuSeconds, task.ownSeconds) = (12, 0.6)
    var own = Rates(machine: "m")
    own.add(task, isCropped: [false, true])
    #expect((own[.task]!.mean - 0.6).magnitude < 1e-9)
    #expect(
      (own[.frame(pipeline: "p")]!.mean - 0.004).magnitude < 1e-9, "what stages do not explain is shared among frames")
    #expect(own[.infer(model: "a")]?.mean == 0.1)
    task.ownSeconds = 50
    own = Rates(machine: "m")
    own.add(task, isCropped: [false, true])
    #expect(own[.task]?.mean == 12 && own[.frame(pipeline: "p")]?.mean == 0, "it cannot be more than there is")
    (task.gateSeconds, task.prepareSeconds, task.ownSeconds) = (0, 0, 0)
    own = Rates(machine: "m")
    own.add(task, isCropped: [false, true])
    #expect(own[.gate(size: Self.hd)] == nil && own[.prepare(size: Self.hd)] == nil, "they were not measured")
  }

  @Test func `going through frames is not taken for decoding`() throws {
    var rates = Rates(machine: "m")
    var full = task(FrameWork(frames: 1000, decoded: 1000, sampled: 100), cpu: 20)
    full.decodeSeconds = 4
    var sparse = task(FrameWork(frames: 1000, decoded: 10, sampled: 10), cpu: 20)
    sparse.decodeSeconds = 0.1
    for _ in 0..<50 {
      rates.add(full, isCropped: [false, true])
      rates.add(sparse, isCropped: [false, true])
    }
    let (reading, decoding) = (rates[.pass(codec: "h264")]!.mean, rates[.decode(codec: "h264", size: Self.hd)]!.mean)
    // 1000 (r + d) = 4 and 1000 r + 10 d = 0.1.
    #expect((decoding - 3.9 / 990).magnitude < 3e-5 && (reading - (0.004 - 3.9 / 990)).magnitude < 3e-5)
  }
}
