import Base
import Foundation
import JSON
import TestKit
import Testing

@testable import Predictions

private func lines(_ rows: [PredictionRow]) -> [UInt8] {
  var json = JSONWriter()
  for row in rows { PredictionJSON.write(row.prediction, row.stamp, model: row.model, into: &json) }
  return json.bytes
}

private func packed(_ rows: [PredictionRow], blockWeight: Int = 8192) throws -> [UInt8] {
  var writer = PackedPredictionWriter(blockWeight: blockWeight)
  var (bytes, start) = ([UInt8](), 0)
  while start < rows.count {
    let end = rows[start...].firstIndex { $0.stamp != rows[start].stamp } ?? rows.count
    try writer.add(rows[start].stamp, rows[start..<end].map { ($0.prediction, $0.model) })
    bytes += writer.drain()
    start = end
  }
  return bytes + writer.finish()
}

private func unpacked(_ bytes: [UInt8], in seconds: ClosedRange<Double> = -.infinity ... .infinity) throws
  -> [PredictionRow]
{
  var rows: [PredictionRow] = []
  try PackedPredictions(bytes).forEach(in: seconds) { rows.append($0) }
  return rows
}

/// Predictions of every kind, with numbers that are hard to keep.
struct Rows {
  var dice: SeededRandom

  mutating func all(_ frames: Int) -> [PredictionRow] {
    var rows: [PredictionRow] = []
    for frame in 0..<frames {
      let pts = frame % 7 == 3 ? nil : frame * 512
      let stamp = FrameStamp(file: frame < 40 ? "a\"é.mp4" : "b.mp4", index: frame, pts: pts, time: time(frame))
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        rows.append(
          PredictionRow(prediction(), stamp, model: Bool.random(using: &dice) ? "m@sha256:00" : "n@sha256:11"))
      }
    }
    return rows
  }

  private func time(_ frame: Int) -> Double { frame == 17 ? 1e300 : Double(frame) / 29.97 }

  private mutating func number() -> Double {
    switch Int.random(in: 0..<40, using: &dice) {
    case 0: .nan
    case 1: .infinity
    case 2: -0.0
    case 3: 1e17
    case 4: -1234.56785
    case 5: 5e-5
    default: Double.random(in: -0.1...1.1, using: &dice)
    }
  }

  private mutating func prediction() -> Prediction {
    var found = Prediction(kind: ModelTask.allCases.randomElement(using: &dice)!)
    let isThere = { (dice: inout SeededRandom) in Int.random(in: 0..<3, using: &dice) == 0 }
    if isThere(&dice) { found.label = ["good", "", "a\tb", "Straße"].randomElement(using: &dice)! }
    if isThere(&dice) { found.score = Float(number()) }
    if isThere(&dice) { found.box = Rect(x: number(), y: number(), width: number(), height: number()) }
    if isThere(&dice) { found.track = Int.random(in: -3...90, using: &dice) }
    if isThere(&dice) { found.parent = Int.random(in: 0...9, using: &dice) }
    if isThere(&dice) { found.state = [.on, .off].randomElement(using: &dice) }
    if isThere(&dice) { found.span = 0.25...Double.random(in: 1...2, using: &dice) }
    if isThere(&dice) {
      found.points = [Keypoint(name: "nose", x: number(), y: number(), score: 0.5), Keypoint(name: "", x: 0, y: 1)]
    }
    if isThere(&dice) {
      let counts = (0..<Int.random(in: 1..<50, using: &dice)).map { _ in Int.random(in: 0...40, using: &dice) }
      found.mask = Mask(size: Size(width: 80, height: 60), counts: counts, share: number())
    }
    if isThere(&dice) { found.text = "AB\"12" }
    if isThere(&dice) { found.vector = (0..<Int.random(in: 1...20, using: &dice)).map { _ in Float(number()) } }
    if isThere(&dice) {
      let spec = TensorSpec(name: "out", shape: [1, nil, 3], element: .f16)
      found.tensor = TensorSummary(
        spec: spec, minimum: Float(number()), maximum: Float(number()), mean: Float(number()))
    }
    found.step = Int.random(in: 0...2, using: &dice)
    return found
  }
}

struct PackedTests {
  @Test("Packed predictions give the same lines, byte for byte, whatever their numbers", arguments: 0..<12)
  func exact(seed: Int) throws {
    var rows = Rows(dice: SeededRandom(UInt64(seed)))
    let all = rows.all(60)
    #expect(try lines(unpacked(packed(all, blockWeight: 1 + seed * 30))) == lines(all))
  }

  @Test("Lines that are read again give the same lines")
  func readAgain() throws {
    var rows = Rows(dice: SeededRandom(99))
    let all = rows.all(80)
    let text = lines(all)
    let again = try text.split(separator: UInt8(ascii: "\n")).map { line in
      try PredictionRow(JSONDocument(parsing: Array(line).span.bytes, name: "a line").root)
    }
    #expect(lines(again) == text)
  }

  @Test("Of a range of time only its blocks are read")
  func range() throws {
    let rows = (0..<4000).map { frame in
      PredictionRow(detection("good", Float(frame % 97) / 97), stamp(frame, Double(frame) / 25, pts: frame), model: "m")
    }
    let bytes = try packed(rows, blockWeight: 200)
    let read = Monitor(0)
    let predictions = try PackedPredictions(byteCount: bytes.count) { range in
      read.update { $0 += range.count }
      return Array(bytes[range])
    }
    let index = read.update { $0 }
    var found: [PredictionRow] = []
    try predictions.forEach(in: 80...84) { found.append($0) }
    #expect(lines(found) == lines(rows.filter { (80...84).contains($0.stamp.time) }) && found.count == 101)
    #expect(read.update { $0 } - index < bytes.count / 10)
    #expect(predictions.count == 4000)
    #expect(try unpacked(packed([])).isEmpty)
  }

