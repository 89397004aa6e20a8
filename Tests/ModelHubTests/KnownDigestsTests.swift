import Base
import Crypto
import Glibc
import TestKit
import Testing

@testable import ModelHub

struct KnownDigestsTests {
  let folder = TemporaryFolder()

  private func file(_ text: String) throws -> String {
    let path = folder.file("network.onnx")
    let sink = try FileSink(path)
    try sink.write(Array(text.utf8))
    try sink.finish()
    return path
  }

  private func kept() throws -> [String] { try FileSystem.list(folder.path).filter { $0.hasSuffix(".digest") } }

  @Test("A file that did not change is not read again, and one that did is")
  func remembers() throws {
    let known = KnownDigests(folder: folder.path, settled: 0)
    let path = try file("first")
    let digest = try known.digest(of: path)
    #expect(try digest == SHA256.hex(ofFile: path))
    let place = try folder.file(#require(try kept().first))
    // What is kept is what is answered: so a changed digest shows that the file was not read.
    let other = String(repeating: "a", count: 64)
    let state = try #require(FileSystem.stamp(of: path)?.state)
    try FileSystem.write(KnownDigests.text(state, [other]), to: place)
    #expect(try known.digest(of: path) == other)
    var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    #expect(try known.digest(of: path) == digest, "its times were set")
    _ = try file("other")
    #expect(try known.digest(of: path) == SHA256.hex(ofFile: path))
  }

  @Test("What was written a moment ago is not remembered, nor is anything without a folder")
  func recent() throws {
    let path = try file("new")
    let digest = try KnownDigests(folder: folder.path).digest(of: path)
    #expect(try KnownDigests(folder: nil, settled: 0).digest(of: path) == digest)
    #expect(try kept().isEmpty)
  }

  @Test("Which files a network names is remembered too, for a file and not for a folder")
  func parts() throws {
    let known = KnownDigests(folder: folder.path, settled: 0)
    try ONNXNetwork.external("w.bin").write(to: folder.file("n.onnx"))
    for _ in 0..<2 { #expect(try known.parts(of: folder.file("n.onnx")) == ["w.bin"]) }
    #expect(try FileSystem.list(folder.path).filter { $0.hasSuffix(".parts") }.count == 1)
    var plain = ONNXNetwork()
    plain.input("x", .float, [.fixed(1)])
    try plain.write(to: folder.file("n.onnx"))
    for _ in 0..<2 { #expect(try known.parts(of: folder.file("n.onnx")).isEmpty) }
  }

  @Test("A bit that the disk lost is no digest")
  func bits() throws {
    let known = KnownDigests(folder: folder.path, settled: 0)
    let path = try file("first")
    let digest = try known.digest(of: path)
    let place = try folder.file(#require(try kept().first))
    let whole = try FileSystem.read(place)
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 1
      try FileSystem.write(bytes, to: place)
      #expect(try known.digest(of: path) == digest)
    }
  }

  @Test("What is kept damaged is made anew", arguments: ["", "1 2 3", "x\ny\nend", "\n\n\n"])
  func damaged(text: String) throws {
    let known = KnownDigests(folder: folder.path, settled: 0)
    let path = try file("first")
    let digest = try known.digest(of: path)
    let place = try folder.file(#require(try kept().first))
    let whole = try FileSystem.read(place)
    try FileSystem.write(Array(text.utf8), to: place)
    #expect(try known.digest(of: path) == digest)
    #expect(try FileSystem.read(place) == whole)
  }
}
