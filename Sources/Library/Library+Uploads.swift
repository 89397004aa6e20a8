public import Base
public import Catalog
internal import Items
public import Objects
internal import Store
public import Uploads

/// Uploads of the library: an upload's id becomes the id of the asset that it turns into, so that it turns into one, whatever dies when.
extension Library {
  public static let uploadRules = UploadRules()

  /// Uploads of one client that are begun and not whole yet.
  public static let mostUploads = 200

  /// Begins an upload of the client that its metadata or the caller names.
  ///
  /// The names in its metadata (`filename`, `client`, `brand`, `campaign`, `tags`, `captured`) are checked, and room is asked for before the
  /// first byte.
  public func begin(_ creation: UploadCreation, client: String, scope: ClientScope) throws(Fault) -> UploadPart {
    var random = SystemRandomNumberGenerator()
    let id = ULID(milliseconds: now, using: &random)
    let record = UploadRecord(id: id.text, owner: client, creation, Self.uploadRules, now: now / 1000)
    let draft = try Self.draft(of: record)
    try check(draft, scope)
    _ = try openClient(client)
    return try admission.update { (_: inout Void) throws(Fault) in
      let promise = try admit(creation.byteCount, to: client)
      defer { withExtendedLifetime(promise) {} }
      // Each costs the others a look at its record.
      guard try uploads.unfinishedCount(of: client) < Self.mostUploads else {
        throw Fault(
          .exhausted, "\(Self.mostUploads) uploads of '\(client)' are begun and not ended: go on with them, or end them"
        )
      }
      return try uploads.create(record)
    }
  }

  /// The record of an upload, where it is there and the caller's; else the fault `notFound`, one as the other.
  public func upload(_ id: String, scope: ClientScope) throws(Fault) -> UploadRecord {
    guard let record = try uploads.record(id), scope.covers(record.owner) else {
      throw Fault(.notFound, "there is no such upload: begin a new one")
    }
    return record
  }

  /// Makes a whole upload an asset; done again it gives the same one, or `notFound` where that was deleted since.
  ///
  /// Where the bytes are no picture or video, the upload and they are taken away, and the fault says so.
  public func finish(
    _ record: UploadRecord, _ stored: StoredObject, examiner: any MediaExaminer
  ) throws(Fault) -> AddedAsset {
    let draft = try Self.draft(of: record)
    let stored = try objects.share(stored)
    do {
      return try add(stored, draft, examiner, upload: record)
    } catch  where [.badInput, .unsupported].contains(error.kind) {
      try uploads.forget(record)
      refuse(stored)
      throw error
    }
  }

  /// Makes assets of uploads that were whole when their server died.
  public func finishUploads(examiner: any MediaExaminer) throws(Fault) {
    for record in try uploads.unfinished() {
      guard let name = record.object.flatMap({ ObjectName($0) }), let lease = try folder.lease(name) else { continue }
      let stored = StoredObject(name: name, byteCount: record.byteCount, lease: lease)
      let isNone: Set<Fault.Kind> = [.badInput, .unsupported, .notFound]
      do { _ = try finish(record, stored, examiner: examiner) } catch  where isNone.contains(error.kind) { continue }
    }
  }

  /// The asset that an upload became already, in this process or one that died; asked anew while that is decided.
  func became(_ upload: UploadRecord) throws(Fault) -> AddedAsset? {
    guard let record = try uploads.record(upload.id) else {
      throw Fault(.notFound, "there is no such upload: begin a new one")
    }
    guard let id = ULID(record.result ?? record.id) else { return nil }
    if let item = try table.get(LibraryKeys.asset(id)) {
      if record.result == nil { try uploads.finish(record, as: id.text) }
      return AddedAsset(asset: try Asset(item), isNew: false)
    }
    guard record.result == nil else { throw Fault(.notFound, "the asset that this upload became is deleted") }
    return nil
  }

  /// Before an asset is deleted: the upload that it was says what it became, and so does not become it again.
  func close(uploadOf id: ULID) throws(Fault) {
    guard let record = try uploads.record(id.text), record.result == nil else { return }
    try uploads.deciding { () throws(Fault) in
      guard let record = try uploads.record(id.text), record.result == nil else { return }
      try uploads.finish(record, as: id.text)
    }
  }

  private static let names = ["filename", "name", "client", "brand", "campaign", "tags", "captured"]

  private static func draft(of record: UploadRecord) throws(Fault) -> AssetDraft {
    let metadata = record.metadata
    for name in names where metadata[name] != nil && metadata.text(name) == nil {
      throw Fault(.badInput, "\(name) in Upload-Metadata is no text in UTF-8")
    }
    let name = metadata.text("filename") ?? metadata.text("name") ?? record.id
    var draft = AssetDraft(
      group: AssetGroup(client: record.owner, brand: metadata.text("brand"), campaign: metadata.text("campaign")),
      name: FileSystem.name(of: name))
    draft.tags = (metadata.text("tags") ?? "").split(separator: ",").map(String.init)
    if let text = metadata.text("captured") {
      guard let moment = CompositeKey.milliseconds(of: text) ?? UTC.seconds(text).map({ $0 * 1000 }) else {
        throw Fault(.badInput, "captured is '\(text.prefix(40))', expected a moment such as 2026-11-27T08:30:00Z")
      }
      draft.captured = moment
    }
    return draft
  }
}
