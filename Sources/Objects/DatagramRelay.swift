public import Base
internal import CCurl
internal import Glibc
internal import Synchronization

/// Hands the packets of one sender to a process that may have no socket of its own, and what that one says back to the sender alone.
///
/// Such a process could send to anybody through a socket for datagrams. A thread here has the sockets, and the process the other ends of local connections; it
/// ends when these are closed. Packets wait here while the process is busy, so that a burst is not lost.
public final class DatagramRelay: Sendable {
  /// For the process: ends that keep the borders of packets, and the port of the first one here; the other one's is the next.
  public struct Ends: Sendable {
    public let media: Int32
    public let control: Int32
    public let port: Int
  }

  /// One socket, and what came over it that was not taken yet.
  private struct Line {
    let outer: Int32
    let inner: Int32
    var waiting: [[UInt8]] = []
    var head = 0
    var byteCount = 0

    var isEmpty: Bool { head == waiting.count }
  }

  /// What waits for the process; beyond that packets are lost, as they are in a socket that is full.
  private static let mostBytes = 16 << 20

  /// `nil` for anybody.
  private let peer: SocketAddress?
  /// Where the peer receives; nothing is sent to it before that is known.
  private let ports = Mutex<[Int]>([0, 0])

  private init(_ peer: SocketAddress?) { self.peer = peer }

  /// Two sockets, at an even port and the next, for packets of the host that a connection leads to; nobody else's count.
  ///
  /// The ends are the caller's to close, once they are handed on.
  public static func pair(peerOf connection: Int32) throws(Fault) -> (relay: DatagramRelay, ends: Ends) {
    guard let peer = SocketAddress(of: connection, isPeer: true),
      var place = SocketAddress(of: connection, isPeer: false)
    else { throw Fault(.unavailable, "the connection is gone") }
    place.port = 0
    guard let (media, control, port) = sockets(at: place) else {
      throw Fault(.unavailable, "this machine has no pair of ports left for packets over UDP")
    }
    let (first, second): (SocketPair, SocketPair)
    do throws(Fault) {
      first = try SocketPair.make(ofPackets: true)
      do throws(Fault) { second = try SocketPair.make(ofPackets: true) } catch {
        for end in [first.here, first.there] { close(end) }
        throw error
      }
    } catch {
      for socket in [media, control] { close(socket) }
      throw error
    }
    // The process looks after both and after its connection, so that it waits at none of them.
    for end in [first.there, second.there] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let relay = DatagramRelay(peer)
    relay.begin([Line(outer: media, inner: first.here), Line(outer: control, inner: second.here)])
    return (relay, Ends(media: first.there, control: second.there, port: port))
  }

  /// A socket for what anybody sends to an address of this machine, or to many (multicast); nothing is sent back.
  ///
  /// `address` is a number, or empty for all of this machine's; `interface` is the number of the one at which many are joined.
  public static func listen(_ address: String, port: Int, interface: String?) throws(Fault) -> Int32 {
    guard let place = SocketAddress(number: address.isEmpty ? "0.0.0.0" : address, port: port) else {
      throw Fault(
        .badInput,
        "'\(address)' is no address: packets over UDP are received at a number, as in udp://@239.0.0.1:5004 or udp://:5004"
      )
    }
    let face = interface.flatMap { SocketAddress(number: $0, port: 0) }
    guard interface == nil || face != nil else {
      throw Fault(.badInput, "'\(interface ?? "")' is the address of no interface")
    }
    guard let socket = place.socket(shares: place.isShared) else {
      throw Fault(
        .unavailable,
        "packets to '\(address):\(port)' cannot be received: the port is taken, or the address is none of this machine")
    }
    guard !place.isShared || place.join(socket, at: face) else {
      close(socket)
      throw Fault(
        .unavailable,
        "no network here leads to '\(address)': name the address of an interface, as in '?localaddr=192.168.1.5'")
    }
    do throws(Fault) {
      let pair = try SocketPair.make(ofPackets: true)
      DatagramRelay(nil).begin([Line(outer: socket, inner: pair.here)])
      return pair.there
    } catch {
      close(socket)
      throw error
    }
  }

  /// Where the peer receives, from its own words; from now on it is sent what the process says.
  public func aim(media: Int, control: Int) {
    ports.withLock { $0 = [media, control].map { (1...65535).contains($0) ? $0 : 0 } }
  }

  private static func sockets(at place: SocketAddress) -> (media: Int32, control: Int32, port: Int)? {
    for _ in 0..<64 {
      guard let one = place.socket(), let port = SocketAddress(of: one, isPeer: false)?.port else { return nil }
      var other = place
      other.port = port % 2 == 0 ? port + 1 : port - 1
      guard let two = other.socket() else {
        close(one)
        continue
      }
      return port % 2 == 0 ? (one, two, port) : (two, one, port - 1)
    }
    return nil
  }

  private func begin(_ lines: [Line]) {
    NativeThread { [self] in
      var lines = lines
      run(&lines)
      for line in lines {
        close(line.outer)
        close(line.inner)
      }
    }.leave()
  }

  private func run(_ lines: inout [Line]) {
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let asks = lines.flatMap { line in
        [(line.outer, Int32(POLLIN)), (line.inner, Int32(POLLIN) | (line.isEmpty ? 0 : Int32(POLLOUT)))]
      }
      let found = Flow.wait(asks, milliseconds: -1)
      for number in lines.indices {
        if found[2 * number] != 0 { take(&lines[number], &block) }
        guard give(&lines[number]) else { return }
        let told = found[2 * number + 1]
        if told & (Int32(POLLHUP) | Int32(POLLERR)) != 0 { return }
        if told & Int32(POLLIN) != 0, !answer(lines[number], number, &block) { return }
      }
    }
  }

  /// Bytes that a packet takes beside its own.
  private static let overhead = 64

  private func take(_ line: inout Line, _ block: inout [UInt8]) {
    for _ in 0..<256 {
      guard let (count, sender) = SocketAddress.receive(line.outer, into: &block) else { return }
      guard count > 0, peer == nil || sender?.host == peer?.host,
        line.byteCount + count + Self.overhead <= Self.mostBytes
      else { continue }
      line.waiting.append(Array(block[..<count]))
      line.byteCount += count + Self.overhead
    }
  }

  /// What waits goes on; false where nobody takes it any more.
  private func give(_ line: inout Line) -> Bool {
    while !line.isEmpty {
      let packet = line.waiting[line.head]
      guard let count = Flow.send(packet[...], to: line.inner) else { return false }
      guard count > 0 else { break }
      line.head += 1
      line.byteCount -= packet.count + Self.overhead
    }
    if line.isEmpty || line.head > 1024 {
      line.waiting.removeFirst(line.head)
      line.head = 0
    }
    return true
  }

  private func answer(_ line: Line, _ number: Int, _ block: inout [UInt8]) -> Bool {
    let count = unsafe recv(line.inner, &block, block.count, Int32(MSG_DONTWAIT))
    guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
    guard var place = peer, case let port = ports.withLock({ $0[number] }), port > 0 else { return true }
    place.port = port
    let bytes = block
    _ = unsafe place.withAddress { address, size in
      unsafe sendto(line.outer, bytes, count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), address, size)
    }
    return true
  }
}
