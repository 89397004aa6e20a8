internal import Access
internal import Base
internal import Catalog
internal import Library
internal import Objects
internal import Uploads
internal import Web

/// One request to an upload by the tus protocol: its bytes go to the disk while they come.
///
/// Calls come one after the other (``BodySink``), so its state needs no lock.
final class UploadSink: BodySink, @unchecked Sendable {
  private let context: RequestContext
  private let desk: LibraryDesk
  private let place: UploadHead.Place
  private let id: String
  private var exchange: Exchange?
  private var part: UploadPart?
  private var chunk: UploadChunk?
  /// Bytes that may still come.
  private var room = 0
  /// The upload was made by this request.
  private var isNew = false

  private var library: Library { desk.library }
  private var now: Int { library.now / 1000 }

  init(_ context: RequestContext, _ desk: LibraryDesk, place: UploadHead.Place, id: String) {
    (self.context, self.desk, self.place, self.id) = (context, desk, place, id)
  }

  func begin(_ exchange: Exchange) {
    self.exchange = exchange
    perform { () throws(UploadRefusal) in
      switch try UploadCall(context.request.uploadHead(place), Library.uploadRules) {
      case .discover: answer(Library.uploadRules.discovery)
      case .create(let creation): try create(creation)
      case .look: try look()
      case .append(let chunk): try open(chunk)
      case .terminate: try terminate()
      }
    }
  }

  func append(_ bytes: [UInt8]) {
    guard let part, chunk != nil else { return }
    perform { () throws(UploadRefusal) in
      guard bytes.count <= room else {
        part.discard()
        throw part.record.tooLong
      }
      room -= bytes.count
      do throws(Fault) { try part.append(bytes.span.bytes) } catch { throw UploadRefusal(error) }
    }
  }

  func end() {
    guard exchange != nil else { return }
    perform { () throws(UploadRefusal) in
      guard let part else { return }
      if let chunk {
        let isRight: Bool
        do throws(Fault) { isRight = try part.end(chunk, now: now, Library.uploadRules) } catch {
          throw UploadRefusal(error)
        }
        guard isRight else { throw part.record.wrongChecksum }
      }
      guard part.record.isComplete else { return answer(reply(part.record)) }
      try complete(part)
    }
  }

  /// What came is counted when the part is let go.
  func broken() { (part, exchange) = (nil, nil) }

  private func create(_ creation: UploadCreation) throws(UploadRefusal) {
    let scope = context.libraryScope
    let named = creation.metadata.text("client")
    let client = named ?? (scope == .all ? "local" : context.caller.client)
    do throws(Fault) {
      part = try library.begin(creation, client: client, scope: scope)
    } catch { throw UploadRefusal(error) }
    (isNew, chunk, room) = (true, creation.chunk, creation.chunk == nil ? 0 : creation.byteCount)
  }

  private func look() throws(UploadRefusal) {
    let record = try record()
    var found = try record.look(now: now)
    if let asset = record.result { found.fields.append(UploadAnswer.Field("Asset-Id", asset)) }
    answer(found)
  }

  private func open(_ chunk: UploadChunk) throws(UploadRefusal) {
    _ = try record()
    do {
      switch try found() {
      case .none: throw UploadRefusal(404, "there is no such upload: begin a new one")
      case .busy(let record): _ = try record.admit(chunk, now: now, isBusy: true)
      case .complete(let record):
        room = try record.admit(chunk, now: now, isBusy: false)
        answer(record.appended)
      case .free(let part):
        room = try part.record.admit(chunk, now: now, isBusy: false)
        part.begin(chunk)
        (self.part, self.chunk) = (part, chunk)
      }
    }
  }

  private func terminate() throws(UploadRefusal) {
    _ = try record()
    switch try found() {
    case .none, .complete: throw UploadRefusal(404, "there is no such upload: begin a new one")
    case .busy(let record): try record.terminate(now: now, isBusy: true)
    case .free(let part):
      try part.record.terminate(now: now, isBusy: false)
      do { try part.remove() } catch { throw UploadRefusal(error) }
      answer(UploadRecord.terminated)
    }
  }

  private func record() throws(UploadRefusal) -> UploadRecord {
    do { return try library.upload(id, scope: context.libraryScope) } catch { throw UploadRefusal(error) }
  }

  private func found() throws(UploadRefusal) -> UploadFolder.Found {
    do { return try library.uploads.open(id) } catch { throw UploadRefusal(error) }
  }

  private func reply(_ record: UploadRecord) -> UploadAnswer {
    isNew ? record.created(at: "/v1/uploads/\(record.id)", withChunk: chunk != nil) : record.appended
  }

  /// The last bytes are there: the whole becomes an asset.
  private func complete(_ part: UploadPart) throws(UploadRefusal) {
    do throws(Fault) {
      let (stored, digest) = try part.complete()
      guard let stored else { return answer(part.record.wrongDigest(digest).answer) }
      let record = part.record
      self.part = nil
      let added = try library.finish(record, stored, examiner: desk.examiner)
      var found = reply(record)
      found.fields.append(UploadAnswer.Field("Asset-Id", added.asset.id.text))
      answer(found)
    } catch { throw UploadRefusal(error) }
  }

  private func answer(_ found: UploadAnswer) {
    exchange.take()?.answer(found.response(context.request))
  }

  private func perform(_ work: () throws(UploadRefusal) -> Void) {
    do throws(UploadRefusal) { try work() } catch {
      part = nil
      answer(error.answer)
    }
  }
}

extension Request {
  /// The fields of tus that a request has.
  func uploadHead(_ place: UploadHead.Place) -> UploadHead {
    let names = [
      "Tus-Resumable", "Upload-Length", "Upload-Defer-Length", "Upload-Concat", "Upload-Metadata", "Upload-Offset",
      "Upload-Checksum", "Content-Type", "X-HTTP-Method-Override",
    ]
    let fields = names.compactMap { name in header(name).map { (name: name, value: $0) } }
    let isChunked = header("transfer-encoding") != nil || version == .http2 && header("content-length") == nil
    return UploadHead(
      method, place, fields: fields,
      bodyByteCount: header("content-length").flatMap { Int($0) } ?? (isChunked ? nil : 0))
  }
}
