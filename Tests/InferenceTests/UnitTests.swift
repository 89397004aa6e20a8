import Base
import Inference
import Synchronization
import TestKit
import Testing

extension SumNetwork {
  static func compile(in folder: TemporaryFolder, batch: Int, streams: Int) throws -> CompiledNetwork {
    try SumNetwork.write(to: folder.file("sum"))
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    (options.batch, options.streams) = (batch, streams)
    options.picture = PictureInput(width: 2, height: 2, channels: 3, channelsFirst: false)
    return try CompiledNetwork(try engine.read(folder.file("sum.xml")), with: options, on: engine)
  }
}

struct UnitTests {
  @Test(
    "Every answer goes to its own asker, whatever the batch, from several threads, with inputs that fail",
    arguments: [1, 2, 5])
  func ownAnswers(batch: Int) throws {
    let folder = TemporaryFolder()
    let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: batch, streams: 2))
    let wrong = Atomic(0)
    let answered = Atomic(0)
    let failed = Atomic(0)
    let askers = (0..<3).map { asker in
      NativeThread {
        for number in 0..<400 {
          let value = UInt8((asker * 83 + number) % 251)
          let fails = number % 17 == 3
          do {
            try unit.submit { (place) throws(Fault) in
              if fails { throw Fault(.badInput, "not a picture") }
              try place.write { (bytes) throws(Fault) in
                for offset in 0..<12 { bytes.storeBytes(of: value, toByteOffset: offset, as: UInt8.self) }
              }
            } done: { result in
              let sum = try? result.get().withFloats(0) { $0[0] }
              if sum != Float(value) * 12 { wrong.add(1, ordering: .relaxed) }
              answered.add(1, ordering: .relaxed)
            }
          } catch { failed.add(1, ordering: .relaxed) }
        }
      }
    }
    for asker in askers { asker.join() }
    unit.drain()
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(failed.load(ordering: .relaxed) == 3 * 24)
    #expect(answered.load(ordering: .relaxed) == 3 * (400 - 24))
  }

  @Test("A unit that goes away answers first what it accepted")
  func endsClean() throws {
    let folder = TemporaryFolder()
    let answered = Atomic(0)
    do {
      let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: 1, streams: 1))
      for _ in 0..<50 {
        try unit.submit { (place) throws(Fault) in
          try place.write { (bytes) throws(Fault) in bytes.storeBytes(of: 1, toByteOffset: 0, as: UInt8.self) }
        } done: { _ in
          answered.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(answered.load(ordering: .relaxed) == 50)
  }

  @Test("A unit whose last owner is an answer ends on its own thread, after the other answers")
  func endsFromAnswer() throws {
    let folder = TemporaryFolder()
    let answered = Monitor(0)
    do {
      let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: 1, streams: 1))
      for _ in 0..<20 {
        try unit.submit { _ in
        } done: { [unit] _ in
          answered.update { $0 += unit.batch }
        }
      }
    }
    try answered.wait(for: "20 answers") { $0 == 20 ? () : nil }
  }

  @Test("Mean and scale are part of the graph")
  func meanAndScale() throws {
    let folder = TemporaryFolder()
    _ = try SumNetwork.compile(in: folder, batch: 1, streams: 1)
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    options.picture = PictureInput(
      width: 2, height: 2, channels: 3, channelsFirst: false, mean: [10, 20, 30], scale: [1, 2, 4])
    let network = try CompiledNetwork(try engine.read(folder.file("sum.xml")), with: options, on: engine)
    let sum = try infer(try InferenceUnit(network), Array(repeating: 50, count: 12)).values[0][0]
    #expect(sum == 4 * (40 + 30 / 2 + 20 / 4))
  }
}
