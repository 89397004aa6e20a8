internal import CEpoll
internal import CTLS
internal import Glibc

/// Bytes in and out of a connected socket, through TLS where there is a session.
@safe struct Transport: ~Copyable {
  enum Result: Equatable {
    case bytes(Int)
    /// Nothing can be done until the socket is ready again.
    case later
    /// The other side has ended its half.
    case end
    case broken
  }

  let descriptor: Int32
  private let session: OpaquePointer?
  /// TLS has something of its own to send before it can go on to read.
  private(set) var mustWriteToRead = false

  /// Owns both from now on.
  init(_ descriptor: Int32, _ session: OpaquePointer? = nil) {
    self.descriptor = descriptor
    unsafe self.session = session
  }

  deinit {
    unsafe SSL_free(session)
    close(descriptor)
  }

  var isSecure: Bool { unsafe session != nil }

  /// SHA-256 of the public key (SubjectPublicKeyInfo, DER) in the certificate that the client showed, whose private key it holds; `nil` where
  /// it showed none.
  var clientKey: [UInt8]? {
    guard let session = unsafe session, let certificate = unsafe SSL_get0_peer_certificate(session),
      let key = unsafe X509_get_X509_PUBKEY(certificate)
    else { return nil }
    var der = unsafe UnsafeMutablePointer<UInt8>?.none
    let count = unsafe i2d_X509_PUBKEY(key, &der)
    guard count > 0, let bytes = unsafe der else { return nil }
    defer { unsafe CRYPTO_free(bytes, "", 0) }
    var (digest, length) = ([UInt8](repeating: 0, count: 32), UInt32(0))
    let isMade = unsafe EVP_Digest(bytes, Int(count), &digest, &length, EVP_sha256(), nil) == 1
    return isMade && length == 32 ? digest : nil
  }

  mutating func read(into room: UnsafeMutableRawBufferPointer) -> Result {
    if let session = unsafe session {
      ERR_clear_error()
      let count = unsafe SSL_read(session, room.baseAddress, Int32(clamping: room.count))
      mustWriteToRead = unsafe count <= 0 && SSL_get_error(session, count) == SSL_ERROR_WANT_WRITE
      return unsafe count > 0 ? .bytes(Int(count)) : outcome(of: count, session)
    }
    while true {
      let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      if errno != EINTR { return errno == EAGAIN ? .later : .broken }
    }
  }

  mutating func write(_ part: UnsafeRawBufferPointer) -> Result {
    if let session = unsafe session {
      guard unsafe !part.isEmpty else { return .bytes(0) }
      ERR_clear_error()
      let count = unsafe SSL_write(session, part.baseAddress, Int32(clamping: part.count))
      return unsafe count > 0 ? .bytes(Int(count)) : outcome(of: count, session)
    }
    while true {
      let count = unsafe send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .bytes(count) }
      if errno != EINTR { return errno == EAGAIN ? .later : .broken }
    }
  }

  private func outcome(of count: Int32, _ session: OpaquePointer) -> Result {
    switch unsafe SSL_get_error(session, count) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: .later
    case SSL_ERROR_ZERO_RETURN: .end
    default: .broken
    }
  }

  /// Three parts one behind the other, as one where the socket can.
  mutating func write(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) -> Result {
    if isSecure { return writeEach([first, second, third]) }
    return unsafe first.withUnsafeBytes { first in
      unsafe second.withUnsafeBytes { second in
        unsafe third.withUnsafeBytes { third in
          var parts = unsafe (Self.part(first), Self.part(second), Self.part(third))
          return unsafe withUnsafeMutablePointer(to: &parts) { parts in
            unsafe parts.withMemoryRebound(to: iovec.self, capacity: 3) { unsafe gather($0, 3) }
          }
        }
      }
    }
  }

  private mutating func writeEach(_ parts: [[UInt8]]) -> Result {
    var sent = 0
    for part in parts {
      let before = sent
      while sent - before < part.count {
        let result = unsafe part.withUnsafeBytes { bytes in
          unsafe write(UnsafeRawBufferPointer(rebasing: bytes[(sent - before)...]))
        }
        guard case .bytes(let count) = result else { return result == .later && sent > 0 ? .bytes(sent) : result }
        sent += count
      }
    }
    return .bytes(sent)
  }

  private func gather(_ parts: UnsafeMutablePointer<iovec>, _ number: Int32) -> Result {
    while true {
      let count = unsafe ridley_send(descriptor, parts, number)
      if count >= 0 { return .bytes(count) }
      if errno != EINTR { return errno == EAGAIN ? .later : .broken }
    }
  }

  private static func part(_ bytes: UnsafeRawBufferPointer) -> iovec {
    unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
  }

  /// Has the system forget what the client has not taken when the socket is closed.
  func dropUnsent() {
    var now = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
  }

  /// Says that nothing more will be sent.
  mutating func endWriting() {
    if let session = unsafe session {
      ERR_clear_error()
      _ = unsafe SSL_shutdown(session)
    }
    shutdown(descriptor, Int32(SHUT_WR))
  }
}
