internal import Base
internal import Predictions

/// Cues of spans, in the order in which they begin (W3C WebVTT 1).
struct WebVTTWriter: ExportWriter {
  private let asset: ExportedAsset
  private var spans: SpanStream

  init(_ asset: ExportedAsset) throws(Fault) {
    guard !asset.isPicture else {
      throw Fault(
        .unsupported, "\(asset.name) is a picture, and WebVTT holds cues of a film; coco, csv and jsonl hold pictures")
    }
    self.asset = asset
    spans = SpanStream(asset, isStrict: true)
  }

  func begin(_ output: inout ExportOutput) {
    output.write("WEBVTT\n\nNOTE\n\(Self.escaped(PlainLine.of(asset.name)))\n")
    let sources = ([asset.pipeline] + asset.models).map { Self.escaped(PlainLine.of($0)) }.filter { !$0.isEmpty }
    for source in sources { output.write("\(source)\n") }
    output.write("\n")
  }

  mutating func add(_ row: PredictionRow, _ output: inout ExportOutput) throws(Fault) {
    for span in try spans.add(row) { Self.write(span, &output) }
  }

  mutating func finish(_ output: inout ExportOutput) { for span in spans.finish() { Self.write(span, &output) } }

  private static func write(_ span: Span, _ output: inout ExportOutput) {
    let start = milliseconds(span.start)
    let end = max(start + 1, milliseconds(span.end))
    output.write("\(Digits.clock(start)) --> \(Digits.clock(end))\n\(escaped(span.title))\n\n")
  }

  /// A time before the film's start is its start.
  private static func milliseconds(_ seconds: Double) -> Int { Int((max(0, min(seconds, 1e12)) * 1000).rounded()) }

  /// Without what begins a tag, a reference or an arrow.
  static func escaped(_ line: String) -> String {
    var text = ""
    for scalar in line.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
