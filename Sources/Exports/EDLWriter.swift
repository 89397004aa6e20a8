internal import Base
internal import Predictions

/// A CMX 3600 edit decision list: one event a span, cut from the film; events stand one behind the other on the record side.
struct EDLWriter: ExportWriter {
  private let asset: ExportedAsset
  private var list: EDLList
  private var spans: SpanStream

  init(_ asset: ExportedAsset) throws(Fault) {
    guard !asset.isPicture else {
      throw Fault(
        .unsupported, "\(asset.name) is a picture, and an EDL holds cuts of a film; coco, csv and jsonl hold pictures")
    }
    self.asset = asset
    list = try EDLList(asset, instead: "webvtt and otio")
    spans = SpanStream(asset, isStrict: false)
  }

  func begin(_ output: inout ExportOutput) { list.begin(&output) }

  mutating func add(_ row: PredictionRow, _ output: inout ExportOutput) throws(Fault) {
    for span in try spans.add(row) { try write(span, &output) }
  }

  mutating func finish(_ output: inout ExportOutput) throws(Fault) {
    for span in spans.finish() { try write(span, &output) }
  }

  private mutating func write(_ span: Span, _ output: inout ExportOutput) throws(Fault) {
    let start = list.timecode.frame(at: span.start - asset.firstTime)
    let end = max(start + 1, list.timecode.frame(at: span.end - asset.firstTime))
    try list.add(start..<end, marker: span.title, &output)
  }
}
