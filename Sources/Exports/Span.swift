internal import Base
internal import Predictions

/// A stretch of a film in which one thing was seen without a gap.
struct Span: Sendable, Hashable {
  var key: SpanKey
  /// Seconds; the end lies behind the start, or on it where nothing is known of the distance of frames.
  var start: Double
  var end: Double
  /// The greatest of its sightings; `nil` where none had one that is a number.
  var best: Float?
  /// In which order spans began.
  var serial: Int

  /// Name, track and best score in one line: `person #3 0.93`.
  var title: String {
    let words = [key.name, key.track.map { "#\($0)" }, best.map { NumberFormat.fixed(Double($0), 2) }]
    return PlainLine.of(words.compactMap { $0 }.joined(separator: " "))
  }
}

/// What makes sightings the same thing.
struct SpanKey: Sendable, Hashable {
  var kind: ModelTask
  var name: String
  var track: Int?

  /// `nil` where an answer says nothing that has a name: an embedding, a raw tensor, how likely a frame is a boundary.
  init?(_ prediction: Prediction) {
    switch prediction.kind {
    case .embedding, .tensor, .shotBoundary: return nil
    case .text: name = prediction.text.flatMap { $0.isEmpty ? nil : $0 } ?? prediction.name
    case .classification, .detection, .segmentation, .saliency, .pose, .score, .anomaly: name = prediction.name
    }
    (kind, track) = (prediction.kind, prediction.track)
  }
}

extension Prediction {
  /// The label, or what kind of answer it is where there is none.
  var name: String { label.flatMap { $0.isEmpty ? nil : $0 } ?? kind.rawValue }

  /// The score where it is a number.
  var finiteScore: Float? { score.flatMap { $0.isFinite ? $0 : nil } }
}

/// Text on one line, for formats in which a line's end ends what is written.
enum PlainLine {
  /// Control characters and every kind of line end are spaces; none stands at the ends, and no two side by side.
  static func of(_ text: String) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
      let isSpace = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
      if !isSpace { line.unicodeScalars.append(scalar) } else if !line.isEmpty, line.last != " " { line += " " }
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
