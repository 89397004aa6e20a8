import Base
import Foundation
import Inference
import TestKit
import Testing

@testable import LiteRT
@testable import ONNXRuntime

/// The libraries, as they are found and opened.
struct LibraryTests {
  let folder = TemporaryFolder()

  @Test(
    "Every function that a shim declares is called by its room, so that the tests of running networks try each of them",
    arguments: ["ONNXRuntime", "LiteRT"])
  func places(room name: String) throws {
    let shim = try String(contentsOfFile: Checkout.path + "/Sources/C\(name)/shim.h", encoding: .utf8)
    let declared = shim.matches(of: /\(\*(\w+)\)\(.*/).map { String($0.1) }.filter {
      !["OrtGetApiBaseFunction", "freeText"].contains($0)
    }
    let room = Checkout.path + "/Sources/\(name)/"
    let text = try FileManager.default.contentsOfDirectory(atPath: room).filter { $0.hasSuffix(".swift") }.map {
      try String(contentsOfFile: room + $0, encoding: .utf8)
    }.joined()
    #expect(declared.count > 20)
    for name in declared { #expect(text.contains("\(name)("), "\(name) is declared and not called") }
  }

  @Test("A program without the library says so, and its version is known without opening it")
  func absent() throws {
    let runtime = ONNXRuntime(folders: [folder.path])
    #expect(runtime.installedVersion == nil)
    let fault = try #require(throws: Fault.self) { try runtime.opened() }
    #expect(fault.kind == .unavailable && fault.message.hasPrefix("ONNX Runtime is not installed: run ./bootstrap"))
    try Data("no library".utf8).write(to: URL(filePath: folder.file("libonnxruntime.so.1.32.0")))
    let broken = ONNXRuntime(folders: ["/nowhere", folder.path])
    #expect(broken.installedVersion == "1.32.0")
    let refusal = try #require(throws: Fault.self) { try broken.opened() }
    #expect(refusal.kind == .unavailable && refusal.message.contains("libonnxruntime.so.1.32.0) cannot be used"))
    #expect(!refusal.message.contains(folder.path), "the folder is no one's business")
  }

  @Test(
    "A library of another version is refused before any of its functions is called", arguments: ["1.20.1", "2.0.0", ""])
  func otherVersion(_ version: String) throws {
    try Data(
      """
      static const void *api(unsigned version) { __builtin_trap(); }
      static const char *text(void) { return "\(version)"; }
      static const void *base[] = {(const void *)api, (const void *)text};
      const void *OrtGetApiBase(void) { return base; }
      """.utf8
    ).write(to: URL(filePath: folder.file("other.c")))
    let made = shell(["cc", "-shared", "-fPIC", "-w", "-o", folder.file("libonnxruntime.so.9"), folder.file("other.c")])
    try #require(made.status == 0, "\(made.errors)")
    let fault = try #require(throws: Fault.self) { try ONNXRuntime(folders: [folder.path]).opened() }
    #expect(fault.message.contains("it is version \(version), and 1.31 or newer is needed"))
  }

  @Test("LiteRT is refused where it is not there, is no library, lacks a function, or is of another version")
  func lite() throws {
    let absent = try #require(throws: Fault.self) { try LiteRT(folders: [folder.path]).opened() }
    #expect(absent.kind == .unavailable && absent.message.hasPrefix("LiteRT is not installed: run ./bootstrap"))
    func refusal(_ version: String) throws -> String {
      let runtime = LiteRT(folders: [folder.path])
      #expect(runtime.installedVersion == version)
      return try #require(throws: Fault.self) { try runtime.opened() }.message
    }
    try Data("no library".utf8).write(to: URL(filePath: folder.file("libLiteRt.so.1.4.0")))
    #expect(try refusal("1.4.0").contains("it is version 1.4.0, and 2.x is needed"))
    try Data("no library".utf8).write(to: URL(filePath: folder.file("libLiteRt.so.2.3.0")))
    #expect(try refusal("2.3.0").contains("LiteRT (libLiteRt.so.2.3.0) cannot be used: "))
    try Data("int LiteRtCreateEnvironment(void) { __builtin_trap(); }".utf8).write(
      to: URL(filePath: folder.file("part.c")))
    let made = shell(["cc", "-shared", "-fPIC", "-w", "-o", folder.file("libLiteRt.so.2.4.0"), folder.file("part.c")])
    try #require(made.status == 0, "\(made.errors)")
    #expect(try refusal("2.4.0").contains("it has no LiteRt"))
  }

  @Test("The libraries that ./bootstrap fetched are those that are pinned")
  func pinned() throws {
    let isForCUDA = FileManager.default.fileExists(atPath: Checkout.path + "/.deps/onnxruntime/cuda")
    let onnx = isForCUDA ? "onnxruntime-gpu" : "onnxruntime"
    for (runtime, lock, package) in [
      (ONNXRuntime(), onnx, onnx), (LiteRT(), "litert", "ai-edge-litert"),
    ] as [(any NetworkRuntime, String, String)] {
      let text = try String(contentsOfFile: Checkout.path + "/\(lock).lock", encoding: .utf8)
      let version = try #require(runtime.installedVersion)
      #expect(text.contains("\(package)==\(version) "))
    }
    #expect(try ONNXRuntime().opened().version == ONNXRuntime().installedVersion)
  }
}
