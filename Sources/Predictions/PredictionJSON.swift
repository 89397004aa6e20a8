public import Base

/// One prediction as one line of JSON Lines; the format is described in `docs/predictions.md`.
public enum PredictionJSON {
  /// Appends the line and its line feed.
  ///
  /// `model` is `NAME@sha256:…`.
  public static func write(_ prediction: Prediction, _ stamp: FrameStamp, model: String, into json: inout JSONWriter) {
    json.beginObject()
    json.key("file")
    json.string(stamp.file)
    write(members: prediction, at: stamp, model: model, into: &json)
    json.endObject()
    json.newline()
  }

  /// Writes an object without the name of a file; `stamp` is left out for a picture.
  public static func write(
    _ prediction: Prediction, at stamp: FrameStamp?, model: String, into json: inout JSONWriter
  ) {
    json.beginObject()
    write(members: prediction, at: stamp, model: model, into: &json)
    json.endObject()
  }

  private static func write(
    members prediction: Prediction, at stamp: FrameStamp?, model: String, into json: inout JSONWriter
  ) {
    if let pts = stamp?.pts {
      json.key("pts")
      json.integer(pts)
    }
    if let stamp {
      json.key("time")
      json.number(stamp.time, digits: 6)
      json.key("frame")
      json.integer(stamp.index)
    }
    write(finding: prediction, into: &json)
    json.key("model")
    json.string(model)
  }

  private static func write(finding: Prediction, into json: inout JSONWriter) {
    json.key("kind")
    json.string(finding.kind.rawValue)
    if let label = finding.label {
      json.key("label")
      json.string(label)
    }
    if let score = finding.score {
      json.key("score")
      json.number(Double(score))
    }
    if let box = finding.box {
      json.key("box")
      numbers([box.x, box.y, box.width, box.height], into: &json)
    }
    if let track = finding.track {
      json.key("track")
      json.integer(track)
    }
    if let parent = finding.parent {
      json.key("parent")
      json.integer(parent)
    }
    if let state = finding.state {
      json.key("state")
      json.string(state.rawValue)
    }
    if let span = finding.span {
      json.key("span")
      json.beginArray()
      json.number(span.lowerBound, digits: 6)
      json.number(span.upperBound, digits: 6)
      json.endArray()
    }
    if !finding.points.isEmpty { write(points: finding.points, into: &json) }
    if let mask = finding.mask { write(mask: mask, into: &json) }
    if let text = finding.text {
      json.key("text")
      json.string(text)
    }
    if !finding.vector.isEmpty {
      json.key("vector")
      json.beginArray()
      for value in finding.vector { json.number(Double(value), digits: 6) }
      json.endArray()
    }
    if let tensor = finding.tensor { write(tensor: tensor, into: &json) }
  }

  private static func numbers(_ values: [Double], into json: inout JSONWriter) {
    json.beginArray()
    for value in values { json.number(value, digits: 5) }
    json.endArray()
  }

  private static func write(points: [Keypoint], into json: inout JSONWriter) {
    json.key("points")
    json.beginArray()
    for point in points {
      json.beginObject()
      json.key("name")
      json.string(point.name)
      json.key("x")
      json.number(point.x, digits: 5)
      json.key("y")
      json.number(point.y, digits: 5)
      if let score = point.score {
        json.key("score")
        json.number(Double(score))
      }
      json.endObject()
    }
    json.endArray()
  }

  private static func write(mask: Mask, into json: inout JSONWriter) {
    json.key("mask")
    json.beginObject()
    json.key("size")
    json.beginArray()
    json.integer(mask.size.height)
    json.integer(mask.size.width)
    json.endArray()
    json.key("counts")
    json.beginArray()
    for count in mask.counts { json.integer(count) }
    json.endArray()
    json.key("share")
    json.number(mask.share)
    json.endObject()
  }

  private static func write(tensor: TensorSummary, into json: inout JSONWriter) {
    json.key("tensor")
    json.beginObject()
    json.key("name")
    json.string(tensor.spec.name)
    json.key("shape")
    json.beginArray()
    for length in tensor.spec.shape { if let length { json.integer(length) } else { json.null() } }
    json.endArray()
    json.key("type")
    json.string(tensor.spec.element.rawValue)
    for (name, value) in [("min", tensor.minimum), ("max", tensor.maximum), ("mean", tensor.mean)] {
      json.key(name: name)
      json.number(Double(value), digits: 6)
    }
    json.endObject()
  }
}
