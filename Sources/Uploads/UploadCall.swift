internal import Base

/// What a request asks for, read from its head against the protocol alone.
public enum UploadCall: Sendable, Hashable {
  /// What can this server do?
  case discover
  case create(UploadCreation)
  /// How far has it come?
  case look
  case append(UploadChunk)
  case terminate

  static let contentType = "application/offset+octet-stream"

  /// - Throws: the answer to a request that is none of the protocol.
  public init(_ head: UploadHead, _ rules: UploadRules) throws(UploadRefusal) {
    let method = head.meantMethod
    if method == "OPTIONS" {
      self = .discover
      return
    }
    guard head["Tus-Resumable"] == UploadRules.version else {
      throw UploadRefusal(
        412, "Tus-Resumable names the protocol's version, here \(UploadRules.version)",
        [UploadAnswer.Field("Tus-Version", UploadRules.version)])
    }
    switch (head.place, method) {
    case (.collection, "POST"): self = .create(try UploadCreation(head, rules))
    case (.upload, "HEAD"): self = .look
    case (.upload, "PATCH"): self = .append(try UploadChunk(head))
    case (.upload, "DELETE"): self = .terminate
    default:
      let allowed = head.place == .collection ? "OPTIONS, POST" : "OPTIONS, HEAD, PATCH, DELETE"
      throw UploadRefusal(405, "uploads take no \(method) here", [UploadAnswer.Field("Allow", allowed)])
    }
  }
}

/// A new upload that is asked for.
public struct UploadCreation: Sendable, Hashable {
  public let byteCount: Int
  public let metadata: UploadMetadata
  /// SHA-256 of the whole, 64 hexadecimal digits in lower case, where the client says it in the metadata `sha256`.
  public let digest: String?
  /// The first bytes, where they come with the request.
  public let chunk: UploadChunk?

  init(_ head: UploadHead, _ rules: UploadRules) throws(UploadRefusal) {
    guard !head.has("Upload-Concat") else {
      throw UploadRefusal(400, "uploads are not joined here: send the whole file as one upload")
    }
    guard !head.has("Upload-Defer-Length") else {
      throw UploadRefusal(400, "the length of an upload must be known: space is kept for it before the first byte")
    }
    guard let text = head["Upload-Length"], let byteCount = UploadHead.number(text) else {
      throw UploadRefusal(400, "Upload-Length, the number of bytes of the whole, is missing or no number")
    }
    if let largest = rules.largestByteCount, byteCount > largest {
      throw UploadRefusal(
        413, "an upload may have \(largest) bytes, not \(byteCount)", [UploadAnswer.Field("Tus-Max-Size", "\(largest)")]
      )
    }
    self.byteCount = byteCount
    metadata = try UploadMetadata(field: head["Upload-Metadata"] ?? "")
    digest = try Self.digest(in: metadata)
    chunk = try Self.chunk(of: head, byteCount)
  }

  private static func digest(in metadata: UploadMetadata) throws(UploadRefusal) -> String? {
    guard metadata["sha256"] != nil else { return nil }
    let digits = metadata.text("sha256")?.lowercased() ?? ""
    guard Hex.bytes(digits)?.count == 32 else {
      throw UploadRefusal(400, "sha256 in Upload-Metadata is 64 hexadecimal digits")
    }
    return digits
  }

  private static func chunk(of head: UploadHead, _ byteCount: Int) throws(UploadRefusal) -> UploadChunk? {
    guard head["Content-Type"] == UploadCall.contentType else {
      guard head.bodyByteCount == 0 || head.bodyByteCount == nil && !head.has("Content-Type") else {
        throw UploadRefusal(415, "the first bytes of an upload come as \(UploadCall.contentType)")
      }
      return nil
    }
    let chunk = try UploadChunk(head, at: 0)
    if let count = chunk.byteCount, count > byteCount {
      throw UploadRefusal(413, "\(count) bytes come for an upload of \(byteCount)")
    }
    return chunk
  }
}

/// Bytes that a request brings.
public struct UploadChunk: Sendable, Hashable {
  /// Where they belong.
  public let offset: Int
  /// How many they are, where that is announced.
  public let byteCount: Int?
  public let checksum: UploadChecksum?

  init(_ head: UploadHead) throws(UploadRefusal) {
    guard head["Content-Type"] == UploadCall.contentType else {
      throw UploadRefusal(415, "bytes of an upload come as \(UploadCall.contentType)")
    }
    guard let text = head["Upload-Offset"], let offset = UploadHead.number(text) else {
      throw UploadRefusal(400, "Upload-Offset, the place of the bytes, is missing or no number")
    }
    try self.init(head, at: offset)
  }

  init(_ head: UploadHead, at offset: Int) throws(UploadRefusal) {
    self.offset = offset
    byteCount = head.bodyByteCount
    var checksum: UploadChecksum?
    if let text = head["Upload-Checksum"] { checksum = try UploadChecksum(field: text) }
    self.checksum = checksum
  }
}
