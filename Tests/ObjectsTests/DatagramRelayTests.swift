import Base
import Glibc
import Testing

@testable import Objects

struct DatagramRelayTests {
  /// A socket at a port of an address of this machine.
  private final class Sender {
    let socket: Int32
    let port: Int

    init(_ address: String) throws {
      let place = try #require(SocketAddress(number: address, port: 0))
      socket = try #require(place.socket())
      port = try #require(SocketAddress(of: socket, isPeer: false)).port
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8], to port: Int) throws {
      let place = try #require(SocketAddress(number: "127.0.0.1", port: port))
      let count = place.withAddress { sendto(socket, bytes, bytes.count, 0, $0, $1) }
      #expect(count == bytes.count)
    }
  }

  private func receive(_ descriptor: Int32) -> [UInt8]? {
    var (block, waiting) = (
      [UInt8](repeating: 0, count: 100), pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    )
    guard poll(&waiting, 1, 2000) > 0 else { return nil }
    let count = read(descriptor, &block, block.count)
    return count < 0 ? nil : Array(block.prefix(count))
  }

  @Test(
    "Packets of the camera's own address come through, a stranger's do not; what is said back goes to the camera's ports alone"
  )
  func peer() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    let place = try #require(SocketAddress(number: "127.0.0.1", port: 0))
    #expect(place.withAddress { Int(bind(listener, $0, $1)) } == 0 && listen(listener, 1) == 0)
    let port = try #require(SocketAddress(of: listener, isPeer: false)).port
    let connection = try OutgoingConnection.open(host: "127.0.0.1", port: port, reachesPrivate: true, seconds: 2)
      .descriptor
    let (relay, ends) = try DatagramRelay.pair(peerOf: connection)
    close(connection)
    defer { for end in [ends.media, ends.control] { close(end) } }
    #expect(ends.port % 2 == 0)
    let (camera, stranger) = (try Sender("127.0.0.1"), try Sender("127.0.0.2"))
    try stranger.send([6, 6, 6], to: ends.port)
    for number in 0..<50 { try camera.send([1, UInt8(number)], to: ends.port) }
    try camera.send([2], to: ends.port + 1)
    for number in 0..<50 { #expect(receive(ends.media) == [1, UInt8(number)]) }
    #expect(receive(ends.control) == [2])
    // Before its ports are known nothing is sent anywhere.
    #expect(write(ends.media, [9], 1) == 1)
    usleep(100_000)
    relay.aim(media: camera.port, control: stranger.port)
    #expect(write(ends.media, [7], 1) == 1 && write(ends.control, [8], 1) == 1)
    #expect(receive(camera.socket) == [7] && receive(stranger.socket) == nil)
  }

  @Test("An address that is none, or none of this machine, is refused with its name")
  func refused() {
    #expect(throws: Fault.self) { try DatagramRelay.listen("camera.local", port: 5004, interface: nil) }
    #expect(throws: Fault.self) { try DatagramRelay.listen("192.0.2.1", port: 5004, interface: nil) }
    #expect(throws: Fault.self) { try DatagramRelay.listen("239.0.0.1", port: 5004, interface: "x") }
  }

  @Test(
    "Addresses are what a document at another one means by them, and of http and https alone",
    arguments: [
      ("b.ts", "http://h/a/list.m3u8?t=1", "http://h:80/a/b.ts"), ("/b", "https://h:8443/a/l", "https://h:8443/b"),
      ("//other/x", "https://h/a", "https://other:443/x"), ("?q", "http://h/a/l", "http://h:80/a/l?q"),
      ("file:///etc/passwd", "http://h/", nil), ("concat:http://a/|http://b/", "http://h/", nil),
      ("crypto+http://h/", "http://h/", nil), ("data:,x", "http://h/", nil), ("rtsp://h/", "", nil), ("b.ts", "", nil),
    ] as [(String, String, String?)])
  func resolve(text: String, base: String, meant: String?) {
    let found = WebAddress.resolve(text, at: base)
    #expect(found == meant, "\(found ?? "none")")
  }
}
