internal import Base
internal import Crypto
internal import XML

/// Uploads in parts: nothing is visible before the last request, and what is there of one can be asked.
extension S3Client {
  struct Upload {
    let key: String
    let id: String
    /// When it was begun, by the service's clock.
    let time: Int
  }

  struct UploadedPart: Hashable {
    let number: Int
    let etag: String
    let byteCount: Int
  }

  func beginUpload(_ key: String) throws(Fault) -> String {
    var request = S3Request("POST", key, [("uploads", "")])
    request.headers = settings.encryption.headers
    request.body = []
    let root = try Self.root(try get(request, to: "begin an upload"), "InitiateMultipartUploadResult")
    guard let id = root.text(of: "UploadId"), !id.isEmpty else { throw Self.odd("an upload without a name") }
    return id
  }

  /// Its ETag; `nil` where there is no such upload any more.
  func putPart(_ key: String, _ id: String, number: Int, _ bytes: [UInt8], md5: String) throws(Fault) -> String? {
    var request = S3Request("PUT", key, [("partNumber", "\(number)"), ("uploadId", id)])
    request.set(body: bytes, md5: Hex.bytes(md5))
    let answer = try send(request, to: "write a part of an object")
    if answer.status == 404, S3Failure(answer, clock: 0).code == "NoSuchUpload" { return nil }
    guard answer.status == 200, !answer.etag.isEmpty else { throw fault(of: answer, to: "write a part of an object") }
    try check(answer.etag, md5)
    return answer.etag
  }

  /// `nil` where there is no such upload.
  func parts(_ key: String, _ id: String) throws(Fault) -> [UploadedPart]? {
    var (parts, marker): ([UploadedPart], String?) = ([], nil)
    while true {
      let query = [(name: "uploadId", value: id)] + (marker.map { [("part-number-marker", $0)] } ?? [])
      let answer = try send(S3Request("GET", key, query), to: "look at an upload")
      if answer.status == 404 { return nil }
      guard answer.status == 200 else { throw fault(of: answer, to: "look at an upload") }
      let root = try Self.root(answer, "ListPartsResult")
      for element in root.all("Part") {
        guard let number = element.text(of: "PartNumber").flatMap({ Int($0) }), let etag = element.text(of: "ETag"),
          let byteCount = element.text(of: "Size").flatMap({ Int($0) })
        else { throw Self.odd("a part without a number, ETag or size") }
        parts.append(UploadedPart(number: number, etag: etag.filter { $0 != "\"" }, byteCount: byteCount))
      }
      guard root.text(of: "IsTruncated") == "true" else { return parts }
      let next = root.text(of: "NextPartNumberMarker")
      guard let next, next != marker else { throw Self.odd("a list of parts without an end") }
      marker = next
    }
  }

  /// What the end of an upload found.
  enum Completion {
    case done
    /// Something of that key stood there already, and stays.
    case wasThere
    /// There is no such upload any more: it was ended before by a request whose answer was lost, or given up.
    case unknown
  }

  func completeUpload(
    _ key: String, _ id: String, etags: [String], onlyIfAbsent: Bool
  ) throws(Fault) -> Completion {
    var request = S3Request("POST", key, [("uploadId", id)])
    if onlyIfAbsent { request.headers.append(("If-None-Match", "*")) }
    let parts = etags.enumerated().map {
      "<Part><PartNumber>\($0.offset + 1)</PartNumber><ETag>\"\($0.element)\"</ETag></Part>"
    }
    request.body = Array("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".utf8)
    let answer = try send(request, to: "end an upload")
    let failure = S3Failure(answer, clock: settings.clock())
    switch (answer.status, failure.code) {
    case (200...299, ""): return .done
    case (412, _) where onlyIfAbsent, (_, "PreconditionFailed") where onlyIfAbsent: return .wasThere
    case (_, "NoSuchUpload"): return .unknown
    default: throw failure.fault(address, "end an upload")
    }
  }

  /// Gives up an upload and its parts, whether there was one or not.
  func abortUpload(_ key: String, _ id: String) throws(Fault) {
    let answer = try send(S3Request("DELETE", key, [("uploadId", id)]), to: "give up an upload")
    guard (200...299).contains(answer.status) || answer.status == 404 else {
      throw fault(of: answer, to: "give up an upload")
    }
  }

  /// Uploads of keys that begin with `prefix` and were neither ended nor given up, with the service's clock.
  func uploads(_ prefix: String) throws(Fault) -> (uploads: [Upload], date: Int?) {
    var (uploads, date, markers): ([Upload], Int?, (key: String, id: String)?) = ([], nil, nil)
    while true {
      // Not asked for in an encoding: SeaweedFS 4.48 says then that keys are encoded, and does not do it. Keys of a prefix of ours are such as XML can hold.
      var query = [(name: "uploads", value: ""), ("prefix", prefix)]
      if let markers { query += [("key-marker", markers.key), ("upload-id-marker", markers.id)] }
      let answer = try get(S3Request("GET", nil, query), to: "list uploads")
      date = date ?? answer.date
      let root = try Self.root(answer, "ListMultipartUploadsResult")
      for element in root.all("Upload") {
        guard let key = element.text(of: "Key"), let id = element.text(of: "UploadId"),
          let time = element.text(of: "Initiated").flatMap({ S3Time.seconds($0) })
        else { throw Self.odd("an upload without a key, name or time") }
        // A service may have found more than was asked for.
        if key.hasPrefix(prefix) { uploads.append(Upload(key: key, id: id, time: time)) }
      }
      guard root.text(of: "IsTruncated") == "true" else { return (uploads, date) }
      let next = root.text(of: "NextKeyMarker").map { ($0, root.text(of: "NextUploadIdMarker") ?? "") }
      guard let next, markers == nil || next != markers! else { throw Self.odd("a list of uploads without an end") }
      markers = next
    }
  }
}
