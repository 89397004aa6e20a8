public import Base
internal import CCrypto

/// Ed25519 (RFC 8032): who holds the private key signs, and everybody who has the public key can see that it was they.
public enum Ed25519 {
  public static let keyByteCount = 32
  public static let signatureByteCount = 64

  /// A key of OpenSSL's, of either kind.
  @safe fileprivate final class Handle: @unchecked Sendable {  // never changed once it is read
    let key: OpaquePointer

    init(_ key: OpaquePointer) { unsafe self.key = key }

    deinit { unsafe EVP_PKEY_free(key) }

    /// The public key's bytes, also of a private one.
    var publicBytes: [UInt8] {
      var (bytes, count) = ([UInt8](repeating: 0, count: keyByteCount), keyByteCount)
      let isGiven = unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 && count == keyByteCount
      precondition(isGiven, "OpenSSL does not give the bytes of a key that it read")
      return bytes
    }
  }

  /// What can be checked with it; compare two by their ``bytes``.
  public struct PublicKey: Sendable {
    private let handle: Handle

    /// Reads a PEM file's text, as `openssl pkey -pubout` writes it.
    ///
    /// - Throws: `badInput` where it is no public key of Ed25519; `name` is what the file is called.
    public init(pem: [UInt8], name: String) throws(Fault) {
      handle = unsafe try Ed25519.read(pem, name, what: "a public key") {
        unsafe PEM_read_bio_PUBKEY($0, nil, nil, nil)
      }
    }

    /// - Throws: `badInput` where these are no 32 bytes of a key.
    public init(bytes: [UInt8]) throws(Fault) {
      guard bytes.count == keyByteCount,
        let key = unsafe EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count)
      else { throw Fault(.badInput, "a public key of Ed25519 has \(keyByteCount) bytes, and these are \(bytes.count)") }
      handle = unsafe Handle(key)
    }

    fileprivate init(of key: Handle) throws(Fault) { try self.init(bytes: key.publicBytes) }

    public var bytes: [UInt8] { handle.publicBytes }

    /// Whether the owner of the private key signed these bytes.
    public func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
      guard signature.count == signatureByteCount, let context = unsafe EVP_MD_CTX_new() else { return false }
      defer {
        unsafe EVP_MD_CTX_free(context)
        ERR_clear_error()
      }
      return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, handle.key) == 1
        && EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
    }
  }

  /// What is signed with; it is in no message and no file of Ridley's.
  public struct PrivateKey: Sendable {
    private let handle: Handle

    /// Reads a PEM file's text, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// - Throws: `badInput` where it is no private key of Ed25519, or one behind a passphrase; `name` is what the file is called.
    public init(pem: [UInt8], name: String) throws(Fault) {
      if String(decoding: pem, as: UTF8.self).contains("ENCRYPTED PRIVATE KEY") {
        throw Fault(
          .badInput,
          "\(name) is behind a passphrase, which nobody asks for here: write it without one ('openssl pkey -in \(name) -out plain.pem') where only its owner can read it"
        )
      }
      // Words of its own for a passphrase, so that the library does not ask at the terminal.
      handle = unsafe try Ed25519.read(pem, name, what: "a private key") { bio in
        var none: CChar = 0
        return unsafe PEM_read_bio_PrivateKey(bio, nil, nil, &none)
      }
    }

    public var publicKey: PublicKey {
      get throws(Fault) { try PublicKey(of: handle) }
    }

    /// The same bytes always have the same signature: 64 bytes.
    public func signature(of bytes: [UInt8]) throws(Fault) -> [UInt8] {
      guard let context = unsafe EVP_MD_CTX_new() else { throw .noMemory(to: "sign") }
      defer { unsafe EVP_MD_CTX_free(context) }
      var (signature, count) = ([UInt8](repeating: 0, count: signatureByteCount), signatureByteCount)
      let isMade =
        unsafe EVP_DigestSignInit(context, nil, nil, nil, handle.key) == 1
        && EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1
      guard isMade, count == signatureByteCount else {
        ERR_clear_error()
        throw Fault(.unsupported, "OpenSSL gives no Ed25519 here: a provider that forbids it")
      }
      return signature
    }
  }

  @unsafe private static func read(
    _ pem: [UInt8], _ name: String, what: String, _ body: (OpaquePointer) -> OpaquePointer?
  ) throws(Fault) -> Handle {
    let found = unsafe pem.withUnsafeBytes { bytes in
      guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(min(bytes.count, 1 << 20))) else {
        return unsafe nil as OpaquePointer?
      }
      defer { unsafe BIO_free(bio) }
      return unsafe body(bio)
    }
    ERR_clear_error()
    guard let key = unsafe found else {
      throw Fault(.badInput, "\(name) is not \(what) in PEM: \(Self.advice(what))")
    }
    let handle = unsafe Handle(key)
    guard unsafe EVP_PKEY_is_a(key, "ED25519") == 1 else {
      let kind = unsafe EVP_PKEY_get0_type_name(key).map { unsafe String(cString: $0) } ?? "another kind"
      throw Fault(.badInput, "\(name) is a key of \(kind), and versions are signed with Ed25519: \(Self.advice(what))")
    }
    return handle
  }

  private static func advice(_ what: String) -> String {
    what == "a public key"
      ? "'openssl pkey -in key.pem -pubout -out public.pem' writes one"
      : "'openssl genpkey -algorithm ed25519 -out key.pem' makes one"
  }
}
