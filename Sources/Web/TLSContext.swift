internal import Base
internal import CNGHTTP2
internal import CTLS
internal import Glibc

/// A certificate with its key, and how TLS is spoken with it: TLS 1.2 or newer, HTTP/2 preferred.
@safe final class TLSContext: @unchecked Sendable {  // OpenSSL counts references with atomics; not changed after init
  private let context: OpaquePointer
  /// Clients are asked for a certificate.
  let asksClients: Bool

  init(_ files: ServerOptions.TLS) throws(Fault) {
    ERR_clear_error()
    guard let made = unsafe SSL_CTX_new(TLS_server_method()) else {
      throw Fault(.bug, "OpenSSL gives no TLS", cause: Self.cause())
    }
    unsafe context = made
    asksClients = files.asksClients
    let partly = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
    unsafe SSL_CTX_ctrl(made, SSL_CTRL_MODE, Int(partly), nil)
    unsafe SSL_CTX_ctrl(made, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    // Sessions are taken up again by tickets, which clients keep; nothing is kept here.
    unsafe SSL_CTX_ctrl(made, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
    unsafe SSL_CTX_set_options(made, ridley_tls_options)
    if files.asksClients { unsafe ridley_tls_ask_clients(made, takeAnyCertificate) }
    unsafe SSL_CTX_set_alpn_select_cb(made, chooseProtocol, nil)
    for path in [files.certificate, files.key] {
      guard unsafe access(path, R_OK) == 0 else {
        throw Fault(SystemError.last.kind, "cannot read \(path), which TLS needs")
      }
    }
    guard unsafe SSL_CTX_use_certificate_chain_file(made, files.certificate) == 1 else {
      throw Fault(.badInput, "\(files.certificate) holds no certificate in PEM form", cause: Self.cause())
    }
    guard unsafe SSL_CTX_use_PrivateKey_file(made, files.key, SSL_FILETYPE_PEM) == 1 else {
      throw Fault(
        .badInput, "\(files.key) holds no private key in PEM form that fits \(files.certificate)", cause: Self.cause())
    }
  }

  deinit { unsafe SSL_CTX_free(context) }

  /// The server's side of a new connection.
  func session(on descriptor: Int32) -> OpaquePointer? {
    guard let session = unsafe SSL_new(context) else { return nil }
    guard unsafe SSL_set_fd(session, descriptor) == 1 else {
      unsafe SSL_free(session)
      return nil
    }
    unsafe SSL_set_accept_state(session)
    return unsafe session
  }

  private static func cause() -> String {
    var text = [CChar](repeating: 0, count: 256)
    unsafe ERR_error_string_n(ERR_get_error(), &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// OpenSSL asks, during a handshake on the loop's thread, whether a client's certificate is good: whose it is, is told by its key alone, which
/// the client has proved to hold.
@c private func takeAnyCertificate(_ isValid: Int32, _ store: OpaquePointer?) -> Int32 { 1 }

/// OpenSSL asks, during a handshake on the loop's thread, which of the client's protocols it shall be.
@c private func chooseProtocol(
  _ session: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ offeredCount: UInt32,
  _ context: UnsafeMutableRawPointer?
) -> Int32 {
  var found: UnsafeMutablePointer<UInt8>?
  guard unsafe nghttp2_select_next_protocol(&found, chosenCount, offered, offeredCount) >= 0 else {
    return SSL_TLSEXT_ERR_NOACK
  }
  unsafe chosen?.pointee = UnsafePointer(found)
  return SSL_TLSEXT_ERR_OK
}
