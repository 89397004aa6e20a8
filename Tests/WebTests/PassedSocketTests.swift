import Base
import Glibc
import TestKit
import Testing
import Web

@Suite("A socket that outlives its server")
struct PassedSocketTests {
  /// A socket that listens at a free port, as a service manager makes one.
  private func socketThatListens() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    (address.sin_family, address.sin_addr.s_addr) = (sa_family_t(AF_INET), inet_addr("127.0.0.1"))
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, 16) }
    }
    try #require(isBound == 0 && listen(descriptor, 16) == 0)
    return descriptor
  }

  @Test("Who connects between two servers waits, and is answered by the second")
  func between() throws {
    let kept = try socketThatListens()
    defer { close(kept) }
    var options = ServerOptions()
    let passed = try PassedSocket(dup(kept))
    #expect(passed.address == "127.0.0.1" && passed.port > 0)
    options.passed = passed
    let first = try Server(options, handler: ClosureHandler.usual())
    #expect(first.port == passed.port)
    let early = try Client(passed.port)
    early.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    first.start()
    #expect(try early.answer().text == "hello")
    first.drain(within: 5)

    let waiting = try (0..<8).map { _ in try Client(passed.port) }
    for client in waiting { client.send("POST /body HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n\u{1}\u{2}") }
    options.passed = try PassedSocket(dup(kept))
    let second = try Server(options, handler: ClosureHandler.usual())
    second.start()
    for client in waiting { #expect(try client.answer().text == "2 3") }
    second.drain(within: 5)
  }

  @Test("What is no listening socket of TCP is refused")
  func refused() throws {
    let plain = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let local = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let file = open("/dev/null", O_RDONLY)
    defer { for descriptor in [plain, local, file] { close(descriptor) } }
    for descriptor in [plain, local, file, 9999] {
      let fault = try #require(throws: Fault.self) { try PassedSocket(descriptor) }
      #expect(fault.kind == .usage && fault.message.contains("handed over"), "\(fault.message)")
    }
  }
}
