import Base
import Testing
import Uploads

/// The protocol's text (tus 1.0.0), sentence by sentence.
struct ProtocolTests {
  static let rules = UploadRules(largestByteCount: 1000, lifetime: 100)

  static func head(
    _ method: String, _ place: UploadHead.Place, _ fields: [String: String] = [:], body: Int? = 0,
    version: String? = "1.0.0"
  ) -> UploadHead {
    var all = fields.map { (name: $0.key, value: $0.value) }
    if let version { all.append((name: "tus-resumable", value: version)) }
    return UploadHead(method, place, fields: all, bodyByteCount: body)
  }

  static func patch(_ offset: Int, _ count: Int?, checksum: String? = nil) throws -> UploadChunk {
    var fields = ["Content-Type": "application/offset+octet-stream", "Upload-Offset": "\(offset)"]
    fields["Upload-Checksum"] = checksum
    guard case .append(let chunk) = try UploadCall(head("PATCH", .upload, fields, body: count), rules) else {
      throw Fault(.bug, "no chunk")
    }
    return chunk
  }

  static func record(_ byteCount: Int = 100, metadata: String? = nil) throws -> UploadRecord {
    var fields = ["Upload-Length": "\(byteCount)"]
    fields["Upload-Metadata"] = metadata
    guard case .create(let creation) = try UploadCall(head("POST", .collection, fields), rules) else {
      throw Fault(.bug, "no creation")
    }
    return UploadRecord(id: "u1", owner: "acme", creation, rules, now: 1000)
  }

  private func status(_ head: UploadHead) -> Int? {
    do {
      _ = try UploadCall(head, Self.rules)
      return nil
    } catch { return error.answer.status }
  }

  @Test("OPTIONS needs no version, and tells versions, extensions, the longest upload and the checksums")
  func discovery() throws {
    #expect(try UploadCall(Self.head("OPTIONS", .collection, version: nil), Self.rules) == .discover)
    let answer = Self.rules.discovery
    #expect(answer.status == 204 && answer["Tus-Version"] == "1.0.0" && answer["Tus-Max-Size"] == "1000")
    #expect(answer["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination")
    #expect(answer["Tus-Checksum-Algorithm"] == "sha1,sha256")
    #expect(UploadRules().discovery["Tus-Max-Size"] == nil)
  }

