import Base
import Catalog
import Glibc
import Library
import Objects
import Predictions
import Uploads

/// One kind of operation on files that may not grow for a while, as on a disk that is full.
struct Filling {
  private let library: Library
  private let kind: String

  /// Files of what is too large are larger than that.
  private static let most = 1 << 20

  init(_ library: Library, _ kind: String) throws(Fault) {
    signal(SIGXFSZ, SIG_IGN)
    (self.library, self.kind) = (library, kind)
    for number in 0..<12 { try add("a\(number)") }
    try library.analyse(try find("a0"), 0, series: "p", [LabelScore("cat", 1)], replaces: false)
    try library.settle()
    try FileSystem.write([UInt8](repeating: 7, count: 2 * Self.most), to: file("large"))
  }

  /// Tells a line a finding; faults are those that should not be.
  func run() throws(Fault) {
    let part = kind == "append" ? try begin(3 * Self.most) : nil
    try limit(["add", "upload", "append", "analyse"].contains(kind) ? Self.most : try tableByteCount() + 60_000)
    var (number, state, isRefused) = (0, try text(), false)
    while !isRefused, number < 1000 {
      do throws(Fault) { try operate(number, part) } catch {
        guard error.kind == .exhausted else { throw error }
        isRefused = true
        continue
      }
      (number, state) = (number + 1, try text())
    }
    put("\(isRefused ? "refused" : "not refused") behind \(number)\n")
    guard try text() == state else { throw Fault(.bug, "something is changed that was refused") }
    put("read\n")
    try limit(.max)
    try library.removeRemains()
    _ = try library.collect()
    try checkObjects()
    guard try text() == state else { throw Fault(.bug, "something is lost") }
    put("nothing is left\n")
    try operate(number, part)
    guard try library.settle(), try library.verify().differenceCount == 0 else { throw Fault(.bug, "totals are wrong") }
    put("goes on\n")
  }

  private func operate(_ number: Int, _ part: UploadPart?) throws(Fault) {
    switch kind {
    case "add": try add("large")
    case "upload": _ = try begin(2 * Self.most)
    case "append": try append(part!)
    case "analyse": try analyse()
    case "publish":
      try library.analyse(try find("a1"), number, series: "p", [LabelScore("cat", number)], replaces: true)
    case "move":
      var edit = AssetEdit()
      edit.group = AssetGroup(client: "c1", brand: "b", campaign: "k\(number)")
      _ = try library.update(try find("a2").id.text, edit, scope: .all)
    case "delete": try library.delete(try find("a\(number)").id.text, scope: .all)
    default: throw Fault(.usage, "'\(kind)' is not known")
    }
  }

  /// Every asset, what it is, and that its bytes can be read.
  private func text() throws(Fault) -> [String] {
    var lines: [String] = []
    for asset in try library.everyAsset() {
      _ = try library.read(asset.object)
      lines.append(try AssetState(asset, in: library).text)
    }
    return lines.sorted()
  }

  /// Objects are those that something refers to, and nothing is being written.
  private func checkObjects() throws(Fault) {
    let staged = try FileSystem.list("\(library.folder.path)/staging").count
    guard staged == 0 else { throw Fault(.bug, "\(staged) files are left in staging") }
    var (needed, found) = (Set<String>(), Set<String>())
    for asset in try library.everyAsset() {
      needed.formUnion([asset.object, asset.thumbnail].compactMap { $0 })
      for analysis in try library.analyses(of: asset) { needed.formUnion(analysis.objects.map(\.digest)) }
    }
    for shard in ObjectName.shards { for name in try library.folder.list(shard) { found.insert(name.digest) } }
    guard needed == found else { throw Fault(.bug, "\(found.count) objects are there, \(needed.count) are needed") }
  }

  private func tableByteCount() throws(Fault) -> Int { try FileSystem.byteCount(of: "\(library.path)/library.db-wal") }

  private func limit(_ byteCount: Int) throws(Fault) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(1), &limit) == 0 else { throw SystemError.last.fault("limit", "files") }
    limit.rlim_cur = byteCount == .max ? limit.rlim_max : rlim_t(byteCount)
    guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { throw SystemError.last.fault("limit", "files") }
  }
}

extension Filling {
  private func file(_ name: String) -> String { "\(library.path).\(name)" }

  private func find(_ name: String) throws(Fault) -> Asset {
    guard let asset = try library.everyAsset().first(where: { $0.name == name }) else {
      throw Fault(.bug, "'\(name)' is gone")
    }
    return asset
  }

  private func add(_ name: String) throws(Fault) {
    if name != "large" { try FileSystem.write(Array(name.utf8), to: file(name)) }
    let draft = AssetDraft(group: AssetGroup(client: "c0", brand: "b"), name: name)
    _ = try library.add(file: file(name), draft, scope: .all, examiner: WorkExaminer())
  }

  /// One whose packed predictions are larger than files may be.
  private func analyse() throws(Fault) {
    let head = AnalysisWriter.Head(
      pipeline: "sha256:large", series: "p", models: [], worker: "worker", engine: "none", version: "0")
    var writer = try AnalysisWriter(library, try find("a1"), head)
    var dice = Dice(5, 0)
    func fraction() -> Double { Double(dice.number(below: 1 << 30)) / Double(1 << 31) }
    for index in 0..<150_000 {
      let box = Rect(x: fraction(), y: fraction(), width: fraction(), height: fraction())
      let found = Prediction(kind: .detection, label: "cat", score: Float(fraction()), box: box)
      try writer.add(FrameStamp(file: "f", index: index, time: Double(index)), [found]) { _ in "none" }
    }
    try library.publish(try writer.finish(framesAnalyzed: 150_000, corruptFrames: 0, frameIndex: nil))
  }

  private func begin(_ byteCount: Int) throws(Fault) -> UploadPart {
    let fields = [(name: "Tus-Resumable", value: "1.0.0"), (name: "Upload-Length", value: "\(byteCount)")]
    guard case .create(let creation) = try OwnWork.call(UploadHead("POST", .collection, fields: fields)) else {
      throw Fault(.bug, "no upload was made")
    }
    return try library.begin(creation, client: "c0", scope: .all)
  }

  /// A chunk of half a mebibyte.
  private func append(_ part: UploadPart) throws(Fault) {
    let fields = [
      (name: "Tus-Resumable", value: "1.0.0"), (name: "Upload-Offset", value: "\(part.record.offset)"),
      (name: "Content-Type", value: "application/offset+octet-stream"),
    ]
    guard
      case .append(let chunk) = try OwnWork.call(
        UploadHead("PATCH", .upload, fields: fields, bodyByteCount: Self.most / 2))
    else { throw Fault(.bug, "no chunk was read") }
    part.begin(chunk)
    do throws(Fault) { try part.append([UInt8](repeating: 9, count: Self.most / 2).span.bytes) } catch {
      part.discard()
      throw error
    }
    _ = try part.end(chunk, now: library.now / 1000, Library.uploadRules)
  }
}
