internal import Base
internal import Predictions

/// An OpenTimelineIO timeline: one clip, the whole film, with a marker a span.
///
/// Times are frames of the film's rate, or milliseconds where it has no even one.
struct OTIOWriter: ExportWriter {
  private let asset: ExportedAsset
  private let rate: Ratio
  private var spans: SpanStream
  private var timeline: JSONWriter.Level?
  private var markers: JSONWriter.Level?
  private var end = 0

  init(_ asset: ExportedAsset) throws(Fault) {
    guard !asset.isPicture else {
      throw Fault(
        .unsupported, "\(asset.name) is a picture, and a timeline holds films; coco, csv and jsonl hold pictures")
    }
    self.asset = asset
    // A rate that timecode is of is the exact one: readers know no 2997/100.
    rate = asset.evenRate.map { Timecode($0)?.rate ?? $0 } ?? Ratio(1000, 1)
    spans = SpanStream(asset, isStrict: false)
  }

  mutating func begin(_ output: inout ExportOutput) {
    timeline = output.json.openObject()
    output.json.field("OTIO_SCHEMA", "Timeline.1")
    output.json.field("name", asset.stem)
    output.json.object("metadata") { json in
      json.object("ridley") { json in
        json.field("asset", asset.id)
        json.field("pipeline", asset.pipeline)
        json.field("models", asset.models)
      }
    }
    _ = output.json.openObject("tracks")
    output.json.field("OTIO_SCHEMA", "Stack.1")
    output.json.field("name", "tracks")
    _ = output.json.openArray("children")
    _ = output.json.openObject()
    output.json.field("OTIO_SCHEMA", "Track.1")
    output.json.field("name", "V1")
    output.json.field("kind", "Video")
    _ = output.json.openArray("children")
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
    let length = max(end, asset.duration.map(frame) ?? 0, 1)
    write("source_range", 0, length, &output.json)
    output.json.object("media_reference") { json in
      json.field("OTIO_SCHEMA", "ExternalReference.1")
      json.field("target_url", Self.address(asset.name))
      write("available_range", 0, length, &json)
    }
    output.json.close(&timeline)
    output.json.newline()
  }

  private mutating func write(_ span: Span, _ json: inout JSONWriter) {
    let first = frame(span.start)
    let length = max(1, frame(span.end) - first)
    end = max(end, first + length)
    json.object { json in
      json.field("OTIO_SCHEMA", "Marker.2")
      json.field("name", span.title)
      json.field("color", "RED")
      write("marked_range", first, length, &json)
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

  private func frame(_ seconds: Double) -> Int { Frames.at(seconds - asset.firstTime, rate) }

  private func write(_ name: StaticString, _ start: Int, _ length: Int, _ json: inout JSONWriter) {
    json.object(.fixed(name)) { json in
      json.field("OTIO_SCHEMA", "TimeRange.1")
      time("start_time", start, &json)
      time("duration", length, &json)
    }
  }

  /// A rate is written with all its digits: readers compare it with those that they know.
  private func time(_ name: StaticString, _ frames: Int, _ json: inout JSONWriter) {
    json.object(.fixed(name)) { json in
      json.field("OTIO_SCHEMA", "RationalTime.1")
      json.field("rate", embedding: Array(String(rate.value).utf8))
      json.field("value", embedding: Array("\(frames).0".utf8))
    }
  }

  /// The name as a relative URL.
  static func address(_ name: String) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    return name.utf8.map { byte in
      plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + Hex.text([byte]).uppercased()
    }.joined()
  }
}
