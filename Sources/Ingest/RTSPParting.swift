internal import Base
internal import Glibc
internal import Synchronization

/// What is left to be said to a camera once nothing more is wanted of it, and what the next connection is to know; any thread.
public final class RTSPParting: Sendable {
  private struct State {
    var words: [UInt8] = []
    var hangsUp = false
  }

  private let connection: Int32
  private let state = Mutex(State())

  /// The connection stays the caller's.
  init(over connection: Int32) { self.connection = connection }

  /// What is said in the end, as of the last request.
  func prepare(_ words: [UInt8]) { state.withLock { $0.words = words } }

  func noteHangUp() { state.withLock { $0.hangsUp = true } }

  /// The camera hung up instead of answering GET_PARAMETER.
  public var hangsUpAtParameter: Bool { state.withLock(\.hangsUp) }

  /// Says goodbye, once, where the connection takes it without waiting.
  public func leave() {
    let words = state.withLock { state in
      defer { state.words = [] }
      return state.words
    }
    var way = pollfd(fd: connection, events: Int16(POLLOUT), revents: 0)
    guard !words.isEmpty, unsafe poll(&way, 1, 0) > 0, way.revents == Int16(POLLOUT) else { return }
    _ = unsafe write(connection, words, words.count)
  }
}
