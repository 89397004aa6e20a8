import Base
import Crypto
import TestKit
import Testing

@testable import Predictions

/// Packed predictions that somebody else made.
struct PackedCheckTests {
  private static func row(_ index: Int = 0, _ edit: (inout PredictionRow) -> Void = { _ in }) -> PredictionRow {
    var row = PredictionRow(
      Prediction(kind: .detection, label: "cup", score: 0.5, box: Rect(x: 0, y: 0, width: 1, height: 1)),
      FrameStamp(file: "a.mp4", index: index, pts: index * 512, time: Double(index) / 25), model: "m@sha256:00")
    edit(&row)
    return row
  }

  private static func packed(_ rows: [PredictionRow]) throws -> [UInt8] {
    var writer = PackedPredictionWriter(blockWeight: 1)
    var bytes: [UInt8] = []
    for row in rows {
      try writer.add(row.stamp, [(row.prediction, row.model)])
      bytes += writer.drain()
    }
    return bytes + writer.finish()
  }

  private static func check(_ bytes: [UInt8]) throws -> [PredictionRow] {
    var rows: [PredictionRow] = []
    try PackedPredictions(bytes).check { rows.append($0) }
    return rows
  }

  @Test("What this program packs is gone through as it was packed")
  func right() throws {
    let mask = Mask(size: Size(width: 4, height: 2), counts: [3, 5], share: 0.625)
    let tensor = TensorSummary(
      spec: TensorSpec(name: "t", shape: [nil, 3], element: .f32), minimum: 0, maximum: 1, mean: 0.5)
    let rows = [
      Self.row(), Self.row(1) { $0.prediction.mask = mask }, Self.row(2) { $0.prediction.tensor = tensor },
      Self.row(3) { ($0.prediction.vector, $0.prediction.span) = ([1, 2], 0...0.12) },
      Self.row(4) { ($0.prediction.score, $0.stamp.pts) = (nil, nil) },
    ]
    #expect(try Self.check(Self.packed(rows)) == rows)
    #expect(try Self.check(Self.packed([])).isEmpty)
  }

  @Test("What no frame of a film has is refused, whatever it is")
  func wrong() throws {
    let mask = { (width: Int, counts: [Int]) in Mask(size: Size(width: width, height: 2), counts: counts, share: 0.5) }
    let edits: [(inout PredictionRow) -> Void] = [
      { $0.stamp.index = .min }, { $0.stamp.pts = .min }, { $0.stamp.time = .nan }, { $0.stamp.time = 1e300 },
      { $0.stamp.file = "../a" }, { $0.stamp.file = "" }, { $0.prediction.score = .nan },
      { $0.prediction.box = Rect(x: .infinity, y: 0, width: 1, height: 1) },
      { $0.prediction.box = Rect(x: 0, y: 0, width: 1e18, height: 1) }, { $0.prediction.step = -1 },
      { $0.prediction.track = .min }, { $0.prediction.parent = .max }, { $0.prediction.vector = [.nan] },
      { $0.prediction.points = [Keypoint(name: "p", x: 1e300, y: 0)] }, { $0.prediction.span = 0...1e300 },
      { $0.prediction.mask = mask(4, [3, 6]) }, { $0.prediction.mask = mask(4, [.max, .max]) },
      { $0.prediction.mask = mask(.max, [8]) }, { $0.prediction.text = String(repeating: "t", count: 70_000) },
      { $0.prediction.label = "a\0b" }, { $0.model = "m\0" },
      { $0.prediction.points = [Keypoint(name: "p\0", x: 0, y: 0)] },
    ]
    for (number, edit) in edits.enumerated() {
      let bytes = try Self.packed([Self.row(), Self.row(1, edit)])
      let fault = #expect(throws: Fault.self, "edit \(number)") { try Self.check(bytes) }
      #expect(fault?.kind == .badInput)
    }
  }

  @Test("A block that is told of twice, or of which another number of predictions or other times are told, is refused")
  func twice() throws {
    let bytes = try Self.packed([Self.row(), Self.row(1)])
    let entries = try PackedPredictions(bytes).entries
    func check(_ edit: (inout [PackedPredictions.Entry]) -> Void) throws {
      var changed = entries
      edit(&changed)
      let texts = ["a.mp4", "m@sha256:00", "cup"]
      let index = PackedIndex.bytes(texts, changed)
      let body = bytes.prefix(entries[1].offset + entries[1].byteCount)
      _ = try Self.check(Self.ended(Array(body), by: index))
    }
    try check { _ in }
    for edit in [
      { $0.append($0[0]) }, { $0[1] = $0[0] }, { $0[0].predictions = 7 }, { $0.removeFirst() },
      // Times by which nothing of a block would be found.
      { $0[1].first = 90_000 }, { $0[1].last = 30_000 }, { ($0[1].first, $0[1].last) = (.max, .min) },
    ] as [(inout [PackedPredictions.Entry]) -> Void] {
      #expect(throws: Fault.self) { try check(edit) }
    }
  }

  /// As the writer ends what it packs.
  private static func ended(_ blocks: [UInt8], by index: [UInt8]) -> [UInt8] {
    var bytes = blocks + index + FastChecksum.of(index.span.bytes)
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: index.count >> shift)) }
    return bytes + PackedPredictions.end
  }

  @Test("A few bytes that stand for very many numbers, and an index that is very long, are refused")
  func many() throws {
    var block = PackedBlock()
    var texts = TextTable()
    block.begin(Self.row().stamp, &texts)
    for _ in 0..<1000 { block.add(Self.row().prediction, model: "m", &texts) }
    let bytes = block.bytes
    #expect(throws: Never.self) { try PackedBlock(bytes, frames: 1) }
    let fault = #expect(throws: Fault.self) { try PackedBlock(bytes, frames: 1, most: 10_000) }
    #expect(fault?.kind == .tooLarge && bytes.count < 1000)
    let whole = try Self.packed([Self.row()])
    #expect(throws: Fault.self) {
      try PackedPredictions(byteCount: whole.count, mostIndexBytes: 8) { Array(whole[$0.clamped(to: 0..<whole.count)]) }
    }
  }
}
