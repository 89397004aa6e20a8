public import Base
internal import Crypto

extension S3Client {
  /// What a conditional write found.
  public enum Put: Sendable, Hashable {
    case written(etag: String)
    /// Something of that key stood there already, and stays.
    case wasThere
  }

  /// Bytes of an object's range, and how many it has in all.
  public struct Part: Sendable {
    public let bytes: [UInt8]
    public let total: Int
    /// Another for other bytes: parts of two objects do not fit together.
    public let etag: String
  }

  /// `nil` where there is no such object.
  public func head(_ key: String) throws(Fault) -> S3Entry? {
    let answer = try send(S3Request("HEAD", key), to: "look at an object")
    if answer.status == 404 { return nil }
    guard answer.status == 200, let byteCount = answer["content-length"].flatMap({ Int($0) }) else {
      throw fault(of: answer, to: "look at an object")
    }
    let time = answer["last-modified"].flatMap { S3Time.seconds(header: $0) } ?? 0
    return S3Entry(key: key, byteCount: byteCount, etag: answer.etag, time: time)
  }

  /// The bytes of a range, as far as there are such; `nil` where there is no such object.
  ///
  /// They go into memory: ask for few megabytes at a time.
  public func get(_ key: String, _ range: Range<Int>) throws(Fault) -> Part? {
    var request = S3Request("GET", key)
    let wanted = range.isEmpty ? range.lowerBound..<(range.lowerBound + 1) : range
    request.headers = [("Range", "bytes=\(wanted.lowerBound)-\(wanted.upperBound - 1)")]
    let answer = try send(request, to: "read an object")
    switch answer.status {
    case 404 where S3Failure(answer, clock: 0).code != "NoSuchBucket": return nil
    case 416:
      // The range begins behind the end, as every one of an empty object does.
      return try head(key).map { Part(bytes: [], total: $0.byteCount, etag: $0.etag) }
    case 206:
      let total = answer["content-range"]?.split(separator: "/").last.flatMap { Int($0) }
      let whole = total.map { min($0, wanted.upperBound) - wanted.lowerBound }
      guard let total, answer.body.count == whole else {
        throw Fault(.unavailable, "\(address.server.host) gave another range than it was asked for")
      }
      return Part(bytes: range.isEmpty ? [] : answer.body, total: total, etag: answer.etag)
    case 200 where range.lowerBound == 0:
      // A service may answer with all where all was asked for.
      let bytes = answer.body.prefix(range.upperBound)
      return Part(bytes: Array(bytes), total: answer.body.count, etag: answer.etag)
    default: throw fault(of: answer, to: "read an object")
    }
  }

  /// Writes an object in one request, and compares what the service says of it where that is a digest.
  public func put(_ key: String, _ bytes: [UInt8], onlyIfAbsent: Bool = false) throws(Fault) -> Put {
    try write(key, bytes, onlyIfAbsent: onlyIfAbsent).put
  }

  /// The same with the service's clock when it was done.
  func write(_ key: String, _ bytes: [UInt8], onlyIfAbsent: Bool) throws(Fault) -> (put: Put, date: Int?) {
    var request = S3Request("PUT", key)
    request.headers = settings.encryption.headers
    if onlyIfAbsent { request.headers.append(("If-None-Match", "*")) }
    let md5 = MD5.hex(of: bytes)
    request.set(body: bytes, md5: Hex.bytes(md5))
    let answer = try send(request, to: "write an object")
    if onlyIfAbsent, answer.status == 412 { return (.wasThere, answer.date) }
    guard (200...299).contains(answer.status) else { throw fault(of: answer, to: "write an object") }
    try check(answer.etag, md5)
    return (.written(etag: answer.etag), answer.date)
  }

  /// An ETag is the MD5 of what arrived, but where the service encrypts in some ways; then its form does not tell.
  func check(_ etag: String, _ md5: String) throws(Fault) {
    guard settings.encryption == .none, etag.utf8.count == 32, Hex.bytes(etag) != nil, etag != md5 else { return }
    throw Fault(
      .unavailable, "\(address.server.host) stored other bytes than were sent: try again, and look at the network",
      cause: "ETag \(etag), MD5 \(md5)")
  }

  /// Takes an object away, whether there was one or not.
  ///
  /// With a fence: refused by the service later than that.
  func delete(_ key: String, fence: (date: Int, seconds: Int)? = nil) throws(Fault) {
    var request = S3Request("DELETE", key)
    request.fence = fence
    let answer = try send(request, to: "delete an object")
    guard (200...299).contains(answer.status) || answer.status == 404 else {
      throw fault(of: answer, to: "delete an object")
    }
  }

  /// Takes an object away, whether there was one or not.
  public func remove(_ key: String) throws(Fault) { try delete(key) }

  /// Has the service copy an object of this bucket of at most 5 GiB.
  public func copy(_ source: String, to key: String) throws(Fault) {
    var request = S3Request("PUT", key)
    let place = PercentEncoding.path("/\(address.bucket)/\(source)")
    request.headers = settings.encryption.headers + [("x-amz-copy-source", place)]
    _ = try get(request, to: "copy an object")
  }

  /// Makes the bucket where it is missing: for tests, and services of one's own.
  public func makeBucket() throws(Fault) {
    var request = S3Request("PUT", nil)
    request.body = []
    let answer = try send(request, to: "make a bucket")
    guard (200...299).contains(answer.status) || answer.status == 409 else {
      throw fault(of: answer, to: "make a bucket")
    }
  }

  /// An address with which anybody may read one object for so many seconds, and do nothing else.
  ///
  /// With `contentType` the answer has that type, with `fileName` browsers store it under that name. Nothing is asked of the service.
  public func address(
    of key: String, seconds: Int, contentType: String? = nil, fileName: String? = nil
  ) throws(Fault) -> String {
    guard (1...604_800).contains(seconds) else {
      throw Fault(.usage, "an address lasts between 1 second and 7 days, not \(seconds) seconds")
    }
    var request = S3Request("GET", key)
    if let contentType { request.query.append(("response-content-type", contentType)) }
    if let fileName {
      let plain = String(
        fileName.unicodeScalars.map {
          32...126 ~= $0.value && !"\"\\".unicodeScalars.contains($0) ? Character($0) : "_"
        })
      let value = "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(PercentEncoding.encode(fileName))"
      request.query.append(("response-content-disposition", value))
    }
    let server = address.publicServer
    let subject = subject(request, at: server)
    let query = try signer().query(of: subject, seconds: seconds, date: settings.clock())
    return "\(server.scheme)://\(subject.host)\(subject.path)?\(query)"
  }
}
