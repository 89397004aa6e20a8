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
  /// It is asked about, and only lacks becoming an asset.
  private var isLook = false

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
      part.keep(until: now + Library.uploadRules.lifetime)
    }
  }

  func end() {
    guard exchange != nil, part != nil else { return }
    // The part is let go before the answer: its client may go on at once.
    perform { () throws(UploadRefusal) in answer(try finish()) }
  }

  /// What came is counted when the part is let go.
  func broken() {
    abandon()
    exchange = nil
  }

  /// Lets the part go; an upload whose client was never told its address could not be continued, and does not stay.
  private func abandon() {
    if isNew { try? part?.remove() }
    part = nil
  }

  private func create(_ creation: UploadCreation) throws(UploadRefusal) {
    let scope = context.libraryScope
    let named = creation.metadata.text("client")
    let client = named ?? context.caller.client
    do throws(Fault) {
      part = try library.begin(creation, client: client, scope: scope)
    } catch { throw UploadRefusal(error) }
    (isNew, chunk, room) = (true, creation.chunk, creation.chunk == nil ? 0 : creation.byteCount)
    if let chunk { part?.begin(chunk) }
  }

  private func look() throws(UploadRefusal) {
    let record = try record()
    let found = try record.look(now: now)
    // All bytes came, and the server died before it made something of them: that is done now, behind the empty body.
    if record.isComplete, record.object == nil, case .free(let part) = try self.found(), part.record.isComplete {
      (self.part, isLook) = (part, true)
      return
    }
    answer(Self.told(found, of: record))
  }

  private func open(_ chunk: UploadChunk) throws(UploadRefusal) {
    _ = try record()
    switch try found() {
    case .none: throw UploadRefusal.notFound
    case .busy(let record): _ = try record.admit(chunk, now: now, isBusy: true)
    case .complete(let record):
      _ = try record.admit(chunk, now: now, isBusy: false)
      answer(Self.told(record.appended, of: record))
    case .free(let part):
      room = try part.record.admit(chunk, now: now, isBusy: false)
      part.begin(chunk)
      (self.part, self.chunk) = (part, chunk)
    }
  }

  private func terminate() throws(UploadRefusal) {
    _ = try record()
    switch try found() {
    case .none: throw UploadRefusal.notFound
    case .busy(let record): try record.terminate(now: now, isBusy: true)
    case .complete(let record):
      // Its asset stays: that has an address of its own. While it is made, another is at the upload.
      try record.terminate(now: now, isBusy: record.result == nil)
      do { try library.uploads.forget(record) } catch { throw UploadRefusal(error) }
    case .free(let part):
      try part.record.terminate(now: now, isBusy: false)
      do { try part.remove() } catch { throw UploadRefusal(error) }
    }
    answer(UploadRecord.terminated)
  }

  private func record() throws(UploadRefusal) -> UploadRecord {
    do { return try library.upload(id, scope: context.libraryScope) } catch { throw UploadRefusal(error) }
  }

  private func found() throws(UploadRefusal) -> UploadFolder.Found {
    do { return try library.uploads.open(id) } catch { throw UploadRefusal(error) }
  }

  /// All that this request brings is there; gives the answer.
  private func finish() throws(UploadRefusal) -> UploadAnswer {
    guard let part = part.take() else { throw UploadRefusal.notFound }
    do throws(UploadRefusal) {
      if let chunk {
        let isRight: Bool
        do throws(Fault) { isRight = try part.end(chunk, now: now, Library.uploadRules) } catch {
          throw UploadRefusal(error)
        }
        guard isRight else { throw part.record.wrongChecksum }
      }
      guard part.record.isComplete else { return try reply(part.record) }
      return try complete(part)
    } catch {
      if isNew, !part.record.isComplete { try? part.remove() }
      throw error
    }
  }

  private func reply(_ record: UploadRecord) throws(UploadRefusal) -> UploadAnswer {
    if isLook { return try record.look(now: now) }
    return isNew ? record.created(at: "/v1/uploads/\(record.id)", withChunk: chunk != nil) : record.appended
  }

  /// The last bytes are there: the whole becomes an asset.
  private func complete(_ part: UploadPart) throws(UploadRefusal) -> UploadAnswer {
    let asset: String
    do throws(Fault) {
      let (stored, digest) = try part.complete()
      guard let stored else { return part.record.wrongDigest(digest).answer }
      asset = try library.finish(part.record, stored, examiner: desk.examiner).asset.id.text
    } catch { throw UploadRefusal(error) }
    var found = try reply(part.record)
    found.fields.append(UploadAnswer.Field("Asset-Id", asset))
    return found
  }

  /// With the asset that it became.
  private static func told(_ answer: UploadAnswer, of record: UploadRecord) -> UploadAnswer {
    var answer = answer
    if let asset = record.result { answer.fields.append(UploadAnswer.Field("Asset-Id", asset)) }
    return answer
  }

  private func answer(_ found: UploadAnswer) {
    exchange.take()?.answer(found.response(context.request))
  }

  private func perform(_ work: () throws(UploadRefusal) -> Void) {
    do throws(UploadRefusal) { try work() } catch {
      abandon()
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
