public import Base

/// One prediction as one line of JSON Lines; the format is described in `docs/predictions.md`.
public enum PredictionJSON {
  /// Appends the line and its line feed.
  ///
  /// `model` is `NAME@sha256:…`.
  public static func write(_ prediction: Prediction, _ stamp: FrameStamp, model: String, into json: inout JSONWriter) {
    json.object { json in
      json.field("file", stamp.file)
      write(members: prediction, at: stamp, model: model, into: &json)
    }
    json.newline()
  }

  /// Writes an object without the name of a file; `stamp` is left out for a picture.
  public static func write(
    _ prediction: Prediction, at stamp: FrameStamp?, model: String, into json: inout JSONWriter
  ) {
    json.object { write(members: prediction, at: stamp, model: model, into: &$0) }
  }

  /// Writes the members of an object that is open, without the name of a file; `stamp` is left out for a picture.
  public static func write(
    members prediction: Prediction, at stamp: FrameStamp?, model: String, into json: inout JSONWriter
  ) {
    json.field("pts", ifKnown: stamp?.pts)
    json.field("time", ifKnown: stamp?.time, digits: 6)
    json.field("frame", ifKnown: stamp?.index)
    write(finding: prediction, into: &json)
    json.field("model", model)
  }

  private static func write(finding: Prediction, into json: inout JSONWriter) {
    json.field("kind", finding.kind.rawValue)
    json.field("label", ifKnown: finding.label)
    json.field("score", ifKnown: finding.score.map(Double.init))
    if let box = finding.box { write(box: box, into: &json) }
    json.field("track", ifKnown: finding.track)
    json.field("parent", ifKnown: finding.parent)
    json.field("state", ifKnown: finding.state?.rawValue)
    if let span = finding.span {
      json.array("span") { json in
        json.number(span.lowerBound, digits: 6)
        json.number(span.upperBound, digits: 6)
      }
    }
    if !finding.points.isEmpty { write(points: finding.points, into: &json) }
    if let mask = finding.mask { write(mask: mask, into: &json) }
    json.field("text", ifKnown: finding.text)
    if !finding.vector.isEmpty {
      json.array("vector") { for value in finding.vector { $0.number(Double(value), digits: 6) } }
    }
    if let tensor = finding.tensor { write(tensor: tensor, into: &json) }
  }

  private static func write(box: Rect, into json: inout JSONWriter) {
    json.array("box") { json in
      json.number(box.x, digits: 5)
      json.number(box.y, digits: 5)
      json.number(box.width, digits: 5)
      json.number(box.height, digits: 5)
    }
  }

  private static func write(points: [Keypoint], into json: inout JSONWriter) {
    json.array("points") { json in
      for point in points {
        json.object { json in
          json.field("name", point.name)
          json.field("x", point.x, digits: 5)
          json.field("y", point.y, digits: 5)
          json.field("score", ifKnown: point.score.map(Double.init))
        }
      }
    }
  }

  private static func write(mask: Mask, into json: inout JSONWriter) {
    json.object("mask") { json in
      json.array("size") { json in
        json.integer(mask.size.height)
        json.integer(mask.size.width)
      }
      json.array("counts") { for count in mask.counts { $0.integer(count) } }
      json.field("share", mask.share)
    }
  }

  private static func write(tensor: TensorSummary, into json: inout JSONWriter) {
    json.object("tensor") { json in
      json.field("name", tensor.spec.name)
      json.field("shape", tensor.spec.shape)
      json.field("type", tensor.spec.element.rawValue)
      json.field("min", Double(tensor.minimum), digits: 6)
      json.field("max", Double(tensor.maximum), digits: 6)
      json.field("mean", Double(tensor.mean), digits: 6)
    }
  }
}
