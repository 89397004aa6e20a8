public import Base
public import Predictions

/// One analysis being written in one format.
///
/// Rows come in the order of frames; bytes are taken away with ``drain()`` as often as the caller likes, and what ``finish()`` gives is the
/// rest. Memory does not grow with the film, but for what docs/exports.md names: 32 bytes a frame in COCO, a span an ended track in
/// WebVTT. A fault of ``add(_:)`` ends the export: what was written until then is no whole file.
public struct Exporter: ~Copyable {
  private var writer: any ExportWriter
  private var output = ExportOutput()

  /// Refuses, before the first byte, what the format cannot hold: a picture has no cues, a film of no even rate no timecode.
  public init(_ format: ExportFormat, _ asset: ExportedAsset) throws(Fault) {
    writer = try Self.writer(of: format, asset)
    writer.begin(&output)
  }

  private static func writer(of format: ExportFormat, _ asset: ExportedAsset) throws(Fault) -> any ExportWriter {
    switch format {
    case .coco: try COCOWriter(asset)
    case .csv: CSVWriter(tellsTracks: asset.tellsTracks)
    case .jsonl: JSONLinesWriter()
    case .webvtt: try WebVTTWriter(asset)
    case .edl: try EDLWriter(asset)
    case .otio: try OTIOWriter(asset)
    }
  }

  public mutating func add(_ row: PredictionRow) throws(Fault) { try writer.add(row, &output) }

  /// What was written since the last call.
  public mutating func drain() -> [UInt8] { output.take() }

  public consuming func finish() throws(Fault) -> [UInt8] {
    try writer.finish(&output)
    return output.take()
  }
}

/// One format: writes what comes in front of all rows, each row or what became ready by it, and the end.
protocol ExportWriter: Sendable {
  mutating func begin(_ output: inout ExportOutput)
  mutating func add(_ row: PredictionRow, _ output: inout ExportOutput) throws(Fault)
  mutating func finish(_ output: inout ExportOutput) throws(Fault)
}

/// Where a writer writes: JSON, or bytes; one format uses one of both.
struct ExportOutput: ~Copyable {
  var json = JSONWriter(capacity: 1 << 12)
  var bytes: [UInt8] = []

  mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes + json.take()
  }
}

/// As `predictions.jsonl` of `ridley analyze`.
struct JSONLinesWriter: ExportWriter {
  func begin(_ output: inout ExportOutput) {}

  func add(_ row: PredictionRow, _ output: inout ExportOutput) {
    PredictionJSON.write(row.prediction, row.stamp, model: row.model, into: &output.json)
  }

  func finish(_ output: inout ExportOutput) {}
}

/// As `predictions.csv` of `ridley analyze`.
struct CSVWriter: ExportWriter {
  let tellsTracks: Bool

  func begin(_ output: inout ExportOutput) { output.bytes += PredictionCSV.header(tellsTracks: tellsTracks) }

  func add(_ row: PredictionRow, _ output: inout ExportOutput) {
    PredictionCSV.write(
      row.prediction, row.stamp, model: row.model, tellsTracks: tellsTracks, into: &output.bytes)
  }

  func finish(_ output: inout ExportOutput) {}
}
