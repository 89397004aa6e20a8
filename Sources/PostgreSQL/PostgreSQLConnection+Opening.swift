internal import Base
internal import CPostgreSQL
internal import Glibc

extension PostgreSQLConnection {
  /// A connection in pipeline mode whose calls do not block.
  @unsafe
  static func open(
    _ parameters: [(name: String, value: String)], _ address: PostgreSQLAddress, _ deadline: UInt64
  ) throws(Fault) -> OpaquePointer {
    let place = "PostgreSQL at \(address.name)"
    let texts = unsafe (parameters.map { unsafe strdup($0.name) }, parameters.map { unsafe strdup($0.value) })
    defer {
      unsafe texts.0.forEach { unsafe free($0) }
      unsafe texts.1.forEach { unsafe free($0) }
    }
    let names = unsafe texts.0.map { unsafe UnsafePointer($0) } + [nil]
    let values = unsafe texts.1.map { unsafe UnsafePointer($0) } + [nil]
    guard let handle = unsafe PQconnectStartParams(names, values, 0) else { throw Fault.noMemory(to: "connect") }
    do throws(Fault) {
      // so that the code stands in the message, which is all that there is of a connection that failed
      unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
      unsafe try connect(handle, place, address, deadline)
      unsafe PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
      unsafe PQsetNoticeProcessor(handle, ignoreNotice, nil)
      guard unsafe PQsetnonblocking(handle, 1) == 0, unsafe PQenterPipelineMode(handle) == 1 else {
        throw unsafe failure(handle, place, address)
      }
      return unsafe handle
    } catch {
      unsafe PQfinish(handle)
      throw error
    }
  }

  @unsafe
  private static func connect(
    _ handle: OpaquePointer, _ place: String, _ address: PostgreSQLAddress, _ deadline: UInt64
  ) throws(Fault) {
    guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw unsafe failure(handle, place, address) }
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      guard state != PGRES_POLLING_FAILED else { throw unsafe failure(handle, place, address) }
      let events = state == PGRES_POLLING_READING ? Int32(POLLIN) : Int32(POLLOUT)
      guard unsafe wait(PQsocket(handle), events, deadline) else {
        throw Fault(.unavailable, "\(place): the database lets nobody in: try again")
      }
      state = unsafe PQconnectPoll(handle)
    }
  }

  /// `false` where the deadline passed.
  static func wait(_ socket: Int32, _ events: Int32, _ deadline: UInt64) -> Bool {
    while true {
      let now = Clock.now
      guard now < deadline else { return false }
      var wanted = pollfd(fd: socket, events: Int16(events), revents: 0)
      let count = unsafe poll(&wanted, 1, Int32(min((deadline - now) / 1_000_000 + 1, 60_000)))
      // what is wrong with the socket is told by the next call on it
      if count > 0 || count < 0 && errno != EINTR { return true }
    }
  }

  @unsafe
  private static func failure(_ handle: OpaquePointer, _ place: String, _ address: PostgreSQLAddress) -> Fault {
    let words = address.withoutPassword(unsafe String(cString: PQerrorMessage(handle)))
    if unsafe PQconnectionNeedsPassword(handle) == 1 {
      return PostgreSQLFailure.fault("28P01", "a password is wanted, and none was given", place)
    }
    guard let told = coded(words) else { return PostgreSQLFailure.gone(words, place) }
    return PostgreSQLFailure.fault(told.code, told.words, place)
  }

  /// Of "FATAL:  28P01: password authentication failed for user …" the code, and the words behind it.
  private static func coded(_ text: String) -> (code: String, words: String)? {
    for place in text.ranges(of: ":  ") {
      let rest = text[place.upperBound...]
      let code = rest.prefix(5)
      let isCode = code.utf8.count == 5 && code.utf8.allSatisfy { 48...57 ~= $0 || 65...90 ~= $0 }
      guard isCode, rest.dropFirst(5).hasPrefix(": ") else { continue }
      return (String(code), String(rest.dropFirst(7).prefix { !$0.isNewline }))
    }
    return nil
  }
}

/// Called by libpq on the thread of a call that brought a notice; they are not for the terminal.
@c private func ignoreNotice(_ context: UnsafeMutableRawPointer?, _ text: UnsafePointer<CChar>?) {}
