import Base
import Foundation
import Inference
import TestKit
import Testing

/// Compiled networks that are kept for the next process.
struct KeptTests {
  let folder = TemporaryFolder()

  private func options(threads: Int = 1, batch: Int = 1) -> CompileOptions {
    var options = Fixture.options(channelsFirst: true, batch: batch)
    options.threads = threads
    return options
  }

  /// What the next process would get, and whether it had to read the network.
  private func load(
    _ options: CompileOptions, _ file: String = "nchw.onnx", isTrusted: Bool = true
  ) throws -> (network: CompiledNetwork, wasRead: Bool) {
    var count = 0
    let engine = try Engine(cacheFolder: folder.file("kept"))
    let network = try CompiledNetwork.load(file, isTrusted: isTrusted, with: options, on: engine) { _ throws(Fault) in
      count += 1
      return try engine.read(Fixture.path(file))
    }
    #expect(count < 2)
    return (network, count == 1)
  }

  /// Files by name, with the numbers by which the system knows them: a file that was replaced has another.
  private func kept() throws -> [String: Int] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("kept"))
    return try Dictionary(
      uniqueKeysWithValues: names.map { name in
        let facts = try FileManager.default.attributesOfItem(atPath: folder.file("kept/\(name)"))
        return (name, try #require(facts[.systemFileNumber] as? Int))
      })
  }

  private func answers(_ network: CompiledNetwork) throws -> [[Float]] {
    let unit = try InferenceUnit(network)
    return try (0..<2).map { try infer(unit, Fixture.picture($0)).values[0] }
  }

  @Test(
    "A second load reads no network, and takes, gives and answers what the compiled one does",
    arguments: [
      ("nchw.onnx", true, 1), ("nchw.onnx", true, 3), ("nhwc.onnx", false, 1), ("lite.tflite", false, 1),
      ("ir-f32.xml", true, 1),
    ])
  func second(file: String, channelsFirst: Bool, batch: Int) throws {
    let options = Fixture.options(channelsFirst: channelsFirst, batch: batch)
    let engine = try Engine(cacheFolder: nil)
    let plain = try CompiledNetwork(try engine.read(Fixture.path(file)), with: options, on: engine)
    let (first, second) = (try load(options, file), try load(options, file))
    #expect(first.wasRead && !second.wasRead)
    #expect(try kept().count == 1)
    let expected = try answers(plain)
    for network in [first.network, second.network] {
      #expect(network.inputs == plain.inputs && network.outputs == plain.outputs)
      #expect((network.precision, network.batch, network.streams) == (plain.precision, plain.batch, plain.streams))
      #expect(zip(try answers(network), expected).allSatisfy { isNear($0, $1, within: 1e-6) })
    }
  }

  @Test(
    "A kept network that is empty, cut or something else is read and compiled anew, and replaced",
    arguments: ["empty", "first byte", "head", "half", "all but its end", "garbage", "zeros"])
  func damaged(how: String) throws {
    let expected = try answers(load(options()).network)
    let before = try kept()
    let path = folder.file("kept/\(try #require(before.keys.first))")
    let good = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let bad: [UInt8] =
      switch how {
      case "empty": []
      case "first byte": Array(good.prefix(1))
      case "head": Array(good.prefix(100))
      case "half": Array(good.prefix(good.count / 2))
      case "all but its end": good.dropLast(100)
      case "garbage": good.indices.map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 5) }
      default: good.map { _ in 0 }
      }
    try Data(bad).write(to: URL(filePath: path))
    let damaged = try kept()
    let again = try load(options())
    #expect(again.wasRead)
    #expect(zip(try answers(again.network), expected).allSatisfy { isNear($0, $1, within: 1e-6) })
    let after = try kept()
    #expect(after.keys == before.keys && after != damaged)
    #expect(try !load(options()).wasRead)
  }

  @Test("What is not trusted is made anew and put in the place of what was there")
  func distrusted() throws {
    _ = try load(options())
    let before = try kept()
    #expect(try load(options(), isTrusted: false).wasRead)
    let after = try kept()
    #expect(after.keys == before.keys && after != before)
    #expect(try !load(options()).wasRead)
  }

  @Test("Another precision, batch or number of threads is another file; streams that are alike share one")
  func separate() throws {
    var auto = options()
    auto.precision = .auto
    let variants = [options(), auto, options(batch: 2), options(threads: 2)]
    for variant in variants { #expect(try load(variant).wasRead) }
    #expect(try kept().count == 4)
    for variant in variants { #expect(try !load(variant).wasRead) }
    var streams = options(threads: 2)
    streams.streams = 2
    #expect(try !load(streams).wasRead, "two streams of one thread are two copies of one stream of one")
    #expect(try kept().count == 4)
    #expect(try load(options(), "ir-f32.xml").wasRead, "another name is another network")
  }

  @Test("Without a name, or a folder, nothing is kept by this")
  func nowhere() throws {
    for (name, cache) in [("n", nil), (nil, folder.file("kept"))] as [(String?, String?)] {
      for _ in 0..<2 {
        var count = 0
        let engine = try Engine(cacheFolder: cache)
        _ = try CompiledNetwork.load(name, with: options(), on: engine) { _ throws(Fault) in
          count += 1
          return try engine.read(Fixture.path("nchw.onnx"))
        }
        #expect(count == 1)
      }
    }
  }
}