  @Test("A bit that changed is found before anything is answered from it; cut files are refused")
  func damaged() throws {
    var rows = Rows(dice: SeededRandom(5))
    let bytes = try packed(rows.all(6), blockWeight: 10)
    for bit in stride(from: PackedPredictions.magic.count * 8, to: bytes.count * 8, by: 3) {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: Fault.self) { try unpacked(changed) }
    }
    for count in 0..<bytes.count { #expect(throws: Fault.self) { try unpacked(Array(bytes[..<count])) } }
  }

  @Test("Bytes of a block that were made by an enemy give a fault or rows, and never a crash")
  func hostile() throws {
    var (rows, dice) = (Rows(dice: SeededRandom(7)), SeededRandom(8))
    var (block, texts) = (PackedBlock(), TextTable())
    for row in rows.all(3) {
      block.begin(row.stamp, &texts)
      block.add(row.prediction, model: row.model, &texts)
    }
    let good = [UInt8(block[.predictions].count - 1) << 4 | 15] + block.bytes
    try PackedPredictions.readBlock(good)
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
      }
      try? PackedPredictions.readBlock(bytes)
    }
  }

  @Test("A column is as it was, of any numbers")
  func columns() {
    for numbers in [[], [0], [.min, .max, 0], [5, 5, 5, 5], [1, 9, 1, 9, 1, 9], Array(0..<1000), [-1, 1 << 40]] {
      #expect(PackedColumn.unpack(PackedColumn.pack(numbers)[...], numbers.count) == numbers)
    }
    #expect(PackedColumn.pack([Int](repeating: 7, count: 1 << 20)).count < 20)
  }

  @Test(
    "A map of attention takes a byte a cell and some fifty for the rest, also beside numbers that are not whole",
    arguments: [0, 32])
  func attention(embedding: Int) throws {
    var dice = SeededRandom(21)
    var (rows, others): ([PredictionRow], [PredictionRow]) = ([], [])
    for frame in 0..<60 {
      var found = Prediction(kind: .saliency, score: 0.9)
      let cells = (0..<768).map { _ in UInt8.random(in: 0...255, using: &dice) }
      let map = AttentionMap(size: Size(width: 32, height: 24), cells: cells)!
      found.setAttention(map, named: "saliency", range: 0...0.9, mean: 0.25)
      #expect(found.attention == map)
      let stamp = stamp(frame, Double(frame), pts: frame * 12800)
      rows.append(PredictionRow(found, stamp, model: "m"))
      guard embedding > 0 else { continue }
      var other = Prediction(kind: .embedding)
      other.vector = (0..<embedding).map { _ in Float.random(in: -1...1, using: &dice) }
      rows.append(PredictionRow(other, stamp, model: "n"))
      others.append(PredictionRow(other, stamp, model: "n"))
    }
    let bytes = try packed(rows)
    #expect(try lines(unpacked(bytes)) == lines(rows))
    let each = try (bytes.count - (embedding > 0 ? packed(others).count : 0)) / 60
    #expect(each <= 820)
    let again = try unpacked(bytes)
    #expect(again.map(\.prediction.attention) == rows.map(\.prediction.attention))
  }

  @Test("Whole numbers apart are read again exactly, and bytes that are none give nothing")
  func wholeRuns() {
    var dice = SeededRandom(4)
    for _ in 0..<200 {
      var values: [Double] = []
      for _ in 0..<Int.random(in: 0...5, using: &dice) {
        let count = Int.random(in: 1...150, using: &dice)
        let isWhole = Bool.random(using: &dice)
        values += (0..<count).map { _ in
          isWhole ? Double(Int.random(in: -9...255, using: &dice)) : Double(Int.random(in: -99...99, using: &dice)) / 64
        }
      }
      let bytes = PackedNumbers.pack(values, digits: 6, asFloats: true)
      #expect(PackedNumbers.unpack(bytes[...], values.count, digits: 6) == values)
      for _ in 0..<20 {
        var bad = bytes
        bad[Int.random(in: 0..<bad.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
        let found = PackedNumbers.unpack(bad[...], values.count, digits: 6)
        #expect(found == nil || found?.count == values.count)
      }
    }
  }

  /// The demo's film and whatever else `RIDLEY_PREDICTIONS` names, as files with colons between.
  @Test(
    "A real film's predictions take at most a quarter of their lines",
    .enabled(if: ProcessInfo.processInfo.environment["RIDLEY_PREDICTIONS"] != nil, "RIDLEY_PREDICTIONS names no files"))
  func real() throws {
    for path in ProcessInfo.processInfo.environment["RIDLEY_PREDICTIONS"]!.split(separator: ":") {
      let text = try FileSystem.read(String(path), limit: 1 << 30)
      let rows = try text.split(separator: UInt8(ascii: "\n")).map { line in
        try PredictionRow(JSONDocument(parsing: Array(line).span.bytes, name: "a line").root)
      }
      let bytes = try packed(rows)
      print("\(path): \(rows.count) predictions, \(text.count) bytes as lines, \(bytes.count) packed")
      #expect(bytes.count * 4 <= text.count)
      #expect(try lines(unpacked(bytes)) == text)
    }
  }
}
