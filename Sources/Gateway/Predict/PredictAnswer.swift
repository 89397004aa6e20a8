internal import Base
internal import Predictions
internal import Web

/// What was found in a picture or a clip, as every route that predicts answers it.
struct PredictAnswer {
  /// Who predicted: the members in front, such as model, version and task.
  let head: [(name: String, text: String)]
  /// As predictions name the model of each step: `NAME@sha256:…`.
  let models: [String]
  /// Of the upright picture, in pixels.
  let size: Size
  let isPicture: Bool
  /// In order of time.
  let frames: [(stamp: FrameStamp, predictions: [Prediction])]
  /// Frames that were damaged, looked at all the same, or that are missing.
  let corruptFrames: Int
  /// JPEG, where it was asked for and could be made.
  let drawing: [UInt8]?

  /// The predictions as JSON, or the picture where it is `drawn`.
  func response(drawn: Bool) throws(Failure) -> Response {
    guard drawn else { return .json(json) }
    guard isPicture, let drawing else {
      throw Failure(
        Fault(.unsupported, "only pictures are drawn on: send one, or use 'ridley analyze --video' for clips"))
    }
    return Response(200, headers: [("Content-Type", "image/jpeg")], body: drawing)
  }

  private var json: [UInt8] {
    JSONWriter.object { json in
      for (name, text) in head { json.field(JSONWriter.Name(name), text) }
      json.field("width", size.width)
      json.field("height", size.height)
      json.field("frames", frames.count)
      json.field("corrupt_frames", corruptFrames)
      json.array("predictions") { json in
        for frame in frames {
          let stamp = isPicture ? nil : frame.stamp
          for prediction in frame.predictions {
            PredictionJSON.write(prediction, at: stamp, model: models[prediction.step], into: &json)
          }
        }
      }
    }
  }
}
