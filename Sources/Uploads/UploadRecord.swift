internal import Base

/// How far one upload has come; what is on the disk beside its bytes.
///
/// `offset` counts bytes that are on the disk and that a client may rely on. All times are seconds since 1970.
public struct UploadRecord: Sendable, Hashable {
  public let id: String
  /// To whom it belongs, in the words of the one who keeps it.
  public let owner: String
  public let byteCount: Int
  public let metadata: UploadMetadata
  /// SHA-256 that the client announced.
  public let expectedDigest: String?
  public let created: Int
  public var offset = 0
  public var expires: Int
  /// The digest of the whole: set when every byte is there and was found right, and stays known until it expires.
  public var object: String?
  /// What the whole became, in the words of the one who keeps it; set once that is written down.
  public var result: String?

  /// A new upload at a moment; `id` must be such that it cannot be guessed.
  public init(id: String, owner: String, _ creation: UploadCreation, _ rules: UploadRules, now: Int) {
    self.init(
      id: id, owner: owner, byteCount: creation.byteCount, metadata: creation.metadata,
      expectedDigest: creation.digest, created: now, expires: now + rules.lifetime)
  }

  init(
    id: String, owner: String, byteCount: Int, metadata: UploadMetadata, expectedDigest: String?, created: Int,
    expires: Int
  ) {
    (self.id, self.owner, self.byteCount, self.metadata) = (id, owner, byteCount, metadata)
    (self.expectedDigest, self.created, self.expires) = (expectedDigest, created, expires)
  }

  public var isComplete: Bool { offset == byteCount }
  public func isExpired(now: Int) -> Bool { now >= expires }

  /// The answer to a creation; `location` is the upload's address.
  public func created(at location: String, withChunk: Bool) -> UploadAnswer {
    var fields = [UploadAnswer.Field("Location", location)]
    if withChunk { fields.append(UploadAnswer.Field("Upload-Offset", "\(offset)")) }
    return UploadAnswer(201, fields + expiry)
  }

  /// The answer to HEAD.
  public func look(now: Int) throws(UploadRefusal) -> UploadAnswer {
    try refuseExpired(now)
    var fields = [
      UploadAnswer.Field("Upload-Offset", "\(offset)"), UploadAnswer.Field("Upload-Length", "\(byteCount)"),
      UploadAnswer.Field("Cache-Control", "no-store"),
    ]
    if !metadata.field.isEmpty { fields.append(UploadAnswer.Field("Upload-Metadata", metadata.field)) }
    return UploadAnswer(200, fields + expiry)
  }

  /// How many bytes of a chunk may be taken at most; one more than that is too much.
  ///
  /// `isBusy` says that another request is at this upload.
  public func admit(_ chunk: UploadChunk, now: Int, isBusy: Bool) throws(UploadRefusal) -> Int {
    try refuseExpired(now)
    guard !isBusy else { throw Self.busy }
    guard chunk.offset == offset else {
      throw UploadRefusal(
        409, "the upload stands at \(offset), not at \(chunk.offset): ask with HEAD and go on from there",
        [UploadAnswer.Field("Upload-Offset", "\(offset)")])
    }
    if let count = chunk.byteCount, count > byteCount - offset { throw tooLong }
    return byteCount - offset
  }

  /// The answer to bytes that were taken and are on the disk.
  public var appended: UploadAnswer {
    UploadAnswer(204, [UploadAnswer.Field("Upload-Offset", "\(offset)")] + expiry)
  }

  /// Whether it may be ended by its client.
  public func terminate(now: Int, isBusy: Bool) throws(UploadRefusal) {
    try refuseExpired(now)
    guard !isBusy else { throw Self.busy }
  }

  public static let terminated = UploadAnswer(204)

  /// Another request has it.
  public static let busy = UploadRefusal(
    423, "another request is at this upload: wait until it ends", [UploadAnswer.Field("Retry-After", "1")])

  /// More bytes came than the upload has.
  public var tooLong: UploadRefusal {
    UploadRefusal(413, "more than the \(byteCount) bytes come that the upload was announced with")
  }

  /// The chunk is not what its checksum says; nothing of it is kept.
  public var wrongChecksum: UploadRefusal {
    UploadRefusal(
      460, "the bytes are not what Upload-Checksum says: send them again from \(offset)",
      [UploadAnswer.Field("Upload-Offset", "\(offset)")])
  }

  /// The whole is not what the client announced.
  public func wrongDigest(_ found: String) -> UploadRefusal {
    UploadRefusal(
      460, "the bytes have the SHA-256 \(found), not \(expectedDigest ?? "none"): the upload is gone, begin a new one")
  }

  private func refuseExpired(_ now: Int) throws(UploadRefusal) {
    guard isExpired(now: now) else { return }
    throw UploadRefusal(410, "the upload was not continued in time and is gone: begin a new one")
  }

  private var expiry: [UploadAnswer.Field] { [UploadAnswer.Field("Upload-Expires", UTC.httpDate(expires))] }
}
