internal import Base

/// Poses whose outputs have names that no other family has, and what maps may be read as.
extension GuessReader {
  /// RTMPose's lists and PoseNet's maps.
  func poseByNames() -> Guess? {
    if let places = SimCCDecoder.Places(outputs, scores: nil, size ?? Size(width: 1, height: 1)),
      outputs[places.columns].name.hasPrefix("simcc_x")
    {
      return Guess(.simcc, "its outputs are named as RTMPose's") { $0.points = OutputRecipe.named(places.count) }
    }
    guard let places = PoseNetDecoder.Places(outputs, scores: nil),
      outputs[places.heatmaps].name.hasPrefix("float_heatmaps"),
      outputs[places.offsets].name.hasPrefix("float_short_offsets")
    else { return nil }
    // Its maps are logits, and it takes -1 to 1.
    var input = InputRecipe()
    (input.mean, input.scale) = ([127.5], [127.5])
    return Guess(.posenet, "its outputs are named as PoseNet's", input: input) {
      ($0.activation, $0.points) = (.sigmoid, OutputRecipe.named(places.count))
    }
  }
}

extension OutputRecipe {
  /// Names that must be said: none where there are as many points as a person of COCO has.
  static func named(_ count: Int) -> [String] { count == personPoints.count ? [] : points(count) }
}

extension GuessDoubt {
  /// Ways to read maps, and lists, of points and lines.
  static func maps(_ decoder: OutputRecipe.Decoder, _ reader: GuessReader) -> [Choice] {
    let (outputs, size) = (reader.outputs, reader.size ?? Size(width: 1, height: 1))
    var output = OutputRecipe.usual(decoder)
    switch decoder {
    case .textLines:
      guard mayBeMap(reader) else { return [] }
      var choice = Choice(output)
      (choice.color, choice.normalization) = (.bgr, "imagenet")
      return [choice]
    case .poseHeatmap:
      guard outputs.count == 1, let maps = PoseMaps(outputs[0].shape, output, size), maps.grid.classes > 1 else {
        return []
      }
      output.points = OutputRecipe.named(maps.grid.classes)
      var unbiased = output
      unbiased.align = .corners
      return [
        Choice(output, "a map for each point of one pose, as HRNet gives them"),
        Choice(unbiased, "the same trained with UDP, as ViTPose is"),
      ]
    case .posenet:
      guard let places = PoseNetDecoder.Places(outputs, scores: nil) else { return [] }
      (output.activation, output.points) = (.sigmoid, OutputRecipe.named(places.count))
    case .simcc:
      guard let places = SimCCDecoder.Places(outputs, scores: nil, size) else { return [] }
      output.points = OutputRecipe.named(places.count)
    case .picture:
      guard mayBeMap(reader), !outputs[0].element.isIndex else { return [] }
      var ranks = output
      ranks.activation = OutputRecipe.Activation.none
      return [Choice(ranks, "a map of numbers of any range, such as depth"), Choice(output, "the same of 0 to 1")]
    default: return []
    }
    return [Choice(output)]
  }

  /// One output that is no list of a few rows.
  private static func mayBeMap(_ reader: GuessReader) -> Bool {
    guard reader.outputs.count == 1, reader.outputs[0].shape.count > 2 else { return false }
    return reader.outputs[0].shape.count { $0.map { $0 > 16 } ?? true } > 1
  }
}
