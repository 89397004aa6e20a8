public import Base
internal import CCrypto

/// A key of the curve P-256 with a certificate that it signed itself, for TLS between two who know each other's keys.
///
/// It holds for all times: what counts is the key, and clocks may be wrong.
public struct SelfSignedCertificate: Sendable {
  /// The private key and the certificate, one behind the other: for a file that its owner alone reads.
  public let pem: [UInt8]
  /// See ``fingerprint(ofPEM:name:)``.
  public let fingerprint: [UInt8]

  /// Makes a new key; `name` is a word that stands in the certificate, of letters that ASCII has.
  ///
  /// - Throws: `unsupported` where OpenSSL makes none.
  public init(name: String) throws(Fault) {
    defer { ERR_clear_error() }
    let none = Fault(.unsupported, "OpenSSL makes no key of the curve P-256 here: a provider that forbids it")
    guard let key = unsafe ridley_make_ec_key() else { throw none }
    defer { unsafe EVP_PKEY_free(key) }
    guard let certificate = unsafe X509_new() else { throw .noMemory(to: "make a certificate") }
    defer { unsafe X509_free(certificate) }
    let isMade =
      unsafe X509_set_version(certificate, 2) == 1
      && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), UInt64.random(in: 1 ... .max)) == 1
      && ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20000101000000Z") == 1
      && ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1
      && ridley_name_certificate(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1
      && X509_sign(certificate, key, EVP_sha256()) > 0
    guard isMade else { throw none }
    pem = unsafe try Self.pem { bio in
      unsafe PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 && PEM_write_bio_X509(bio, certificate) == 1
    }
    fingerprint = unsafe try Self.fingerprint(of: certificate)
  }

  /// SHA-256 of the public key (SubjectPublicKeyInfo, DER) in the first certificate of a PEM text, 32 bytes: by that its owner is known.
  ///
  /// - Throws: `badInput` where there is no certificate; `name` is what the file is called.
  public static func fingerprint(ofPEM pem: [UInt8], name: String) throws(Fault) -> [UInt8] {
    defer { ERR_clear_error() }
    let found = unsafe pem.withUnsafeBytes { bytes in
      guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(min(bytes.count, 1 << 20))) else {
        return unsafe nil as OpaquePointer?
      }
      defer { unsafe BIO_free(bio) }
      return unsafe PEM_read_bio_X509(bio, nil, nil, nil)
    }
    guard let certificate = unsafe found else { throw Fault(.badInput, "\(name) holds no certificate in PEM form") }
    defer { unsafe X509_free(certificate) }
    return unsafe try fingerprint(of: certificate)
  }

  private static func fingerprint(of certificate: OpaquePointer) throws(Fault) -> [UInt8] {
    var der = unsafe UnsafeMutablePointer<UInt8>?.none
    let count = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der)
    guard count > 0, let bytes = unsafe der else { throw .noMemory(to: "read a certificate") }
    defer { unsafe CRYPTO_free(bytes, "", 0) }
    var digest = SHA256()
    unsafe digest.update(UnsafeRawBufferPointer(start: bytes, count: Int(count)).bytes)
    return digest.finishBytes()
  }

  private static func pem(_ write: (OpaquePointer) -> Bool) throws(Fault) -> [UInt8] {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw .noMemory(to: "write a key") }
    defer { unsafe BIO_free(bio) }
    guard unsafe write(bio) else { throw .noMemory(to: "write a key") }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 12)
    while true {
      let count = unsafe BIO_read(bio, &block, Int32(block.count))
      guard count > 0 else { return bytes }
      bytes += block[..<Int(count)]
    }
  }
}
