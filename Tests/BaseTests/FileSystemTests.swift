import Foundation
import TestKit
import Testing

@testable import Base

@Suite("Disk")
struct DiskTests {
  private let folder = TemporaryFolder()

  private func fault(_ body: () throws -> Void) -> Fault? {
    do {
      try body()
      return nil
    } catch { return error as? Fault }
  }

  private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  @Test("what is written is read back, and nothing else is left in the folder")
  func roundTrip() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try FileSystem.write(bytes, to: folder.file("a.bin"))
    #expect(try FileSystem.read(folder.file("a.bin")) == bytes)
    #expect(try FileSystem.byteCount(of: folder.file("a.bin")) == bytes.count)
    try FileSystem.write([1], to: folder.file("a.bin"))
    #expect(try FileSystem.read(folder.file("a.bin")) == [1])
    #expect(try FileSystem.list(folder.path) == ["a.bin"])
  }

  @Test("what must outlive a loss of power is written the same way, for everybody or for its owner alone")
  func durable() throws {
    umask(0o022)
    for (isSecret, mode) in [(false, 0o644), (true, 0o600)] {
      let path = folder.file("\(isSecret)")
      try FileSystem.write([1, 2], to: path, isDurable: true, isSecret: isSecret)
      try FileSystem.write([3], to: path, isDurable: true, isSecret: isSecret)
      #expect(try FileSystem.read(path) == [3])
      let found = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(found == mode)
    }
    #expect(try FileSystem.list(folder.path) == ["false", "true"])
    #expect(fault { try FileSystem.write([1], to: folder.file("none/a"), isDurable: true) }?.kind == .notFound)
  }

  @Test("threads that write one file at the same time leave one of theirs, whole, and nothing else")
  func together() throws {
    let path = folder.file("one")
    let threads = (0..<8).map { number in
      NativeThread {
        for _ in 0..<50 {
          try? FileSystem.write([UInt8](repeating: UInt8(number), count: 10_000 + number), to: path)
        }
      }
    }
    for thread in threads { thread.join() }
    let left = try FileSystem.read(path)
    #expect(left.count == 10_000 + Int(left[0]) && Set(left).count == 1)
    #expect(try FileSystem.list(folder.path) == ["one"])
  }

  @Test("what ended processes left of files is taken away, what a living one writes is not")
  func leftovers() throws {
    let mine = FileSystem.staging(for: folder.file("a"))
    for path in [mine, folder.file("b.part-2147483000-x"), folder.file("b.part-2147483000"), folder.file("b.parts")] {
      try FileSystem.write([1], to: path)
    }
    FileSystem.removeStaging(in: folder.path)
    #expect(try FileSystem.list(folder.path) == [FileSystem.name(of: mine), "b.parts"])
  }

  @Test("what stands at a path is a file, a folder, something else or nothing")
  func kind() throws {
    try FileSystem.write([], to: folder.file("a"))
    #expect(FileSystem.kind(of: folder.file("a")) == .file)
    #expect(FileSystem.kind(of: folder.path) == .folder)
    #expect(FileSystem.kind(of: "/dev/null") == .other)
    #expect(FileSystem.kind(of: folder.file("b")) == nil)
  }

  @Test("a file that is not there is named")
  func missing() {
    let path = folder.file("nothing.mp4")
    for wanted in [
      { _ = try FileSystem.read(path) }, { _ = try FileSystem.byteCount(of: path) }, { _ = try FileSystem.list(path) },
    ] {
      let fault = fault(wanted)
      #expect(fault?.kind == .notFound && fault?.message == "there is no file \(path)" && fault?.cause != nil)
    }
  }

  @Test("a folder is no file, and a file no folder")
  func mixedUp() throws {
    #expect(
      fault { _ = try FileSystem.read(folder.path) } == Fault(.badInput, "\(folder.path) is a folder, not a file"))
    let file = folder.file("f")
    try FileSystem.write([1], to: file)
    let expected = Fault(.badInput, "\(file) is a file, and a folder is needed there: choose another place")
    #expect(fault { try FileSystem.makeFolder(file) } == expected)
    #expect(fault { try FileSystem.makeFolder(file + "/deep/er") } == expected)
    #expect(fault { _ = try FileSystem.list(file) }?.kind == .notFound)
    try FileSystem.makeFolder(folder.file("d"))
    let over = fault { try FileSystem.write([1], to: folder.file("d")) }
    #expect(over?.kind == .badInput && over?.message == "\(folder.file("d")) is a folder, not a file")
    #expect(try FileSystem.list(folder.path) == ["d", "f"])
  }

  @Test("writing into a folder that is not there says which, and what to do")
  func noFolder() {
    let path = folder.file("out/report.json")
    let fault = fault { try FileSystem.write([1], to: path) }
    #expect(fault?.kind == .notFound)
    #expect(fault?.message == "cannot write \(path): there is no folder \(folder.file("out")), make it first")
  }

  @Test("a file longer than the limit is refused, also one without an end")
  func limit() throws {
    let path = folder.file("long")
    try FileSystem.write([UInt8](repeating: 0, count: 100_001), to: path)
    #expect(
      fault { _ = try FileSystem.read(path, limit: 100_000) } == Fault(.badInput, "\(path) is longer than 100000 bytes")
    )
    #expect(try FileSystem.read(path, limit: 100_001).count == 100_001)
    #expect(fault { _ = try FileSystem.read("/dev/zero", limit: 1 << 20) }?.kind == .badInput)
  }

  @Test("folders are made with those above them, and may be there already", arguments: ["a/b/c", "a//b/", "."])
  func folders(name: String) throws {
    try FileSystem.makeFolder(folder.file(name))
    try FileSystem.makeFolder(folder.file(name))
    #expect(FileSystem.kind(of: folder.file(name)) == .folder)
    try FileSystem.makeFolder("/")
    try FileSystem.makeFolder("")
  }

  @Test("a full disk leaves the old file as it was, and is told")
  func full() throws {
    let path = folder.file("report.json")
    try FileSystem.write(Array("old".utf8), to: path)
    // The place where the new file is prepared leads to a device that is always full.
    symlink("/dev/full", path + ".new")
    let fault = fault { try FileSystem.write(Array("new".utf8), to: path, by: path + ".new") }
    #expect(fault?.kind == .exhausted)
    #expect(fault?.message == "the disk is full: cannot write \(path); free some space or choose another place")
    #expect(text(path) == "old")
    #expect(try FileSystem.list(folder.path) == ["report.json"])
  }

  @Test(
    "a folder that may not be written to leaves the old file as it was",
    .enabled(if: getuid() != 0, "the superuser may write everywhere"))
  func readOnly() throws {
    let path = folder.file("report.json")
    try FileSystem.write(Array("old".utf8), to: path)
    chmod(folder.path, 0o555)
    defer { chmod(folder.path, 0o755) }
    let fault = fault { try FileSystem.write(Array("new".utf8), to: path) }
    #expect(fault?.kind == .denied && fault?.message == "no permission to write \(path)")
    #expect(text(path) == "old")
  }

  @Test("a place where nobody may write is named, and nothing is left there")
  func forbidden() throws {
    // Also the superuser makes no files in the kernel's own tree.
    let fault = fault { try FileSystem.write([1], to: "/sys/report.json") }
    #expect(fault?.kind == .denied && fault?.message == "no permission to write /sys/report.json")
    let made = self.fault { try FileSystem.makeFolder("/sys/ridley/a") }
    #expect(made?.kind == .denied && made?.message == "no permission to make the folder /sys/ridley")
  }

  @Test("removing what is not there is fine; a folder is not removed")
  func remove() throws {
    try FileSystem.write([1], to: folder.file("a"))
    try FileSystem.remove(folder.file("a"))
    try FileSystem.remove(folder.file("a"))
    #expect(FileSystem.kind(of: folder.file("a")) == nil)
    #expect(fault { try FileSystem.remove(folder.path) }?.message.contains(folder.path) == true)
  }

  @Test(
    "paths fall into folder and name",
    arguments: [
      ("a/b.mp4", "a", "b.mp4"), ("b.mp4", ".", "b.mp4"), ("/b", "/", "b"), ("/a/b", "/a", "b"), ("/", "/", "/"),
    ])
  func parts(path: String, folder: String, name: String) {
    #expect(FileSystem.folder(of: path) == folder)
    #expect(FileSystem.name(of: path) == name)
  }

  @Test(
    "every kind of refusal has its kind of fault",
    arguments: [
      (ENOENT, Fault.Kind.notFound), (ENOTDIR, .notFound), (EACCES, .denied), (EROFS, .denied), (ENOSPC, .exhausted),
      (EDQUOT, .exhausted), (EISDIR, .badInput), (EIO, .unavailable),
    ])
  func refusals(code: Int32, kind: Fault.Kind) {
    errno = code
    let fault = SystemError.last.fault("read", "a.mp4")
    #expect(fault.kind == kind && fault.message.contains("a.mp4") && fault.cause != nil)
  }
}

