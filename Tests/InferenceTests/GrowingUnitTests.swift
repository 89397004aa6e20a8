import Base
import Synchronization
import TestKit
import Testing

@testable import Inference

/// A kept network starts with one copy, and the others come while it works.
struct GrowingUnitTests {
  let folder = TemporaryFolder()

  private func load(streams: Int) throws -> CompiledNetwork {
    let engine = try Engine(cacheFolder: folder.file("cache"))
    var options = CompileOptions()
    options.streams = streams
    return try CompiledNetwork.load("sum", with: options, on: engine) { (options) throws(Fault) in
      options.picture = PictureInput(width: 2, height: 2, channels: 3, channelsFirst: false)
      return try engine.read(folder.file("sum.xml"))
    }
  }

  init() throws { _ = try SumNetwork.compile(in: folder, batch: 1, streams: 1) }

  @Test("Inputs that come while copies are still made get their own answers")
  func answers() throws {
    #expect(try load(streams: 4).readyCopies == 4, "what was just compiled is whole")
    let network = try load(streams: 4)
    #expect(network.readyCopies == 1)
    let unit = try InferenceUnit(network)
    let wrong = Atomic(0)
    for number in 0..<500 {
      let value = UInt8(number % 251)
      try unit.submit { (place) throws(Fault) in
        try place.write { (span) throws(Fault) in
          for index in 0..<12 { span.storeBytes(of: value, toByteOffset: index, as: UInt8.self) }
        }
      } done: { result in
        let sum = try? result.get().withFloats(0) { $0[0] }
        if sum != Float(value) * 12 { wrong.add(1, ordering: .relaxed) }
      }
    }
    unit.drain()
    #expect(wrong.load(ordering: .relaxed) == 0)
    try network.warmUp()
    #expect(network.readyCopies == 4, "whoever makes them")
  }

  @Test("A unit that ends while copies are still made ends in order")
  func endsEarly() throws {
    _ = try load(streams: 4)
    for _ in 0..<5 {
      let unit = try InferenceUnit(try load(streams: 4))
      let answered = Atomic(0)
      try unit.submit(fill: { _ in }, done: { _ in answered.add(1, ordering: .relaxed) })
      unit.drain()
      #expect(answered.load(ordering: .relaxed) == 1)
    }
  }

  @Test("A copy that takes too long is not waited for: what is there works, and the unit ends")
  func hangs() throws {
    let engine = try Engine(cacheFolder: folder.file("cache"))
    try SlowNetwork.write(to: folder.file("slow"), products: 3)
    var options = CompileOptions()
    (options.streams, options.threads) = (4, 4)
    let load = {
      try CompiledNetwork.load("slow", with: options, on: engine) { (_) throws(Fault) in
        try engine.read(folder.file("slow.xml"))
      }
    }
    _ = try load()
    var unit: InferenceUnit? = try InferenceUnit(
      try load(), limits: .init(stall: .max, growth: 1_000_000), warmsUp: true)
    let began = Clock.now
    unit?.waitUntilGrown()
    unit = nil
    #expect(Clock.now - began < 500_000_000)
  }
}
