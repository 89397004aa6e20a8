import Base
import Catalog
import Library
import Objects
import Uploads

/// Operations on assets of one thread's own, whose names begin with its number.
///
/// `THREAD ? ID STATE` tells what an asset is about to become, `THREAD ! ID STATE` what it was acknowledged to be: the words of ``AssetState``, `-` for
/// one that is deleted, and `~OFFSET` for an upload. An asset that has no id yet is told as `+`.
struct OwnWork {
  private let library: Library
  private let thread: Int
  private var dice: Dice
  private var number = 0
  private var assets: [AssetState] = []
  private let start = Int(Clock.seconds * 1000)

  init(_ library: Library, seed: UInt64, thread: Int) throws(Fault) {
    (self.library, self.thread) = (library, thread)
    dice = Dice(seed, thread)
    for asset in try library.everyAsset() where asset.name.hasPrefix("t\(thread)-") {
      assets.append(try AssetState(asset, in: library))
    }
    try continueUploads()
  }

  mutating func step() throws(Fault) {
    number += 1
    let kind = dice.number(below: 100)
    switch kind {
    case ..<20 where assets.count < 40: try add()
    case ..<30 where assets.count < 40: try upload(name, dice.group())
    case ..<60 where !assets.isEmpty: try analyse(dice.number(below: assets.count))
    case ..<78 where !assets.isEmpty: try move(dice.number(below: assets.count))
    case ..<94 where !assets.isEmpty: try remove(dice.number(below: assets.count))
    case 98 where thread < 2: _ = try library.collect()
    case 99 where thread == 2: try library.finishUploads(examiner: WorkExaminer())
    case 97: try library.settle()
    default: try library.removeRemains()
    }
  }

  private var name: String { "t\(thread)-\(start)-\(number).mp4" }

  private func tell(_ mark: String, _ id: String, _ text: String) { put("\(thread) \(mark) \(id) \(text)\n") }

  private mutating func add() throws(Fault) {
    let file = "\(library.path).\(thread)"
    try FileSystem.write(Content.bytes(of: name), to: file)
    let group = dice.group()
    tell("?", "+", AssetState("", group, name).text)
    let added = try library.add(
      file: file, AssetDraft(group: group, name: name), scope: .all, examiner: WorkExaminer())
    assets.append(AssetState(added.asset.id.text, group, name))
    tell("!", assets.last!.id, assets.last!.text)
  }

  private mutating func analyse(_ place: Int) throws(Fault) {
    var next = assets[place]
    let (series, pipeline) = (dice.number(below: 4) == 0 ? "q" : "p", dice.number(below: 3))
    let (scores, replaces) = (dice.scores(), dice.number(below: 2) == 0)
    next.analyse(pipeline, series: series, scores, replaces: replaces)
    tell("?", next.id, next.text)
    let asset = try library.asset(next.id, scope: .all).asset
    try library.analyse(asset, pipeline, series: series, scores, replaces: replaces)
    acknowledge(place, next)
  }

  private mutating func move(_ place: Int) throws(Fault) {
    var (next, edit) = (assets[place], AssetEdit())
    next.group = dice.group()
    edit.group = next.group
    tell("?", next.id, next.text)
    _ = try library.update(next.id, edit, scope: .all)
    acknowledge(place, next)
  }

  private mutating func remove(_ place: Int) throws(Fault) {
    let asset = assets.remove(at: place)
    tell("?", asset.id, "-")
    try library.delete(asset.id, scope: .all)
    tell("!", asset.id, "-")
  }

  private mutating func acknowledge(_ place: Int, _ next: AssetState) {
    assets[place] = next
    tell("!", next.id, next.text)
  }

  private mutating func upload(_ name: String, _ group: AssetGroup) throws(Fault) {
    var metadata = "filename \(Base64.encode(Array(name.utf8)))"
    if let brand = group.brand { metadata += ",brand \(Base64.encode(Array(brand.utf8)))" }
    if let campaign = group.campaign { metadata += ",campaign \(Base64.encode(Array(campaign.utf8)))" }
    let head = UploadHead(
      "POST", .collection,
      fields: [
        ("Tus-Resumable", "1.0.0"), ("Upload-Length", "\(Content.bytes(of: name).count)"),
        ("Upload-Metadata", metadata),
      ])
    guard case .create(let creation) = try Self.call(head) else { throw Fault(.bug, "no upload was made") }
    let part = try library.begin(creation, client: group.client, scope: .all)
    tell("!", part.record.id, "~0")
    // Some stay as they are, to be continued by the next process.
    if dice.number(below: 5) > 0 { try send(part, AssetState(part.record.id, group, name)) }
  }

  private mutating func send(_ part: UploadPart, _ asset: AssetState) throws(Fault) {
    let bytes = Content.bytes(of: asset.name)
    // Whoever looks next makes it an asset as soon as its last byte is there.
    tell("?", asset.id, asset.text)
    while part.record.offset < bytes.count {
      let from = part.record.offset
      let to = min(bytes.count, from + 1 + dice.number(below: 9000))
      let head = UploadHead(
        "PATCH", .upload,
        fields: [
          ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "\(from)"),
          ("Content-Type", "application/offset+octet-stream"),
        ], bodyByteCount: to - from)
      guard case .append(let chunk) = try Self.call(head) else { throw Fault(.bug, "no chunk was read") }
      part.begin(chunk)
      try part.append(bytes.span.extracting(from..<to).bytes)
      _ = try part.end(chunk, now: library.now / 1000, Library.uploadRules)
      tell("!", asset.id, "~\(part.record.offset)")
    }
    guard let stored = try part.complete().stored else { throw Fault(.bug, "an upload has other bytes") }
    _ = try library.finish(part.record, stored, examiner: WorkExaminer())
    assets.append(asset)
    tell("!", asset.id, asset.text)
  }

  /// Those that a process before left.
  private mutating func continueUploads() throws(Fault) {
    for file in try FileSystem.list("\(library.folder.path)/uploads") where file.hasSuffix(".json") {
      guard case .free(let part) = try library.uploads.open(String(file.dropLast(5))),
        let name = part.record.metadata.text("filename"), name.hasPrefix("t\(thread)-"), part.record.result == nil
      else { continue }
      let group = AssetGroup(
        client: part.record.owner, brand: part.record.metadata.text("brand"),
        campaign: part.record.metadata.text("campaign"))
      try send(part, AssetState(part.record.id, group, name))
    }
  }

  static func call(_ head: UploadHead) throws(Fault) -> UploadCall {
    do { return try UploadCall(head, Library.uploadRules) } catch {
      throw Fault(.bug, error.answer.message ?? "an upload was refused")
    }
  }
}
