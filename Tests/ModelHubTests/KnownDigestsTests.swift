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
    let text = String(decoding: try FileSystem.read(place), as: UTF8.self)
    try FileSystem.write(Array(text.replacing(digest, with: other).utf8), to: place)
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
