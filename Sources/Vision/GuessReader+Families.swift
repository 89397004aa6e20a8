internal import Base

/// Families that are known by names of inputs and outputs, or by what an exporter wrote into the file.
extension GuessReader {
  /// Detections that the network has finished itself, under names that no other family has.
  func finished() -> Guess? {
    let names = Set(outputs.map(\.name))
    if names.isSuperset(of: PostProcessedParts.Places.names) {
      return Guess(.finished, "its outputs are named as those of TensorFlow's Object Detection API")
    }
    if let guess = byInputs() { return guess }
    if names.isSuperset(of: ["dets", "labels"]), outputs.first(where: { $0.name == "dets" })?.shape.last == 5 {
      return Guess(.finished, "its outputs are named as MMDeploy's") {
        $0.columns = [.left, .top, .right, .bottom, .score]
      }
    }
    guard let parts = PostProcessedParts.Places(outputs) else { return nil }
    let pixels: (inout OutputRecipe) -> Void = {
      ($0.columns, $0.coordinates) = ([.left, .top, .right, .bottom], .pixels)
    }
    if names.isSuperset(of: ["num_dets", "det_boxes", "det_scores", "det_classes"]) {
      return Guess(.finished, "its outputs are named as those of an end-to-end YOLO", pixels)
    }
    if ["num_predictions", "pred_boxes", "pred_scores", "pred_classes"].allSatisfy({ word in
      names.contains { $0 == word || $0.hasSuffix("_\(word)") }
    }) {
      return Guess(.finished, "its outputs are named as YOLO-NAS's", pixels)
    }
    // The operator of TensorFlow Lite gives its classes as floats; those of others are whole numbers.
    guard !outputs[parts.classes].element.isWhole, outputs[parts.boxes].shape.count == 3 else { return nil }
    return Guess(.finished, "its outputs are finished detections, as TensorFlow Lite's post-processing gives them")
  }

  /// Inputs beside the picture have names of their families.
  private func byInputs() -> Guess? {
    let corners: [OutputRecipe.Column] = [.left, .top, .right, .bottom]
    if names.contains(SideInput.originalSize.rawValue), PostProcessedParts.Places(outputs) != nil {
      return Guess(.finished, "it takes orig_target_sizes, as RT-DETR and its heirs do") {
        ($0.columns, $0.coordinates) = (corners, .pixels)
      }
    }
    guard names.contains(SideInput.scale.rawValue), let rows = outputs.first, rows.shape.last == 6, outputs.count <= 2
    else { return nil }
    return Guess(.finished, "it takes scale_factor, as PaddleDetection's networks do") {
      ($0.columns, $0.coordinates) = ([.label, .score] + corners, .pixels)
    }
  }

  /// A decoder of Ultralytics' networks, with boxes told as the file says.
  func family(
    _ decoder: OutputRecipe.Decoder, _ why: String, _ change: (inout OutputRecipe) -> Void = { _ in }
  ) -> Guess {
    Guess(decoder, why, input: .usual(decoder)) {
      if givesFractions(isFinished: facts.hasSuppression) { $0.coordinates = .fractions }
      change(&$0)
    }
  }

  /// Ultralytics' TensorFlow Lite networks; those that its later exporter converts (channels first) tell finished boxes in pixels.
  func givesFractions(isFinished: Bool) -> Bool {
    facts.givesFractions && !(isFinished && picture?.layout == .nchw)
  }

  /// Ultralytics' RT-DETR: class scores, or the best of them, behind centre and size.
  ///
  /// With two classes both are equally long.
  func transformer(_ sides: [Int?], _ why: String) -> Guess? {
    let hasScores = sides[1] == facts.labels.count + 4
    guard hasScores != (sides[1] == 6) else { return nil }
    if hasScores { return Guess(.detr, why) }
    return Guess(.finished, why) {
      ($0.columns, $0.coordinates) = ([.x, .y, .width, .height, .score, .label], .fractions)
    }
  }

  /// A class a pixel, chosen inside or not.
  func semantic(_ why: String) -> Guess {
    Guess(.mask, why) {
      guard !outputs[0].element.isWhole else { return }
      $0.activation = facts.labels.count == 1 ? .sigmoid : .softmax
      if facts.labels.count == 1 { $0.threshold = 0.5 }
    }
  }

  /// YOLOv5's own exporter writes names and stride, and not what the network is for.
  func withoutTask() -> Guess? {
    guard facts.exporter == "Ultralytics", facts.task == nil, !facts.labels.isEmpty else { return nil }
    let why = "YOLOv5's exporter wrote names and stride into the file"
    if outputs.count == 2, outputs.contains(where: { $0.shape.count == 4 }) { return family(.yoloSegment, why) }
    guard outputs.count == 1, outputs[0].shape.count == 2, outputs[0].shape[1] == facts.labels.count else {
      return nil
    }
    // Its classifiers give logits, and take pictures as torchvision's do.
    var input = InputRecipe()
    (input.resize, input.mean, input.scale) = (.crop, [123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
    return Guess(.classes, why + ", and it gives as many numbers", input: input) { $0.activation = .softmax }
  }
}

extension OutputRecipe {
  /// COCO's points of a person, in their order.
  public static let personPoints = KeypointDecoder.names

  /// Names for so many points of which nothing is known: COCO's for seventeen.
  public static func points(_ count: Int) -> [String] {
    count == personPoints.count ? personPoints : (0..<count).map { "point-\($0 + 1)" }
  }
}
