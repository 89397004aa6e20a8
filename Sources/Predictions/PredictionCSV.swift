internal import Base

/// Predictions as rows of a table (RFC 4180, UTF-8, lines end with CR LF); masks, tensors and maps of attention stay out of it.
///
/// A name, label or text that a spreadsheet would run as a formula gets an apostrophe in front. JSON Lines is exact.
public enum PredictionCSV {
  static let columns = [
    "file", "frame", "pts", "time", "kind", "label", "score", "x", "y", "width", "height", "text", "share", "points",
    "vector", "model",
  ]

  /// Columns after those, where predictions may tell of tracks and changes.
  static let trackColumns = ["track", "parent", "state", "from", "to"]

  public static var header: [UInt8] { header(tellsTracks: false) }

  public static func header(tellsTracks: Bool) -> [UInt8] {
    Array(((columns + (tellsTracks ? trackColumns : [])).joined(separator: ",") + "\r\n").utf8)
  }

  /// Appends one row; `model` is `NAME@sha256:…`.
  public static func write(
    _ prediction: Prediction, _ stamp: FrameStamp, model: String, tellsTracks: Bool = false, into bytes: inout [UInt8]
  ) {
    let box = prediction.box
    let cells = [
      written(stamp.file), String(stamp.index), stamp.pts.map { String($0) } ?? "", number(stamp.time, 6),
      prediction.kind.rawValue, written(prediction.label ?? ""), number(prediction.score.map(Double.init), 4),
      number(box?.x, 5), number(box?.y, 5), number(box?.width, 5), number(box?.height, 5),
      written(prediction.text ?? ""), number(prediction.mask?.share, 4), points(prediction.points),
      prediction.hasCells ? "" : prediction.vector.map { number(Double($0), 6) }.joined(separator: " "),
      written(model),
    ]
    let tracked =
      tellsTracks
      ? [
        prediction.track.map { String($0) } ?? "", prediction.parent.map { String($0) } ?? "",
        prediction.state?.rawValue ?? "", number(prediction.span?.lowerBound, 6),
        number(prediction.span?.upperBound, 6),
      ] : []
    bytes.append(contentsOf: (cells + tracked).joined(separator: ",").utf8)
    bytes.append(contentsOf: "\r\n".utf8)
  }

  private static func number(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return "" }
    return NumberFormat.short(value, digits)
  }

  /// `name x y score`, points set apart by semicolons.
  private static func points(_ points: [Keypoint]) -> String {
    let told = points.map { point in
      let numbers = [number(point.x, 5), number(point.y, 5), number(point.score.map(Double.init), 4)]
      return ([point.name] + numbers).joined(separator: " ")
    }
    return told.isEmpty ? "" : written(told.joined(separator: "; "))
  }

  /// A cell of words: disarmed for spreadsheets, in quotes where the format asks for them.
  private static func written(_ text: String) -> String {
    let disarmed = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } == true ? "'" + text : text
    guard disarmed.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return disarmed }
    var quoted = "\""
    for scalar in disarmed.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
