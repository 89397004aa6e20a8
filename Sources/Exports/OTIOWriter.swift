internal import Base
internal import Predictions

/// An OpenTimelineIO timeline: one clip, the whole film, with a marker a span.
struct OTIOWriter: ExportWriter {
  private let asset: ExportedAsset
  private let clock: OTIOClock
  private var spans: SpanStream
  private var timeline: JSONWriter.Level?
  private var markers: JSONWriter.Level?
  private var end = 0

  init(_ asset: ExportedAsset) throws(Fault) {
    guard !asset.isPicture else {
      throw Fault(
        .unsupported, "\(asset.name) is a picture, and a timeline holds films; coco, csv and jsonl hold pictures")
    }
    (self.asset, clock) = (asset, OTIOClock(asset))
    spans = SpanStream(asset, isStrict: false)
  }

  mutating func begin(_ output: inout ExportOutput) {
    timeline = clock.begin(&output.json)
    _ = output.json.openObject()
    output.json.field("OTIO_SCHEMA", "Clip.1")
    output.json.field("name", asset.name)
    markers = output.json.openArray("markers")
  }

  mutating func add(_ row: PredictionRow, _ output: inout ExportOutput) throws(Fault) {
    for span in try spans.add(row) { write(span, &output.json) }
  }

  /// The range of the clip stands behind its markers: where the film's length is not known, they tell it.
  mutating func finish(_ output: inout ExportOutput) {
    for span in spans.finish() { write(span, &output.json) }
    output.json.close(&markers)
    let length = max(end, asset.duration.map(clock.frame) ?? 0, 1)
    clock.range("source_range", 0, length, &output.json)
    clock.media(length, &output.json)
    output.json.close(&timeline)
    output.json.newline()
  }

  private mutating func write(_ span: Span, _ json: inout JSONWriter) {
    let first = clock.frame(span.start)
    let length = max(1, clock.frame(span.end) - first)
    end = max(end, first + length)
    json.object { json in
      json.field("OTIO_SCHEMA", "Marker.2")
      json.field("name", span.title)
      json.field("color", "RED")
      clock.range("marked_range", first, length, &json)
      json.object("metadata") { json in
        json.object("ridley") { json in
          json.field("kind", span.key.kind.rawValue)
          json.field("label", span.key.name)
          json.field("score", ifKnown: span.best.map(Double.init))
          json.field("track", ifKnown: span.key.track)
          json.field("from", span.start, digits: 6)
          json.field("to", span.end, digits: 6)
        }
      }
    }
  }
}
