import Base
import Catalog
import Items
import LibraryKit
import TestKit
import Testing
import Uploads

@testable import Library
@testable import Objects

/// What a whole upload becomes, when several decide it, or the one who did died.
struct UploadEndTests {
  private func whole(_ text: String, in library: Library) throws -> (record: UploadRecord, stored: StoredObject) {
    let name = Base64.encode(Array("\(text).mp4".utf8))
    let head = UploadHead(
      "POST", .collection,
      fields: [
        ("Tus-Resumable", "1.0.0"), ("Upload-Length", "\(text.utf8.count)"), ("Upload-Metadata", "filename \(name)"),
      ])
    guard case .create(let creation) = try UploadCall(head, Library.uploadRules) else { throw Fault(.bug, "none") }
    let part = try library.begin(creation, client: "acme", scope: .all)
    let fields = [
      (name: "Tus-Resumable", value: "1.0.0"), (name: "Upload-Offset", value: "0"),
      (name: "Content-Type", value: "application/offset+octet-stream"),
    ]
    let patch = UploadHead("PATCH", .upload, fields: fields, bodyByteCount: text.utf8.count)
    guard case .append(let chunk) = try UploadCall(patch, Library.uploadRules) else { throw Fault(.bug, "none") }
    part.begin(chunk)
    try part.append(Array(text.utf8).span.bytes)
    #expect(try part.end(chunk, now: library.now / 1000, Library.uploadRules))
    let stored = try #require(try part.complete().stored)
    return (part.record, stored)
  }

  @Test(
    "An asset that is deleted does not come back from the upload that it was, whoever looks at that when",
    arguments: Parts.there)
  func deleted(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let (upload, stored) = try whole("a film", in: library)
    let record = try library.upload(upload.id, scope: .all)
    let added = try library.finish(record, stored, examiner: AnyExaminer())
    #expect(added.isNew && added.asset.id.text == record.id)
    // As if the process had died before it wrote down what the upload became.
    try library.uploads.save(record)
    #expect(try library.uploads.unfinished().count == 1)
    try library.delete(record.id, scope: .all)
    try library.finishUploads(examiner: AnyExaminer())
    #expect(try library.list(AssetFilter(client: "acme"), scope: .all, limit: 10).elements.isEmpty)
    let again = #expect(throws: Fault.self) { try library.finish(record, stored, examiner: AnyExaminer()) }
    #expect(again?.kind == .notFound)
  }

  @Test("An upload that several finish at a time becomes one asset", arguments: Parts.there)
  func several(parts: Parts) throws {
    let fixture = try LibraryFixture(parts)
    let library = fixture.library
    let (upload, stored) = try whole("a film", in: library)
    let record = try library.upload(upload.id, scope: .all)
    let new = Monitor((count: 0, ids: Set<String>()))
    let threads = (0..<8).map { _ in
      NativeThread { [library] in
        guard let added = try? library.finish(record, stored, examiner: AnyExaminer()) else { return }
        new.update {
          $0.count += added.isNew ? 1 : 0
          $0.ids.insert(added.asset.id.text)
        }
      }
    }
    for thread in threads { thread.join() }
    let made = new.update { $0 }
    #expect(made.count == 1 && made.ids == [record.id])
    #expect(try library.list(AssetFilter(client: "acme"), scope: .all, limit: 10).elements.count == 1)
    #expect(try library.uploads.unfinished().isEmpty)
  }
}
