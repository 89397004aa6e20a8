internal import Base

/// The lines of a CMX 3600 edit decision list of one film: events cut from it, one behind the other on the record side.
struct EDLList: Sendable {
  /// Columns of a line, as screens of edit controllers had them.
  private static let width = 80

  let timecode: Timecode
  private let asset: ExportedAsset
  private let reel: String
  /// Formats that hold what an EDL does not, as faults name them.
  private let instead: String
  private var events = 0
  /// Where the next event begins on the record side.
  private var record = 0

  init(_ asset: ExportedAsset, instead: String) throws(Fault) {
    guard let rate = asset.evenRate else {
      throw Fault(
        .unsupported,
        "the frame rate of \(asset.name) varies or is not known, and an EDL counts frames of one rate; \(instead) hold times"
      )
    }
    guard let timecode = Timecode(rate) else {
      let shown = NumberFormat.short(rate.value, 3)
      throw Fault(
        .unsupported,
        "\(asset.name) has \(shown) frames a second, and timecode is of 23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94 or 60; \(instead) hold it"
      )
    }
    (self.asset, self.timecode, self.instead) = (asset, timecode, instead)
    reel = Self.reel(asset.stem)
  }

  func begin(_ output: inout ExportOutput) {
    Self.write("TITLE: ", asset.stem, &output)
    output.write("FCM: \(timecode.dropped > 0 ? "" : "NON-")DROP FRAME\n")
  }

  /// An event of these frames; with a marker where it begins on the record side.
  mutating func add(_ frames: Range<Int>, marker: String?, _ output: inout ExportOutput) throws(Fault) {
    guard frames.upperBound < timecode.framesPerDay else {
      throw Fault(
        .unsupported, "\(asset.name) is longer than 24 hours, and timecode ends there; \(instead) hold it")
    }
    guard record + frames.count < timecode.framesPerDay else {
      throw Fault(
        .unsupported,
        "what was seen in \(asset.name) is more than 24 hours laid end to end, and timecode ends there; \(instead) hold it"
      )
    }
    events += 1
    let sides = [frames.lowerBound, frames.upperBound, record, record + frames.count]
    let codes = sides.map(timecode.text).joined(separator: " ")
    output.write("\(Digits.padded(events, 3))  \(reel) V     C        \(codes)\n")
    Self.write("* FROM CLIP NAME: ", asset.name, &output)
    if let marker {
      Self.write("* LOC: \(timecode.text(record)) RED     ", marker, &output)
      Self.write("* COMMENT: ", marker, &output)
    }
    record += frames.count
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
