internal import Base
internal import Predictions

/// A CMX 3600 edit decision list: one event a span, cut from the film; events stand one behind the other on the record side.
struct EDLWriter: ExportWriter {
  /// Columns of a line, as screens of edit controllers had them.
  private static let width = 80

  private let asset: ExportedAsset
  private let timecode: Timecode
  private let reel: String
  private var spans: SpanStream
  private var events = 0
  /// Where the next event begins on the record side.
  private var record = 0

  init(_ asset: ExportedAsset) throws(Fault) {
    guard !asset.isPicture else {
      throw Fault(
        .unsupported, "\(asset.name) is a picture, and an EDL holds cuts of a film; coco, csv and jsonl hold pictures")
    }
    guard let rate = asset.evenRate else {
      throw Fault(
        .unsupported,
        "the frame rate of \(asset.name) varies or is not known, and an EDL counts frames of one rate; webvtt and otio hold times"
      )
    }
    guard let timecode = Timecode(rate) else {
      let shown = NumberFormat.short(rate.value, 3)
      throw Fault(
        .unsupported,
        "\(asset.name) has \(shown) frames a second, and timecode is of 23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94 or 60; webvtt and otio hold it"
      )
    }
    (self.asset, self.timecode) = (asset, timecode)
    reel = Self.reel(asset.stem)
    spans = SpanStream(asset, isStrict: false)
  }

  func begin(_ output: inout ExportOutput) {
    Self.write("TITLE: ", asset.stem, &output)
    output.write("FCM: \(timecode.dropped > 0 ? "" : "NON-")DROP FRAME\n")
  }

  mutating func add(_ row: PredictionRow, _ output: inout ExportOutput) throws(Fault) {
    for span in try spans.add(row) { try write(span, &output) }
  }

  mutating func finish(_ output: inout ExportOutput) throws(Fault) {
    for span in spans.finish() { try write(span, &output) }
  }

  private mutating func write(_ span: Span, _ output: inout ExportOutput) throws(Fault) {
    let start = timecode.frame(at: span.start - asset.firstTime)
    let end = max(start + 1, timecode.frame(at: span.end - asset.firstTime))
    guard end < timecode.framesPerDay else {
      throw Fault(
        .unsupported, "\(asset.name) is longer than 24 hours, and timecode ends there; webvtt and otio hold it")
    }
    guard record + end - start < timecode.framesPerDay else {
      throw Fault(
        .unsupported,
        "what was seen in \(asset.name) is more than 24 hours laid end to end, and timecode ends there; webvtt and otio hold it"
      )
    }
    events += 1
    let codes = [start, end, record, record + end - start].map(timecode.text).joined(separator: " ")
    output.write("\(Digits.padded(events, 3))  \(reel) V     C        \(codes)\n")
    Self.write("* FROM CLIP NAME: ", asset.name, &output)
    Self.write("* LOC: \(timecode.text(record)) RED     ", span.title, &output)
    Self.write("* COMMENT: ", span.title, &output)
    record += end - start
  }

  /// A line with a text of the asset's or network's, cut to the width.
  private static func write(_ head: String, _ text: String, _ output: inout ExportOutput) {
    output.write(head + plain(text).prefix(width - head.utf8.count) + "\n")
  }

  /// Printable ASCII on one line; what is not is a question mark, of several in a row one.
  static func plain(_ text: String) -> String {
    var plain = ""
    for scalar in PlainLine.of(text).unicodeScalars {
      if (0x20..<0x7f).contains(scalar.value) {
        plain.unicodeScalars.append(scalar)
      } else if plain.last != "?" {
        plain += "?"
      }
    }
    return plain
  }

  /// Eight columns: capital letters and digits of a name; what readers take for black or bars, or for no name, is CLIP.
  static func reel(_ name: String) -> String {
    let letters = name.uppercased().unicodeScalars.filter { ("A"..."Z").contains($0) || ("0"..."9").contains($0) }
    let reel = String(String.UnicodeScalarView(letters.prefix(8)))
    let safe = ["", "AX", "BL", "BLACK", "BARS"].contains(reel) ? "CLIP" + reel.prefix(4) : reel
    return safe + String(repeating: " ", count: 8 - safe.utf8.count)
  }
}
