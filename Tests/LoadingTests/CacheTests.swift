import Base
import Inference
import TestKit
import Testing

@testable import Loading
@testable import ModelHub

struct ShapeCacheTests {
  let folder = TemporaryFolder()
  private let shapes = NetworkShapes(
    inputs: [TensorSpec(name: "in put\t1", shape: [nil, 3, 224, 224], element: .f32)],
    outputs: [
      TensorSpec(name: "a", shape: [], element: .i64), TensorSpec(name: "ä", shape: [nil], element: .u8),
      TensorSpec(name: "", shape: [1, 0], element: .f16),
    ])

  private func files(_ digests: Character...) -> [Manifest.File] {
    digests.map { Manifest.File(path: "f", url: nil, sha256: String(repeating: $0, count: 64), byteCount: nil) }
  }

  @Test("Shapes are read once for the same files, and anew for others; without a folder every time")
  func once() throws {
    var reads = 0
    func shapes(_ cache: ShapeCache, _ files: [Manifest.File]) throws -> NetworkShapes {
      try cache.shapes(of: files) { () throws(Fault) in
        reads += 1
        return self.shapes
      }
    }
    for _ in 0..<3 { #expect(try shapes(ShapeCache(folder.path), files("a", "b")) == self.shapes) }
    #expect(reads == 1)
    for other in [files("a"), files("a", "c"), files("b", "a")] { _ = try shapes(ShapeCache(folder.path), other) }
    #expect(reads == 4)
    for _ in 0..<2 { _ = try shapes(ShapeCache(nil), files("a")) }
    #expect(reads == 6)
    #expect(throws: Fault(.badInput, "no")) {
      try ShapeCache(folder.path).shapes(of: files("d")) { () throws(Fault) in throw Fault(.badInput, "no") }
    }
  }

  @Test("What is written is read back, and every part of it is nothing")
  func text() {
    let text = shapes.text
    #expect(NetworkShapes(text: text) == shapes)
    for end in text.indices { #expect(NetworkShapes(text: String(text[..<end])) == nil, "\(text[..<end])") }
    for (right, wrong) in [
      ("input", "intput"), ("FP32", "FP33"), ("224,224", "224,x"), ("end 4", "end 3"), ("\t", " "),
    ] {
      #expect(NetworkShapes(text: text.replacing(right, with: wrong)) == nil, "\(wrong)")
    }
    #expect(NetworkShapes(text: "end 0") == NetworkShapes(inputs: [], outputs: []))
  }
}

struct CacheKeyTests {
  @Test("A key is the same for the same things, and another one where any of them is")
  func parts() {
    let key = CacheKey.of("sha256:a", on: "CPU", engine: "1", processor: "p")
    #expect(key == CacheKey.of("sha256:a", on: "CPU", engine: "1", processor: "p"))
    #expect(key.utf8.count == 64 && key.allSatisfy(\.isHexDigit))
    let others = [
      CacheKey.of("sha256:b", on: "CPU", engine: "1", processor: "p"),
      CacheKey.of("sha256:a", on: "GPU", engine: "1", processor: "p"),
      CacheKey.of("sha256:a", on: "CPU", engine: "2", processor: "p"),
      CacheKey.of("sha256:a", on: "CPU", engine: "1", processor: "q"),
      CacheKey.of("sha256:a", on: "CPU", by: .onnxruntime, engine: "1", processor: "p"),
    ]
    #expect(Set(others + [key]).count == 6)
  }
}

struct EngineCacheTests {
  let folder = TemporaryFolder()

  @Test("The folder is named by RIDLEY_CACHE, else stands in the user's own; what is empty counts as not set")
  func places() throws {
    let (cache, home) = (folder.file("cache"), folder.file("home"))
    let cases: [([String: String], String?)] = [
      (["RIDLEY_CACHE": cache, "XDG_CACHE_HOME": home, "HOME": home], cache),
      (["XDG_CACHE_HOME": home, "HOME": "/none"], home + "/ridley"),
      (["RIDLEY_CACHE": "", "XDG_CACHE_HOME": "", "HOME": home], home + "/.cache/ridley"),
      (["RIDLEY_CACHE": "/proc/none"], nil), ([:], nil),
    ]
    for (environment, root) in cases {
      #expect(EngineCache { environment[$0] }.folder == root.map { $0 + "/engine" })
    }
    #expect(FileSystem.kind(of: cache + "/engine") == .folder)
    #expect(EngineCache { _ in nil }.settings == nil)
  }
}

struct TunedOptionsTests {
  let folder = TemporaryFolder()

  @Test(
    "A setting that was tuned counts where nobody says how it shall run, for its own network, device, engine and precision"
  )
  func tuned() throws {
    let store = SettingStore(folder: folder.path)
    try store.keep(Setting(Computation(.f32), streams: 3, threads: 5, batch: 4), for: "net", device: "CPU")
    func options(_ change: (inout LoadOptions) -> Void = { _ in }) -> LoadOptions {
      var options = LoadOptions()
      change(&options)
      return options
    }
    let tuned = options().tuned(for: "net", .f32, .auto, by: store)
    #expect(tuned.isTuned && tuned.streams == 3 && tuned.threads == 5 && tuned.batch == 4 && tuned.device == "CPU")
    let kept = options {
      ($0.precision, $0.usesCache, $0.isWarmed) = (.f32, false, false)
    }.tuned(for: "net", .f32, .auto, by: store)
    #expect(kept.isTuned && kept.precision == .f32 && !kept.usesCache && !kept.isWarmed)
    let said: [(inout LoadOptions) -> Void] = [
      { $0.streams = 1 }, { $0.batch = 1 }, { $0.threads = 2 }, { $0.device = "GPU" },
    ]
    for say in said { #expect(options(say).tuned(for: "net", .f32, .auto, by: store) == options(say)) }
    #expect(options().tuned(for: "other", .f32, .auto, by: store) == options())
    #expect(options().tuned(for: "net", .bf16, .auto, by: store) == options())
    #expect(options().tuned(for: "net", .f32, .onnxruntime, by: store) == options())
    #expect(options().tuned(for: "net", .f32, .auto, by: nil) == options())
  }
}
