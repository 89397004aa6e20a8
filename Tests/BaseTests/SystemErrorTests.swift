import Base
import Glibc
import TestKit
import Testing

@Suite("The system's errors")
struct SystemErrorTests {
  @Test(
    "each means one kind of fault",
    arguments: [
      (ENOENT, Fault.Kind.notFound), (ENOTDIR, .notFound), (EACCES, .denied), (EPERM, .denied), (EROFS, .denied),
      (ENOSPC, .exhausted), (EDQUOT, .exhausted), (EFBIG, .exhausted), (EISDIR, .badInput), (EADDRNOTAVAIL, .usage),
      (EIO, .unavailable),
      (EADDRINUSE, .unavailable),
    ])
  func kinds(code: Int32, kind: Fault.Kind) { #expect(SystemError(code).kind == kind) }

  @Test("a fault names the path, what was wanted, and the way out, and keeps the system's words")
  func sentences() {
    let full = SystemError(ENOSPC).fault("write", "a/b")
    #expect(full.message == "the disk is full: cannot write a/b; free some space or choose another place")
    #expect(full.cause == "No space left on device")
    #expect(
      SystemError(ENOENT).fault("write", "a/b").message
        == "cannot write a/b: there is no folder a, make it first")
    #expect(SystemError(ENOENT).fault("read", "a/b").message == "there is no file a/b")
    #expect(SystemError(EACCES).fault("read", "a/b").message == "no permission to read a/b")
    #expect(SystemError(EIO).fault("read", "a/b").message == "cannot read a/b: Input/output error")
  }

  @Test("everything is written to a pipe that takes little at a time, and read from it again")
  func whole() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    let thread = NativeThread {
      try? Descriptor.write(bytes.span.bytes, to: writing)
      close(writing)
    }
    var (back, block) = ([UInt8](), [UInt8](repeating: 0, count: 7000))
    while case let count = try Descriptor.read(reading, into: &block), count > 0 { back += block[..<count] }
    thread.join()
    #expect(back == bytes)
  }

  @Test("what cannot be written or read says why")
  func refused() {
    var block = [UInt8](repeating: 0, count: 8)
    #expect(throws: SystemError(EBADF)) { try Descriptor.write([1].span.bytes, to: -1) }
    #expect(throws: SystemError(EBADF)) { try Descriptor.read(-1, into: &block) }
  }
}