@Suite("File sink")
struct FileSinkTests {
  @Test("small and large pieces come out in their order")
  func order() throws {
    let folder = TemporaryFolder()
    var expected: [UInt8] = []
    let sink = try FileSink(folder.file("out"))
    for count in [0, 1, 65_535, 2, 200_000, 7] {
      let piece = (0..<count).map { UInt8(truncatingIfNeeded: $0 + count) }
      try sink.write(piece)
      expected += piece
    }
    try sink.write("é\n")
    try sink.finish()
    try sink.finish()
    #expect(try FileSystem.read(folder.file("out")) == expected + Array("é\n".utf8))
  }

  @Test("what is flushed can be read by others before the end")
  func flush() throws {
    let folder = TemporaryFolder()
    let sink = try FileSink(folder.file("out"))
    try sink.write("a")
    #expect(try FileSystem.read(folder.file("out")).isEmpty)
    try sink.flush()
    #expect(try FileSystem.read(folder.file("out")) == [97])
  }

  @Test("a full disk is told at the end, or as soon as the buffer is full", arguments: [1, 1 << 16])
  func full(count: Int) throws {
    let sink = try FileSink("/dev/full")
    let fault = #expect(throws: Fault.self) {
      try sink.write([UInt8](repeating: 0, count: count))
      #expect(count == 1)
      try sink.finish()
    }
    #expect(fault?.kind == .exhausted)
    #expect(fault?.message == "the disk is full: cannot write /dev/full; free some space or choose another place")
  }

  @Test("a file that is there is emptied; a folder is refused")
  func begin() throws {
    let folder = TemporaryFolder()
    try FileSystem.write([1, 2, 3], to: folder.file("out"))
    try FileSink(folder.file("out")).finish()
    #expect(try FileSystem.read(folder.file("out")).isEmpty)
    #expect(throws: Fault(.badInput, "\(folder.path) is a folder, not a file", cause: "Is a directory")) {
      _ = try FileSink(folder.path)
    }
  }
}
