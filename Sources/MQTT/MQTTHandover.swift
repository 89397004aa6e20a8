internal import Base
internal import CMosquitto
internal import Glibc

/// Gives libmosquitto a connection that was made elsewhere: it only makes its own.
///
/// It is let connect to a local socket of ours; what it wrote there is sent over the real connection, which then takes the place of the local one under its
/// descriptor.
enum MQTTHandover {
  /// The descriptor of the session, which owns it; `connection` is its from now on, whatever happens.
  static func begin(_ session: OpaquePointer, keepAlive: Int, over connection: Int32) throws(Fault) -> Int32 {
    defer { close(connection) }
    let folder = try makeFolder()
    let path = "\(folder)/socket"
    defer {
      unsafe _ = Glibc.unlink(path)
      unsafe _ = rmdir(folder)
    }
    let listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw SystemError.last.fault("open", path) }
    defer { close(listener) }
    guard unsafe ridley_listen_local(listener, path) == 0 else { throw SystemError.last.fault("write", path) }
    let code = unsafe mosquitto_connect(session, path, 0, CInt(keepAlive))
    guard code == MOSQ_ERR_SUCCESS.rawValue else {
      throw Fault(
        .unavailable, "no session with a broker can be begun", cause: unsafe String(cString: mosquitto_strerror(code)))
    }
    let peer = accept(listener, nil, nil)
    guard peer >= 0 else { throw SystemError.last.fault("open", path) }
    defer { close(peer) }
    _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
    try passOn(from: peer, to: connection)
    let own = unsafe mosquitto_socket(session)
    _ = fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) | O_NONBLOCK)
    guard own >= 0, dup2(connection, own) == own, fcntl(own, F_SETFD, FD_CLOEXEC) == 0 else {
      throw SystemError.last.fault("open", "a connection")
    }
    return own
  }

  private static func makeFolder() throws(Fault) -> String {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var name = Array("\(base)/ridley-mqtt-XXXXXX\0".utf8.map { CChar(bitPattern: $0) })
    guard unsafe mkdtemp(&name) != nil else { throw SystemError.last.fault("write", base) }
    return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The hello is short, and was written before the call returned.
  private static func passOn(from peer: Int32, to connection: Int32) throws(Fault) {
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(peer, &block, block.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return }
      var sent = 0
      while sent < count {
        let step = unsafe block[sent..<count].withUnsafeBytes {
          unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard step > 0 else { throw Fault(.unavailable, "the connection to the broker broke") }
        sent += step
      }
    }
  }
}
