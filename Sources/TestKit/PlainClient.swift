import Base
import Glibc

/// A client that sends bytes as they are told and reads what comes, without an opinion on HTTP.
public final class PlainClient: @unchecked Sendable {  // one thread sends, one reads
  public let descriptor: Int32
  private var unread: [UInt8] = []

  public init(_ port: Int, seconds: Int = 30) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) }
    }
    guard status == 0 else { throw Trouble.noConnection }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, 16)
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
  }

  deinit { close(descriptor) }

  public enum Trouble: Error { case noConnection, closed, silent }

  public func send(_ text: String) { send(Array(text.utf8)) }

  public func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Leaves as a crashed client does.
  public func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, 8)
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  private func more() throws { unread += try some() }

  /// Whatever comes next.
  public func some() throws -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &block, block.count, 0)
    if count == 0 || count < 0 && errno == ECONNRESET { throw Trouble.closed }
    guard count > 0 else { throw Trouble.silent }
    return Array(block.prefix(count))
  }

  /// One answer with a Content-Length, or without a body where `bare` says so.
  public func answer(bare: Bool = false) throws -> PlainAnswer {
    var end: Int?
    while end == nil {
      end = unread.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound
      if end == nil { try more() }
    }
    let lines = String(decoding: unread[..<end!], as: UTF8.self).components("\r\n")
    var answer = PlainAnswer(status: Int(lines[0].split(separator: " ")[1])!)
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      answer.headers[parts[0].lowercased()] = parts[1].trimmingPrefix(" ").description
    }
    unread.removeFirst(end! + 4)
    let length = bare || answer.status < 200 ? 0 : Int(answer.headers["content-length"] ?? "0")!
    while unread.count < length { try more() }
    answer.body = Array(unread.prefix(length))
    unread.removeFirst(length)
    return answer
  }

  /// One chunk of an answer that is made bit by bit; empty for the last.
  public func chunk() throws -> [UInt8] {
    var end: Int?
    while end == nil {
      end = unread.indices.dropLast().first { unread[$0] == 13 && unread[$0 + 1] == 10 }
      if end == nil { try more() }
    }
    let size = Int(String(decoding: unread[..<end!], as: UTF8.self), radix: 16)!
    while unread.count < end! + size + 4 { try more() }
    defer { unread.removeFirst(end! + size + 4) }
    return Array(unread[(end! + 2)..<(end! + 2 + size)])
  }

  /// All bytes until the server closes; `nil` when it does not.
  public func rest() -> [UInt8]? {
    while true {
      do { try more() } catch Trouble.closed { return unread } catch { return nil }
    }
  }
}

/// What a server answered.
public struct PlainAnswer: Sendable {
  public var status: Int
  public var headers: [String: String] = [:]
  public var body: [UInt8] = []

  public var text: String { String(decoding: body, as: UTF8.self) }
}

extension String {
  public func components(_ separator: String) -> [String] { split(separator: separator).map(String.init) }
}
