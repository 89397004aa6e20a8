import Base
import Foundation
import TestKit
import Testing

@testable import Inference

/// Compiled networks that are cached for the next process.
struct CachedTests {
  let folder = TemporaryFolder()

  private func options(threads: Int = 1, batch: Int = 1) -> CompileOptions {
    var options = Fixture.options(channelsFirst: true, batch: batch)
    options.threads = threads
    return options
  }

  /// What the next process would get, and whether it had to read the network.
  private func load(
    _ options: CompileOptions, _ file: String = "nchw.onnx", usesCache: Bool = true
  ) throws -> (network: CompiledNetwork, wasRead: Bool) {
    var count = 0
    let engine = try Engine(cacheFolder: folder.file("cache"))
    let network = try CompiledNetwork.load(file, usesCache: usesCache, with: options, on: engine) { _ throws(Fault) in
      count += 1
      return try engine.read(Fixture.path(file))
    }
    #expect(count < 2)
    return (network, count == 1)
  }

  /// Files by name, with the numbers by which the system knows them: a file that was replaced has another.
  private func cached() throws -> [String: Int] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("cache"))
    return try Dictionary(
      uniqueKeysWithValues: names.map { name in
        let facts = try FileManager.default.attributesOfItem(atPath: folder.file("cache/\(name)"))
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
    #expect(try cached().count == 1)
    let expected = try answers(plain)
    for network in [first.network, second.network] {
      #expect(network.inputs == plain.inputs && network.outputs == plain.outputs)
      #expect((network.precision, network.batch, network.streams) == (plain.precision, plain.batch, plain.streams))
      #expect(zip(try answers(network), expected).allSatisfy { isNear($0, $1, within: 1e-6) })
    }
  }

  @Test(
    "A cached network that is empty, cut or something else is read and compiled anew, and replaced",
    arguments: [
      "empty", "first byte", "head", "half", "all but its end", "garbage", "zeros", "one bit", "a hole", "two in one",
    ])
  func damaged(how: String) throws {
    let expected = try answers(load(options()).network)
    let before = try cached()
    let path = folder.file("cache/\(try #require(before.keys.first))")
    let good = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let bad: [UInt8] =
      switch how {
      case "empty": []
      case "first byte": Array(good.prefix(1))
      case "head": Array(good.prefix(100))
      case "half": Array(good.prefix(good.count / 2))
      case "all but its end": good.dropLast(100)
      case "garbage": good.indices.map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 5) }
      case "one bit": good.enumerated().map { $0 == good.count / 3 ? $1 ^ 8 : $1 }
      case "a hole": good.enumerated().map { (good.count / 2..<good.count / 2 + 64) ~= $0 ? 0 : $1 }
      case "two in one": good + good
      default: good.map { _ in 0 }
      }
    try Data(bad).write(to: URL(filePath: path))
    let again = try load(options())
    #expect(again.wasRead)
    #expect(again.network.notes.first?.contains("not what was written") == true, "\(again.network.notes)")
    #expect(zip(try answers(again.network), expected).allSatisfy { isNear($0, $1, within: 1e-6) })
    #expect(try cached().keys == before.keys && CachedBlob(path) != nil)
    #expect(try !load(options()).wasRead)
  }

  @Test("Where the cache is not to be used it is made anew and put in the place of what was there")
  func unused() throws {
    _ = try load(options())
    let before = try cached()
    #expect(try load(options(), usesCache: false).wasRead)
    let after = try cached()
    #expect(after.keys == before.keys && after != before)
    #expect(try !load(options()).wasRead)
  }

  @Test("Another precision, batch or number of threads is another file; streams that are alike share one")
  func separate() throws {
    var auto = options()
    auto.precision = .auto
    let variants = [options(), auto, options(batch: 2), options(threads: 2)]
    for variant in variants { #expect(try load(variant).wasRead) }
    #expect(try cached().count == 4)
    for variant in variants { #expect(try !load(variant).wasRead) }
    var streams = options(threads: 2)
    streams.streams = 2
    #expect(try !load(streams).wasRead, "two streams of one thread are two copies of one stream of one")
    #expect(try cached().count == 4)
    #expect(try load(options(), "ir-f32.xml").wasRead, "another name is another network")
  }

  @Test("Of every bit that is turned over, in a sample of places, none is used")
  func bits() throws {
    _ = try load(options())
    let path = folder.file("cache/\(try #require(try cached().keys.first))")
    let good = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let places = Array(stride(from: 0, to: good.count, by: max(1, good.count / 40))) + Array(good.indices.suffix(60))
    for place in places {
      var bad = good
      bad[place] ^= 1 << UInt8(place % 8)
      try Data(bad).write(to: URL(filePath: path))
      #expect(throws: Fault.self, "\(place)") { _ = try CachedBlob(path) }
    }
  }

  @Test("What an ended process was writing is taken away when an engine starts, and a full disk is noticed")
  func leftovers() throws {
    try FileSystem.makeFolder(folder.file("cache"))
    try FileSystem.write([1], to: folder.file("cache/x.blob.part-2147483000-q"))
    let engine = try Engine(cacheFolder: folder.file("cache"))
    #expect(try cached().isEmpty)
    let network = try CompiledNetwork(try engine.read(Fixture.path("nchw.onnx")), with: options(), on: engine)
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    #expect(network.export(to: full) == ENOSPC, "the engine alone says nothing of it")
  }

  @Test("Without a name, or a folder, nothing is cached by this")
  func nowhere() throws {
    for (name, cache) in [("n", nil), (nil, folder.file("cache"))] as [(String?, String?)] {
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
