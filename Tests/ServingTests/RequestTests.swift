import Base
import Inference
import Loading
import Serving
import Synchronization
import TestKit
import Testing

/// A repository with one network that adds up twelve numbers.
struct SumRepository {
  let folder = TemporaryFolder()
  let models: ModelRepository

  init(versions: [String] = ["1"], batch: Int = 1, queue: Int = 256) throws {
    for version in versions {
      try FileSystem.makeFolder(folder.file("models/sum/\(version)"))
      try SumNetwork.write(to: folder.file("models/sum/\(version)/model"))
    }
    var options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    options.load.batch = batch
    options.queue = queue
    models = try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
  }
}

/// Rows of twelve equal numbers.
func rows(_ values: [Float]) -> SharedBytes {
  SharedBytes(values.flatMap { value in (0..<12).flatMap { _ in withUnsafeBytes(of: value) { Array($0) } } })
}

func sums(_ answer: Outputs) -> [Float] {
  answer.withBytes(0) { bytes in
    (0..<bytes.byteCount / 4).map { bytes.unsafeLoadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
  }
}

func soon(_ seconds: Double = 20) -> UInt64 { Clock.now + UInt64(seconds * 1e9) }

struct RequestTests {
  @Test("Each asker gets its own rows, whatever the batch, under random sizes, sources and cancels", arguments: [1, 3])
  func ownAnswers(batch: Int) throws {
    let repository = try SumRepository(batch: batch, queue: 100_000)
    let served = try repository.models.find("sum")
    let wrong = Atomic(0)
    let right = Atomic(0)
    let cancelled = Atomic(0)
    let inside = Monitor(0)
    let askers = (0..<4).map { asker in
      NativeThread {
        var dice = SeededRandom(UInt64(asker))
        for number in 0..<300 {
          let values = (0..<Int.random(in: 1...4, using: &dice)).map { Float(asker * 10_000 + number * 10 + $0) }
          inside.update { $0 += 1 }
          let ask = InferenceRequest([rows(values)], rows: values.count, source: "\(asker % 2)", deadline: soon()) {
            outcome, _ in
            switch outcome {
            case .answered(let answer):
              let isRight = sums(answer) == values.map { $0 * 12 } && answer.specs[0].shape == [values.count]
              if isRight { right.add(1, ordering: .relaxed) } else { wrong.add(1, ordering: .relaxed) }
            case .cancelled: cancelled.add(1, ordering: .relaxed)
            case .late, .failed, .lost: wrong.add(1, ordering: .relaxed)
            }
            inside.update { $0 -= 1 }
          }
          do { try served.submit(ask) } catch { wrong.add(1, ordering: .relaxed) }
          if Int.random(in: 0..<5, using: &dice) == 0 { served.cancel(ask) }
        }
      }
    }
    for asker in askers { asker.join() }
    try inside.wait(for: "all that is inside") { $0 == 0 ? () : nil }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(right.load(ordering: .relaxed) + cancelled.load(ordering: .relaxed) == 1200)
    #expect(right.load(ordering: .relaxed) > 900)
  }

  @Test("What is late is never run, and what does not fit is refused at once")
  func deadlines() throws {
    let repository = try SumRepository(queue: 4)
    let served = try repository.models.find("sum")
    let outcome = Monitor<InferenceRequest.Outcome?>(nil)
    let late = InferenceRequest([rows([1])], rows: 1, source: "a", deadline: Clock.now &- 1) { what, _ in
      outcome.update { $0 = what }
    }
    try served.submit(late)
    guard case .late = try outcome.wait(for: "an outcome", until: { $0 }) else {
      return #expect(Bool(false), "it was run")
    }
    let done = Monitor(0)
    let refused = Atomic(0)
    for _ in 0..<2000 {
      let ask = InferenceRequest([rows([1])], rows: 1, source: "a", deadline: soon()) { _, _ in done.update { $0 += 1 }
      }
      do throws(AdmissionRefusal) { try served.submit(ask) } catch {
        #expect(error.fault.kind == .exhausted && error.retryAfter > 0)
        refused.add(1, ordering: .relaxed)
      }
    }
    let accepted = 2000 - refused.load(ordering: .relaxed)
    try done.wait(for: "all that was accepted") { $0 == accepted ? () : nil }
    #expect(refused.load(ordering: .relaxed) > 0 && accepted > 0)
  }

  @Test(
    "An input that the network cannot run fails alone, and not the batch that it came in, however many copies there are",
    arguments: [(4, 1), (1, 1), (1, 2), (4, 2)])
  func failsAlone(batch: Int, streams: Int) throws {
    let folder = TemporaryFolder()
    try FileSystem.makeFolder(folder.file("models/picky/1"))
    try PickyNetwork.write(to: folder.file("models/picky/1/model"))
    var options = ModelRepository.Options(folder: folder.file("models"), store: folder.file("store"))
    (options.load.batch, options.load.streams, options.queue) = (batch, streams, 1000)
    let models = try ModelRepository(options, on: try Engine(cacheFolder: folder.file("cache")))
    models.loadAll()
    let served = try models.find("picky")
    let outcomes = Monitor<[Int: String]>([:])
    for number in 0..<200 {
      // Two of a kind, one after the other: the second finds what the first left behind.
      let value: Float = number % 5 >= 3 ? 7 : 6
      let ask = InferenceRequest([rows([value])], rows: 1, source: "a", deadline: soon()) { outcome, _ in
        let told =
          switch outcome {
          case .answered(let answer): "\(sums(answer))"
          case .failed: "failed"
          default: "\(outcome)"
          }
        outcomes.update { $0[number] = told }
      }
      try served.submit(ask)
    }
    let found = try outcomes.wait(for: "200 outcomes") { $0.count == 200 ? $0 : nil }
    for number in 0..<200 where number % 5 < 3 { #expect(found[number] == "[144.0]", "input \(number)") }
    for number in 0..<200 where number % 5 >= 3 { #expect(found[number] == "failed", "input \(number)") }
    if batch > 1 { #expect(served.metrics.batches.keys.contains { $0 > 1 }) }
  }

  @Test("A model is replaced under load without a failed or mixed answer")
  func reload() throws {
    let repository = try SumRepository()
    let stop = Atomic(false)
    let wrong = Atomic(0)
    let right = Atomic(0)
    let asker = NativeThread {
      while !stop.load(ordering: .relaxed) {
        let done = Monitor<Bool?>(nil)
        let ask = InferenceRequest([rows([7])], rows: 1, source: "a", deadline: soon()) { outcome, _ in
          if case .answered(let answer) = outcome, sums(answer) == [84] {
            done.update { $0 = true }
          } else {
            done.update { $0 = false }
          }
        }
        // A version that was found may have been replaced in the meantime; then there is a new one.
        while true {
          guard let served = try? repository.models.find("sum") else { break }
          do throws(AdmissionRefusal) {
            try served.submit(ask)
            break
          } catch {
            if error.fault.kind == .closed { continue }
            done.update { $0 = false }
            break
          }
        }
        if (try? done.wait(for: "an outcome", until: { $0 })) == true {
          right.add(1, ordering: .relaxed)
        } else {
          wrong.add(1, ordering: .relaxed)
        }
      }
    }
    for _ in 0..<20 { try repository.models.load("sum") }
    stop.store(true, ordering: .relaxed)
    asker.join()
    #expect(wrong.load(ordering: .relaxed) == 0 && right.load(ordering: .relaxed) > 20)
  }
}
