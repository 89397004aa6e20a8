import Base
import Glibc
import Inference
import Synchronization
import TestKit
import Testing

struct BusyUnitTests {
  private func request(_ bytes: SharedBytes, _ done: @escaping @Sendable () -> Void) -> InferenceRequest {
    InferenceRequest([bytes], rows: 1, source: "") { _, _ in done() }
  }

  /// One number to a network that takes its time over it.
  private func slow(_ folder: TemporaryFolder, queue: Int) throws -> (unit: InferenceUnit, number: SharedBytes) {
    try SlowNetwork.write(to: folder.file("slow"))
    var options = CompileOptions()
    options.streams = 1
    let network = try CompiledNetwork(
      try Engine(cacheFolder: nil).read(folder.file("slow.xml")), with: options, on: try Engine(cacheFolder: nil))
    let number = SharedBytes(withUnsafeBytes(of: Float(1)) { Array($0) })
    return (try InferenceUnit(network, limits: .init(queue: queue)), number)
  }

  @Test("Where every place is taken, an input that does not want to wait is told so at once, and may come again")
  func full() throws {
    let folder = TemporaryFolder()
    let (unit, number) = try slow(folder, queue: 2)
    let answered = Monitor(0)
    let count: @Sendable () -> Void = { answered.update { $0 += 1 } }
    try unit.submit(request(number, count))
    // The lane takes the first one at once.
    try waitUntil("the first to be taken") { unit.load.running > 0 || answered.update { $0 } > 0 }
    try unit.submit(request(number, count))
    let began = Clock.now
    let refusal = #expect(throws: AdmissionRefusal.self) { try unit.submit(request(number, count)) }
    #expect(refusal?.fault.kind == .exhausted && (refusal?.retryAfter ?? 0) > 0)
    #expect(Clock.now - began < 50_000_000)
    unit.drain()
    try unit.submit(request(number, count))
    try answered.wait(for: "three answers") { $0 == 3 ? () : nil }
  }

  @Test("A request with fewer bytes than its rows have is refused: nothing behind them is read", arguments: [1, 2])
  func short(batch: Int) throws {
    let folder = TemporaryFolder()
    let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: batch, streams: 1))
    for (count, rows) in [(0, 1), (11, 1), (12, 2), (23, 2)] {
      let bytes = SharedBytes([UInt8](repeating: 1, count: count))
      let request = InferenceRequest([bytes], rows: rows, source: "") { _, _ in }
      let refusal = #expect(throws: AdmissionRefusal.self) { try unit.submit(request) }
      #expect(refusal?.fault.kind == .badInput, "\(count) bytes for \(rows)")
    }
    let refusal = #expect(throws: AdmissionRefusal.self) {
      try unit.submitWaiting(InferenceRequest([], rows: 1, source: "") { _, _ in })
    }
    #expect(refusal?.fault.kind == .badInput)
    unit.drain()
  }

  @Test("A caller that waits for room gets in, every time, and what it brings is answered")
  func waiting() throws {
    let folder = TemporaryFolder()
    let unit = try InferenceUnit(
      try SumNetwork.compile(in: folder, batch: 2, streams: 1), limits: .init(queue: 1))
    let answered = Atomic(0)
    let bytes = SharedBytes([UInt8](repeating: 1, count: 12))
    let callers = (0..<3).map { _ in
      NativeThread {
        for _ in 0..<100 {
          try? unit.submitWaiting(
            InferenceRequest([bytes], rows: 1, source: "") { outcome, _ in
              if case .answered(let outputs) = outcome, outputs.withFloats(0, { $0[0] }) == 12 {
                answered.add(1, ordering: .relaxed)
              }
            })
        }
      }
    }
    for caller in callers { caller.join() }
    unit.drain()
    #expect(answered.load(ordering: .relaxed) == 300)
    unit.close()
    let refusal = #expect(throws: AdmissionRefusal.self) {
      try unit.submitWaiting(InferenceRequest([bytes], rows: 1, source: "") { _, _ in })
    }
    #expect(refusal?.fault.kind == .closed)
  }

  @Test("A request that is used again gets an answer each time, wherever its neighbours lie", arguments: [1, 3])
  func reused(batch: Int) throws {
    let folder = TemporaryFolder()
    let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: batch, streams: 2))
    // Every second row: neighbours lie apart; in the second half they follow each other.
    let memory = AlignedMemory(12 * 12)
    let rows = [0, 2, 4, 6, 7, 8, 9, 10].map { memory[$0 * 12..<($0 + 1) * 12] }
    let sums = Monitor([Int: [Float]]())
    let requests = rows.enumerated().map { index, row in
      InferenceRequest([row], rows: 1, source: "", isReused: true) { outcome, _ in
        if case .answered(let outputs) = outcome {
          sums.update { $0[index, default: []] += [outputs.withFloats(0) { $0[0] }] }
        }
      }
    }
    for round in 0..<50 {
      for (index, row) in [0, 2, 4, 6, 7, 8, 9, 10].enumerated() {
        memory.write(row * 12..<(row + 1) * 12) { span in
          for offset in 0..<12 { span.storeBytes(of: UInt8(round + index), toByteOffset: offset, as: UInt8.self) }
        }
      }
      for request in requests {
        request.renew()
        try unit.submit(request)
      }
      unit.drain()
    }
    let found = sums.update { $0 }
    for index in rows.indices { #expect(found[index] == (0..<50).map { Float(12 * ($0 + index)) }) }
  }
}
