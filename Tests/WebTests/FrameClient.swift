import Glibc
import TestKit

/// A client that speaks single HTTP/2 frames, so that it can also speak wrong ones.
final class FrameClient {
  struct Frame {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    var bytes: [UInt8] {
      let count = payload.count
      let head = [UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags]
      return head + big(stream) + payload
    }

    /// The number that RST_STREAM and GOAWAY carry.
    var code: UInt32 { payload.suffix(type == 7 ? payload.count - 4 : 4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
    var isLast: Bool { (type == 0 || type == 1) && flags & 1 != 0 }
    var isAcknowledgement: Bool { (type == 4 || type == 6) && flags & 1 != 0 }
  }

  static func big(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  static let settings = Frame(type: 4)

  let client: Client
  private var unread: [UInt8] = []
  private var windows: [UInt32: Int] = [:]

  init(_ port: Int, settings: [UInt8] = []) throws {
    client = try Client(port)
    client.send(Self.preface + Frame(type: 4, payload: settings).bytes)
  }

  func send(_ frames: Frame...) { client.send(frames.flatMap(\.bytes)) }
  func send(_ frames: [Frame]) { client.send(frames.flatMap(\.bytes)) }

  /// A header as HPACK writes it without tables or codes (RFC 7541, 6.2.2).
  static func header(_ name: String, _ value: String) -> [UInt8] {
    [0] + length(name.utf8.count) + name.utf8 + length(value.utf8.count) + value.utf8
  }

  private static func length(_ count: Int) -> [UInt8] {
    guard count >= 127 else { return [UInt8(count)] }
    var (rest, bytes) = (count - 127, [UInt8(127)])
    while rest >= 128 {
      bytes.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func request(
    _ stream: UInt32, _ method: String = "GET", _ path: String = "/", more: [(String, String)] = [], isLast: Bool = true
  ) -> Frame {
    let plain = [(":method", method), (":scheme", "http"), (":authority", "here"), (":path", path)] + more
    return Frame(type: 1, flags: isLast ? 5 : 4, stream: stream, payload: plain.flatMap { header($0.0, $0.1) })
  }

  static func data(_ stream: UInt32, _ payload: [UInt8], isLast: Bool = true) -> Frame {
    Frame(type: 0, flags: isLast ? 1 : 0, stream: stream, payload: payload)
  }

  static func reset(_ stream: UInt32) -> Frame { Frame(type: 3, stream: stream, payload: big(8)) }
  static func window(_ stream: UInt32, _ more: UInt32) -> Frame { Frame(type: 8, stream: stream, payload: big(more)) }

  /// The next frame that is neither settings nor an acknowledgement nor a window.
  func next() throws -> Frame {
    while true {
      let frame = try any()
      if ![4, 6, 8].contains(frame.type) { return frame }
    }
  }

  private func any() throws -> Frame {
    let head = try take(9)
    let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
    let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let frame = Frame(type: head[3], flags: head[4], stream: stream, payload: try take(count))
    if frame.type == 8 { windows[stream, default: 0] += Int(frame.payload.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) }
    return frame
  }

  /// Takes on the server's settings, so that its windows are as large as it says.
  func acknowledge() throws {
    while true {
      let frame = try any()
      if frame.type == 4, !frame.isAcknowledgement { return send(Frame(type: 4, flags: 1)) }
    }
  }

  /// By how much the server has opened a stream's window since this was last asked; waits until it has.
  func opened(_ stream: UInt32) throws -> Int {
    while true {
      if let more = windows.removeValue(forKey: stream) { return more }
      _ = try any()
    }
  }

  /// All frames up to one that fits.
  func until(_ isWanted: (Frame) -> Bool) throws -> [Frame] {
    var frames: [Frame] = []
    repeat { frames.append(try next()) } while !isWanted(frames.last!)
    return frames
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while unread.count < count { unread += try client.some() }
    defer { unread.removeFirst(count) }
    return Array(unread.prefix(count))
  }
}

private func big(_ number: UInt32) -> [UInt8] { FrameClient.big(number) }
