internal import Base

/// The checksum of one request's body.
public struct UploadChecksum: Sendable, Hashable {
  /// tus demands SHA-1 of every server that checks.
  public enum Algorithm: String, Sendable, Hashable, CaseIterable {
    case sha1, sha256

    var byteCount: Int { self == .sha1 ? 20 : 32 }
    static let list = allCases.map(\.rawValue).joined(separator: ",")
  }

  public let algorithm: Algorithm
  public let bytes: [UInt8]

  public init(_ algorithm: Algorithm, _ bytes: [UInt8]) { (self.algorithm, self.bytes) = (algorithm, bytes) }

  /// Reads `Upload-Checksum`: the algorithm's name, a space, and the checksum in base 64.
  init(field text: String) throws(UploadRefusal) {
    let words = text.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2 else {
      throw UploadRefusal(400, "Upload-Checksum is the name of an algorithm and a checksum in base 64")
    }
    guard let algorithm = Algorithm(rawValue: words[0].lowercased()) else {
      throw UploadRefusal(
        400, "the algorithm of Upload-Checksum is not known here, only \(Algorithm.list)",
        [UploadAnswer.Field("Tus-Checksum-Algorithm", Algorithm.list)])
    }
    guard let bytes = Base64.decode(String(words[1])), bytes.count == algorithm.byteCount else {
      throw UploadRefusal(400, "the checksum of Upload-Checksum is no \(algorithm.rawValue) in base 64")
    }
    self.init(algorithm, bytes)
  }
}
