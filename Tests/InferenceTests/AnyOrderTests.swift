import Base
import Glibc
import Inference
import Synchronization
import TestKit
import Testing

/// Units under callers who come when they like, change their minds, and bring what cannot be computed.
struct AnyOrderTests {
  /// What became of everything that was asked.
  private struct Ledger {
    var answers: [Int: Int] = [:]
    var wrong: [String] = []
  }

  @Test(
    "Each answer goes to its own asker exactly once, whatever the batch, the streams, the arrivals and the changes of mind",
    arguments: 0..<24)
  func anyOrder(seed: Int) throws {
    var dice = SeededRandom(UInt64(seed))
    // The first seeds walk through every batch and number of streams.
    let (batch, streams) = (1 + seed % 8, 1 + seed / 2 % 4)
    let threads = Int.random(in: 1...4, using: &dice)
    let queue = Int.random(in: 1...30, using: &dice)
    let unit = try Monitor<InferenceUnit?>(unit("arithmetic-f32.onnx", batch: batch, streams: streams, queue: queue))
    let ledger = Monitor(Ledger())
    let asked = Atomic(0)
    let abandoned = Atomic(0)
    let callers = (0..<threads).map { thread in
      NativeThread {
        var dice = SeededRandom(UInt64(seed * 10 + thread + 1))
        guard let unit = unit.update({ $0 }) else { return }
        for number in 0..<250 {
          let identity = thread * 1000 + number
          let changesMind = Int.random(in: 0..<6, using: &dice)
          do throws(Fault) {
            try unit.submit { (place) throws(Fault) in
              if changesMind == 0 { throw Fault(.closed, "before the first byte") }
              try Self.write(place, 0, [Float(identity), Float(thread), 1])
              if changesMind == 1 { throw Fault(.closed, "between the inputs") }
              if changesMind == 2 { usleep(UInt32.random(in: 0...300, using: &dice)) }
              try Self.write(place, 1, [1, Float(number), Float(identity)])
            } done: { result in
              let wrong = Self.complaint(result, identity, thread, number)
              ledger.update { book in
                book.answers[identity, default: 0] += 1
                if let wrong { book.wrong.append(wrong) }
              }
            }
            asked.add(1, ordering: .relaxed)
          } catch { abandoned.add(1, ordering: .relaxed) }
          // Bursts and pauses, so that batches of every size come about.
          if Int.random(in: 0..<20, using: &dice) == 0 { usleep(UInt32.random(in: 0...2000, using: &dice)) }
          if Int.random(in: 0..<100, using: &dice) == 0 { unit.drain() }
        }
      }
    }
    for caller in callers { caller.join() }
    unit.update { $0 = nil }  // the last owner leaves: what was accepted is answered before this returns
    let book = ledger.update { $0 }
    let (accepted, gone) = (asked.load(ordering: .relaxed), abandoned.load(ordering: .relaxed))
    #expect(accepted + gone == threads * 250)
    #expect(gone > 0 && accepted > gone)
    #expect(book.answers.count == accepted, "somebody got no answer")
    #expect(book.answers.values.allSatisfy { $0 == 1 }, "somebody was answered twice")
    #expect(book.wrong.isEmpty, "batch \(batch), \(streams) stream(s), \(threads) thread(s): \(book.wrong.prefix(3))")
  }

  @Test("What the engine cannot compute fails for its own asker alone, on every number of streams", arguments: 1...4)
  func ownFailures(streams: Int) throws {
    let unit = try unit("shaped.onnx", batch: 1, streams: streams, queue: 8)
    let ledger = Monitor(Ledger())
    let failed = Atomic(0)
    let callers = (0..<3).map { thread in
      NativeThread {
        var dice = SeededRandom(UInt64(streams * 10 + thread))
        for number in 0..<80 {
          let identity = thread * 100 + number
          let (rows, columns) = [(2, 3), (6, 1), (4, 4), (1, 6), (5, 5)].randomElement(using: &dice)!
          let values = (0..<6).map { Float(identity * 8 + $0) }
          try? unit.submit { (place) throws(Fault) in
            try Self.write(place, 0, values)
            try Self.write(place, 1, [Int64(rows), Int64(columns)])
          } done: { result in
            let found = (try? result.get()).map { Answer($0) }
            let isRight = found.map { $0.values[0] == values && rows * columns == 6 } ?? (rows * columns != 6)
            if found == nil { failed.add(1, ordering: .relaxed) }
            ledger.update { book in
              book.answers[identity, default: 0] += 1
              if !isRight { book.wrong.append("\(identity), \(rows) x \(columns): \(found?.values ?? [])") }
            }
          }
        }
      }
    }
    for caller in callers { caller.join() }
    unit.drain()
    let book = ledger.update { $0 }
    #expect(failed.load(ordering: .relaxed) > 0)
    #expect(book.answers.count == 240 && book.answers.values.allSatisfy { $0 == 1 })
    #expect(book.wrong.isEmpty, "\(book.wrong.prefix(3))")
  }

  @Test(
    "A shape that does not fit fails each time that it is asked for, and no answer is in the shape of another's",
    arguments: 1...2)
  func sameFailure(streams: Int) throws {
    let unit = try unit("shaped.onnx", batch: 1, streams: streams, queue: 8)
    let values = (0..<6).map { Float($0) }
    for (rows, columns) in [(2, 3), (4, 4), (4, 4), (4, 4), (6, 1), (5, 5), (5, 5), (4, 4), (1, 6), (4, 4), (4, 4)] {
      let found = Monitor<Result<Answer, Fault>?>(nil)
      try unit.submit { (place) throws(Fault) in
        try Self.write(place, 0, values)
        try Self.write(place, 1, [Int64(rows), Int64(columns)])
      } done: { result in
        let copied = result.map { Answer($0) }
        found.update { $0 = copied }
      }
      let answer = try found.wait(for: "the outcome") { $0 }
      let shape = (try? answer.get())?.specs[0].shape
      #expect(shape == (rows * columns == 6 ? [rows, columns] : nil), "\(rows) x \(columns): \(answer)")
    }
  }

  private func unit(_ network: String, batch: Int, streams: Int, queue: Int) throws -> InferenceUnit {
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    (options.batch, options.streams) = (batch, streams)
    let compiled = try CompiledNetwork(try engine.read(Fixture.path(network)), with: options, on: engine)
    return try InferenceUnit(compiled, limits: .init(queue: queue))
  }

  private static func write<Number: BitwiseCopyable>(
    _ place: borrowing InputPlace, _ input: Int, _ numbers: [Number]
  ) throws(Fault) {
    try place.write(input: input) { (span) throws(Fault) in
      for (index, number) in numbers.enumerated() {
        span.storeBytes(of: number, toByteOffset: index * MemoryLayout<Number>.stride, as: Number.self)
      }
    }
  }

  /// The network gives the sum and the product of its inputs: all six numbers hang on who asked.
  private static func complaint(
    _ result: Result<Outputs, Fault>, _ identity: Int, _ thread: Int, _ number: Int
  ) -> String? {
    guard let answer = (try? result.get()).map({ Answer($0) }) else { return "\(identity): \(result)" }
    let sum = [Float(identity + 1), Float(thread + number), Float(1 + identity)]
    let product = [Float(identity), Float(thread * number), Float(identity)]
    return answer.values == [sum, product] ? nil : "\(identity) got \(answer.values)"
  }
}