  @Test(
    "Another version, or none, is 412 with the version that there is, and is not done",
    arguments: [nil, "0.2.2", "1.0"])
  func versions(version: String?) {
    for (method, place) in [
      ("POST", UploadHead.Place.collection), ("HEAD", .upload), ("PATCH", .upload), ("DELETE", .upload),
    ] {
      let fault = #expect(throws: UploadRefusal.self) {
        try UploadCall(Self.head(method, place, version: version), Self.rules)
      }
      #expect(fault?.answer.status == 412 && fault?.answer["Tus-Version"] == "1.0.0")
      #expect(fault?.answer["Tus-Resumable"] == "1.0.0", "every answer says it")
    }
  }

  @Test("X-HTTP-Method-Override makes a method that changes something another one, and a GET or HEAD none")
  func override() throws {
    let head = Self.head("POST", .upload, ["X-HTTP-Method-Override": "DELETE"])
    #expect(try UploadCall(head, Self.rules) == .terminate)
    #expect(
      try UploadCall(Self.head("PATCH", .upload, ["X-HTTP-Method-Override": "DELETE"]), Self.rules) == .terminate)
    #expect(try UploadCall(Self.head("HEAD", .upload, ["X-HTTP-Method-Override": "DELETE"]), Self.rules) == .look)
    #expect(status(Self.head("GET", .upload, ["X-HTTP-Method-Override": "DELETE"])) == 405)
  }

  @Test("A creation needs one length that is a number and not too large")
  func creation() throws {
    #expect(status(Self.head("POST", .collection)) == 400)
    for text in ["", "-1", "1.5", "+3", "0x10", "99999999999999999999", " "] {
      #expect(status(Self.head("POST", .collection, ["Upload-Length": text])) == 400, "'\(text)'")
    }
    #expect(status(Self.head("POST", .collection, ["Upload-Length": "1001"])) == 413)
    #expect(status(Self.head("POST", .collection, ["Upload-Length": "1000"])) == nil)
    #expect(status(Self.head("POST", .collection, ["Upload-Length": "0"])) == nil)
    #expect(status(Self.head("POST", .collection, ["Upload-Defer-Length": "1"])) == 400, "space is asked for first")
    #expect(status(Self.head("POST", .collection, ["Upload-Concat": "partial", "Upload-Length": "5"])) == 400)
    let answer = try Self.record().created(at: "/v1/uploads/u1", withChunk: false)
    #expect(answer.status == 201 && answer["Location"] == "/v1/uploads/u1" && answer["Upload-Offset"] == nil)
    #expect(answer["Upload-Expires"] == UTC.httpDate(1100))
  }

  @Test("A creation brings the first bytes as application/offset+octet-stream, and no other way")
  func creationWithUpload() throws {
    let fields = ["Upload-Length": "10", "Content-Type": "application/offset+octet-stream"]
    guard case .create(let creation) = try UploadCall(Self.head("POST", .collection, fields, body: 4), Self.rules)
    else {
      Issue.record("no creation")
      return
    }
    #expect(creation.chunk?.offset == 0 && creation.chunk?.byteCount == 4)
    #expect(status(Self.head("POST", .collection, fields, body: 11)) == 413)
    #expect(
      status(Self.head("POST", .collection, ["Upload-Length": "10", "Content-Type": "image/png"], body: 4)) == 415)
  }

  @Test("Metadata are names with values in base 64; a value may be missing, a name stands once")
  func metadata() throws {
    let record = try Self.record(metadata: "filename d29ybGQuaWNv,is_confidential,empty ")
    #expect(record.metadata.text("filename") == "world.ico" && record.metadata["is_confidential"] == [])
    #expect(record.metadata["other"] == nil)
    #expect(try record.look(now: 1000)["Upload-Metadata"] == "filename d29ybGQuaWNv,is_confidential,empty")
    for text in ["a !!!", "a b c", ",", "a YQ==,a YQ==", "a YQ==,", "\u{e9} YQ=="] {
      #expect(
        status(Self.head("POST", .collection, ["Upload-Length": "1", "Upload-Metadata": text])) == 400, "'\(text)'")
    }
    let digest = String(repeating: "0a", count: 32)
    let coded = Base64.encode(Array(digest.utf8))
    #expect(try Self.record(metadata: "sha256 \(coded)").expectedDigest == digest)
    #expect(status(Self.head("POST", .collection, ["Upload-Length": "1", "Upload-Metadata": "sha256 YQ=="])) == 400)
  }

  @Test("HEAD tells offset and length, and is not to be cached")
  func look() throws {
    var record = try Self.record()
    record.offset = 70
    let answer = try record.look(now: 1000)
    #expect(answer.status == 200 && answer["Upload-Offset"] == "70" && answer["Upload-Length"] == "100")
    #expect(answer["Cache-Control"] == "no-store" && answer["Upload-Metadata"] == nil)
  }

  @Test("PATCH needs its content type (415) and an offset that is the upload's (409)")
  func patch() throws {
    var record = try Self.record()
    record.offset = 70
    #expect(try record.admit(Self.patch(70, 30), now: 1000, isBusy: false) == 30)
    #expect(try record.admit(Self.patch(70, nil), now: 1000, isBusy: false) == 30)
    for (offset, count, busy, wanted) in [
      (0, 5, false, 409), (71, 1, false, 409), (70, 31, false, 413), (70, 5, true, 423),
    ] {
      let chunk = try Self.patch(offset, count)
      let refusal = #expect(throws: UploadRefusal.self) { try record.admit(chunk, now: 1000, isBusy: busy) }
      #expect(refusal?.answer.status == wanted)
      if wanted == 409 { #expect(refusal?.answer["Upload-Offset"] == "70") }
    }
    #expect(status(Self.head("PATCH", .upload, ["Upload-Offset": "0"], body: 3)) == 415)
    #expect(status(Self.head("PATCH", .upload, ["Content-Type": "application/offset+octet-stream"], body: 3)) == 400)
    record.offset = 100
    #expect(
      try record.admit(Self.patch(100, 0), now: 1000, isBusy: false) == 0, "nothing behind the end is nothing wrong")
    let answer = record.appended
    #expect(answer.status == 204 && answer["Upload-Offset"] == "100" && answer["Upload-Expires"] != nil)
  }

  @Test("A checksum names its algorithm; a wrong one is 460 and leaves the offset as it was")
  func checksums() throws {
    let sha1 = Base64.encode([UInt8](repeating: 7, count: 20))
    #expect(
      try Self.patch(0, 3, checksum: "sha1 \(sha1)").checksum == UploadChecksum(.sha1, [UInt8](repeating: 7, count: 20))
    )
    for text in ["md5 \(sha1)", "sha256 \(sha1)", "sha1", "sha1 ####", ""] {
      let refusal = #expect(throws: UploadRefusal.self) { try Self.patch(0, 3, checksum: text) }
      #expect(refusal?.answer.status == 400, "'\(text)'")
    }
    let refusal = try Self.record().wrongChecksum
    #expect(refusal.answer.status == 460 && refusal.answer["Upload-Offset"] == "0")
  }

  @Test("An upload that expired is 410 for every method; what is not there is 404; other methods are 405 with Allow")
  func gone() throws {
    let record = try Self.record()
    let chunk = try Self.patch(0, 1)
    #expect(throws: Never.self) { try record.look(now: 1099) }
    #expect((#expect(throws: UploadRefusal.self) { try record.look(now: 1100) })?.answer.status == 410)
    let append = #expect(throws: UploadRefusal.self) { try record.admit(chunk, now: 1100, isBusy: false) }
    #expect(append?.answer.status == 410)
    #expect(
      (#expect(throws: UploadRefusal.self) { try record.terminate(now: 1100, isBusy: false) })?.answer.status == 410)
    #expect(
      (#expect(throws: UploadRefusal.self) { try record.terminate(now: 1000, isBusy: true) })?.answer.status == 423)
    let method = #expect(throws: UploadRefusal.self) { try UploadCall(Self.head("GET", .upload), Self.rules) }
    #expect(method?.answer.status == 405 && method?.answer["Allow"] == "OPTIONS, HEAD, PATCH, DELETE")
    #expect(UploadRefusal(Fault(.exhausted, "full")).answer.status == 507)
  }

  @Test("A record is the same when it is read again, and anything else is a fault")
  func stored() throws {
    var record = try Self.record(
      metadata: "filename d29ybGQuaWNv,sha256 \(Base64.encode(Array(String(repeating: "0a", count: 32).utf8)))")
    record.offset = 42
    record.object = String(repeating: "b", count: 64)
    #expect(try UploadRecord(json: record.json, name: "r") == record)
    for cut in 0..<record.json.count - 1 {
      #expect(throws: Fault.self) { try UploadRecord(json: Array(record.json[..<cut]), name: "r") }
    }
  }
}
