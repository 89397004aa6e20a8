public import Base
internal import CPostgreSQL
internal import Glibc

/// What a server says without being asked.
extension PostgreSQLConnection {
  /// Sleeps until a channel that this connection listens to was notified (`NOTIFY`), also where that was before; `false` where nothing came.
  public func awaitNotice(before deadline: UInt64) throws(Fault) -> Bool {
    while true {
      var isNotified = false
      while let notice = unsafe PQnotifies(handle) {
        unsafe PQfreemem(notice)
        isNotified = true
      }
      if isNotified { return true }
      guard unsafe Self.wait(PQsocket(handle), Int32(POLLIN), deadline) else { return false }
      guard unsafe PQconsumeInput(handle) == 1 else { throw gone() }
    }
  }

  /// The server ended it while nobody used it; costs one look at the socket.
  var isGone: Bool {
    // what it said last may stand before the end
    for _ in 0..<3 {
      var wanted = unsafe pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&wanted, 1, 0) > 0 else { return false }
      guard unsafe PQconsumeInput(handle) == 1, unsafe PQstatus(handle) == CONNECTION_OK else { return true }
    }
    return true
  }
}
