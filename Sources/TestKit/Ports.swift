import Foundation
import Synchronization

/// Ports of this machine that nobody has, and that the system gives to nobody who asks for any.
///
/// A server that is killed and begun again finds such a port free still. One of the system's own choice would go to the next connection that wants
/// a port of its own, at worst to one that asks for the very server that is away: it would be connected to itself.
public enum Ports {
  private static let given = Mutex<Set<Int>>([])

  /// Below those that the system chooses from, or the usual ones where it does not say.
  private static let range: Range<Int> = {
    let told = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
    let first = told?.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) } ?? 32_768
    return first > 12_000 ? 10_000..<first : 10_000..<32_768
  }()

  public static func free() -> Int { free(1)[0] }

  /// So many, each given once in this process.
  public static func free(_ count: Int) -> [Int] {
    given.withLock { given in
      var ports: [Int] = []
      while ports.count < count {
        let port = Int.random(in: range)
        if isFree(port), given.insert(port).inserted { ports.append(port) }
      }
      return ports
    }
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
    }
  }
}
