internal import Base
internal import CCurl
internal import Glibc

/// The two ends of a connection inside this machine; programs that are started later inherit neither.
struct SocketPair {
  /// Does not block.
  let here: Int32
  /// For somebody else, who may wait on it.
  let there: Int32

  /// A stream of bytes, or of packets that keep their borders.
  static func make(ofPackets: Bool = false) throws(Fault) -> SocketPair {
    var ends: [Int32] = [-1, -1]
    let kind = Int32((ofPackets ? SOCK_SEQPACKET : SOCK_STREAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw Fault(.unavailable, "there are no file descriptors left")
    }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return SocketPair(here: ends[0], there: ends[1])
  }
}

/// What goes over a connection without a wait.
enum Flow {
  /// Bytes that were taken, `nil` where the other side is gone; 0 where it is full.
  static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Int? {
    while true {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count >= 0 { return count }
      if errno == EAGAIN || errno == ENOBUFS { return 0 }
      guard errno == EINTR else { return nil }
    }
  }

  /// Whether something is to be done before a moment in monotonic nanoseconds: what each descriptor waits for, and what came.
  static func wait(_ asks: [(descriptor: Int32, events: Int32)], milliseconds: Int32) -> [Int32] {
    var polls = asks.map { pollfd(fd: $0.events == 0 ? -1 : $0.descriptor, events: Int16($0.events), revents: 0) }
    _ = unsafe poll(&polls, nfds_t(polls.count), milliseconds)
    return polls.map { Int32($0.revents) }
  }
}
