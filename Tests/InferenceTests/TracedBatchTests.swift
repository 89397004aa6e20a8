import Base
import Inference
import TestKit
import Testing

struct TracedBatchTests {
  /// Keeps what a unit tells of traces.
  private final class Observer: UnitObserver {
    let batches = Monitor<[TracedBatch]>([])
    func refused() {}
    func started(_ reason: BatchStart) {}
    func willRun() {}
    func didRun(rows: Int, nanoseconds: UInt64) {}
    func ran(_ batch: TracedBatch) { batches.update { $0.append(batch) } }
    func ended(_ outcome: InferenceRequest.Outcome, _ times: InferenceRequest.Times) {}
  }

  private static let numbers = SharedBytes((0..<12).map { UInt8($0) })

  @Test(
    "Each request whose trace is kept is told of once, in the order of its way, and the others never",
    arguments: [1, 4])
  func each(batch: Int) throws {
    let observer = Observer()
    let network = try SumNetwork.compile(in: TemporaryFolder(), batch: batch, streams: 1)
    let unit = try InferenceUnit(network, limits: .init(queue: 300), observer: observer)
    let answered = Monitor(0)
    for number in 1...200 {
      let trace = number % 2 == 0 ? Trace(id: 7, parent: UInt64(number), isSampled: true) : nil
      let request = InferenceRequest([Self.numbers], rows: 1, source: "\(number % 3)", trace: trace) { _, _ in
        answered.update { $0 += 1 }
      }
      try unit.submitWaiting(request)
    }
    try answered.wait(for: "all answers") { $0 == 200 ? () : nil }
    unit.drain()
    let batches = observer.batches.update { $0 }
    let members = batches.flatMap(\.members)
    #expect(members.map(\.trace.parent).sorted() == stride(from: 2, through: 200, by: 2).map { UInt64($0) })
    #expect(members.allSatisfy { $0.isFirst && $0.trace.id == 7 && $0.arrived <= $0.started })
    for told in batches {
      #expect(told.rowCount >= told.members.count && told.rowCount <= batch && told.began <= told.ended)
      #expect(told.members.allSatisfy { $0.started <= told.began } && told.failure == nil)
    }
  }

  @Test("A request of many rows is told of with each batch that has some of them, its queue once")
  func rows() throws {
    let observer = Observer()
    let network = try SumNetwork.compile(in: TemporaryFolder(), batch: 2, streams: 1)
    let unit = try InferenceUnit(network, observer: observer)
    let isDone = Monitor(false)
    let bytes = SharedBytes([UInt8](repeating: 1, count: 5 * 12))
    let request = InferenceRequest(
      [bytes], rows: 5, source: "", trace: Trace(id: 1, parent: 2, isSampled: true)
    ) { _, _ in isDone.update { $0 = true } }
    try unit.submit(request)
    try isDone.wait(for: "the answer") { $0 ? () : nil }
    unit.drain()
    let batches = observer.batches.update { $0 }
    #expect(batches.reduce(0) { $0 + $1.rowCount } == 5)
    #expect(batches.flatMap(\.members).count { $0.isFirst } == 1)
  }
}
