internal import Base
internal import CHiredis

/// Whom to trust, read once for all connections.
@safe final class RedisTLSContext: @unchecked Sendable {  // OpenSSL counts by atomics; not changed after init
  fileprivate let context: OpaquePointer

  init(_ address: RedisAddress) throws(Fault) {
    ERR_clear_error()
    guard let made = unsafe SSL_CTX_new(TLS_client_method()) else { throw Fault(.bug, "OpenSSL gives no TLS") }
    unsafe context = made
    unsafe SSL_CTX_set_verify(made, SSL_VERIFY_PEER, nil)
    unsafe ridley_redis_tls_oldest(made)
    guard let file = address.authorities else {
      unsafe SSL_CTX_set_default_verify_paths(made)
      return
    }
    guard unsafe SSL_CTX_load_verify_locations(made, file, nil) == 1 else {
      // to say it of a file that is not there, or may not be read
      _ = try FileSystem.read(file, limit: 1 << 24)
      throw Fault(.badInput, "\(file) holds no certificates in PEM form")
    }
  }

  deinit { unsafe SSL_CTX_free(context) }
}

/// TLS between what is said and a socket's bytes; it never touches the socket itself, so that all deadlines are the socket's.
@safe struct RedisTLS: ~Copyable {
  private let session: OpaquePointer
  /// What came from the socket, and what is to go there; they are the session's.
  private let (incoming, outgoing): (OpaquePointer, OpaquePointer)
  private var block = [UInt8](repeating: 0, count: 1 << 14)
  private let place: String

  init(_ context: RedisTLSContext, _ address: RedisAddress) throws(Fault) {
    place = address.description
    guard let session = unsafe SSL_new(context.context), let incoming = unsafe BIO_new(BIO_s_mem()),
      let outgoing = unsafe BIO_new(BIO_s_mem())
    else { throw .noMemory(to: "speak TLS with Redis") }
    unsafe (self.session, self.incoming, self.outgoing) = (session, incoming, outgoing)
    unsafe SSL_set_bio(session, incoming, outgoing)
    unsafe SSL_set_connect_state(session)
    // a certificate names hosts, or addresses
    if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), address.host) != 1 {
      unsafe SSL_set1_host(session, address.host)
      unsafe ridley_redis_tls_name(session, address.host)
    }
  }

  deinit { unsafe SSL_free(session) }

  mutating func begin(_ socket: borrowing RedisSocket, before deadline: UInt64) throws(Fault) {
    while true {
      ERR_clear_error()
      let status = unsafe SSL_do_handshake(session)
      try flush(socket, deadline)
      if status == 1 { return }
      try goOn(after: status, socket, deadline)
    }
  }

  mutating func send(_ bytes: [UInt8], _ socket: borrowing RedisSocket, before deadline: UInt64) throws(Fault) {
    var sent = 0
    while sent < bytes.count {
      ERR_clear_error()
      let part = Int32(clamping: min(bytes.count - sent, 1 << 20))
      let status = unsafe bytes.withUnsafeBytes { unsafe SSL_write(session, $0.baseAddress! + sent, part) }
      if status > 0 { sent += Int(status) } else { try goOn(after: status, socket, deadline) }
      try flush(socket, deadline)
    }
  }

  mutating func receive(
    into room: inout [UInt8], _ socket: borrowing RedisSocket, before deadline: UInt64
  ) throws(Fault) -> Int {
    while true {
      ERR_clear_error()
      let status = unsafe room.withUnsafeMutableBytes { unsafe SSL_read(session, $0.baseAddress, Int32($0.count)) }
      try flush(socket, deadline)
      if status > 0 { return Int(status) }
      try goOn(after: status, socket, deadline)
    }
  }

  /// Fetches what the session waits for; throws where it waits for nothing.
  private mutating func goOn(
    after status: Int32, _ socket: borrowing RedisSocket, _ deadline: UInt64
  ) throws(Fault) {
    guard unsafe SSL_get_error(session, status) == SSL_ERROR_WANT_READ else { throw failure() }
    let count = try socket.receive(into: &block, before: deadline)
    let taken = unsafe BIO_write(incoming, block, Int32(count))
    guard taken == Int32(count) else { throw .noMemory(to: "speak TLS with Redis") }
  }

  private mutating func flush(_ socket: borrowing RedisSocket, _ deadline: UInt64) throws(Fault) {
    while true {
      let count = unsafe block.withUnsafeMutableBytes { unsafe BIO_read(outgoing, $0.baseAddress, Int32($0.count)) }
      guard count > 0 else { return }
      unsafe try socket.send(block.span.bytes.extracting(first: Int(count)), before: deadline)
    }
  }

  private func failure() -> Fault {
    let verdict = unsafe SSL_get_verify_result(session)
    guard verdict == Int(X509_V_OK) else {
      let cause = unsafe String(cString: X509_verify_cert_error_string(verdict))
      return Fault(
        .denied, "\(place): the certificate is not to be trusted: name its authority with ?ca=FILE", cause: cause)
    }
    var text = [CChar](repeating: 0, count: 256)
    unsafe ERR_error_string_n(ERR_get_error(), &text, text.count)
    let cause = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return Fault(.unavailable, "\(place): no TLS with this server: does it speak TLS on this port?", cause: cause)
  }
}
