import Base
import Catalog
import Glibc
import Library
import Predictions

/// Films and streams whose moments change at the same time as others read them.
struct MomentWork {
  private let library: Library
  private let thread: Int
  private var dice: Dice
  private var number = 0

  private static let labels = ["person", "car", "cat"]
  static let mostAssets = 12
  static let alerts = [("all", "label:*"), ("pairs", "label:person then label:car within 1s")]

  init(_ library: Library, seed: UInt64, thread: Int) throws(Fault) {
    (self.library, self.thread) = (library, thread)
    dice = Dice(seed, thread)
  }

  mutating func step() throws(Fault) {
    number += 1
    // What another one deleted or changed first is no fault.
    do { try operate() } catch  where [.notFound, .unavailable].contains(error.kind) { return }
    put("\(thread) !\n")
  }

  private mutating func operate() throws(Fault) {
    let assets = try library.everyAsset()
    let kind = dice.number(below: 100)
    guard kind >= 10, !assets.isEmpty else {
      return assets.count < Self.mostAssets ? try add() : try library.delete(assets[0].id.text, scope: .all)
    }
    let asset = assets[dice.number(below: assets.count)]
    switch kind {
    case ..<50: try analyse(asset)
    case ..<55:
      var edit = AssetEdit()
      edit.group = AssetGroup(client: dice.number(below: 2) == 0 ? "c0" : "c1")
      _ = try library.update(asset.id.text, edit, scope: .all)
    case ..<60:
      var edit = AssetEdit()
      edit.captured = .some(1_700_000_000_000 + dice.number(below: 1_000_000))
      _ = try library.update(asset.id.text, edit, scope: .all)
    default: try happen()
    }
  }

  private mutating func add() throws(Fault) {
    let name = "\(getpid())-\(thread)-\(number).mp4"
    let file = "\(library.path).\(getpid())-\(thread)"
    try FileSystem.write(Content.bytes(of: name), to: file)
    let draft = AssetDraft(group: AssetGroup(client: "c0"), name: name)
    _ = try library.add(file: file, draft, scope: .all, examiner: WorkExaminer())
  }

  /// Some hundreds of moments, which take several transactions.
  private mutating func analyse(_ asset: Asset) throws(Fault) {
    let series = dice.number(below: 4) == 0 ? "q" : "p"
    let digest = "sha256:" + Hex.text((0..<32).map { _ in UInt8(dice.number(below: 256)) })
    let head = AnalysisWriter.Head(
      pipeline: digest, series: series, models: [], worker: "here", engine: "none", version: "0")
    var writer = try AnalysisWriter(library, asset, head)
    for second in 0..<(1 + dice.number(below: 300)) {
      var one = Prediction(kind: .detection, label: Self.labels[dice.number(below: 3)], score: 0.5)
      one.track = second
      let stamp = FrameStamp(file: asset.name, index: second, time: Double(second))
      try writer.add(stamp, [one]) { _ in "m@sha256:0" }
    }
    let made = try writer.finish(framesAnalyzed: 400, corruptFrames: 0, frameIndex: nil)
    try library.publish(made, replaces: true)
  }

  private mutating func happen() throws(Fault) {
    var random = SystemRandomNumberGenerator()
    var event = StreamEvent(
      id: ULID(milliseconds: library.now, using: &random), client: dice.number(below: 2) == 0 ? "c0" : "c1",
      stream: "s\(dice.number(below: 3))", rule: "there", from: library.now, pipeline: "sha256:0")
    (event.label, event.zone) = (Self.labels[dice.number(below: 3)], "dock")
    try library.keep(event, picture: nil)
    event.end(at: library.now + 1)
    try library.keep(event, picture: nil)
    if dice.number(below: 40) == 0 { _ = try library.removeEvents(before: library.now - 200) }
  }
}
