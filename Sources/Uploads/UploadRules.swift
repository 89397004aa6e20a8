/// What a server allows of uploads.
public struct UploadRules: Sendable, Hashable {
  public static let version = "1.0.0"
  static let extensions = "creation,creation-with-upload,checksum,expiration,termination"

  /// Longest upload; `nil` for any.
  public var largestByteCount: Int?
  /// Seconds that an upload is kept from its last byte on.
  public var lifetime: Int

  public init(largestByteCount: Int? = nil, lifetime: Int = 24 * 3600) {
    precondition(lifetime > 0, "uploads that expire at once cannot be continued")
    (self.largestByteCount, self.lifetime) = (largestByteCount, lifetime)
  }

  /// The answer to OPTIONS: versions, extensions, the longest upload, checksums.
  public var discovery: UploadAnswer {
    var fields = [
      UploadAnswer.Field("Tus-Version", Self.version), UploadAnswer.Field("Tus-Extension", Self.extensions),
      UploadAnswer.Field("Tus-Checksum-Algorithm", UploadChecksum.Algorithm.list),
    ]
    if let largestByteCount { fields.append(UploadAnswer.Field("Tus-Max-Size", "\(largestByteCount)")) }
    return UploadAnswer(204, fields)
  }
}
