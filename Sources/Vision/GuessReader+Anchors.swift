internal import Base

/// Families that tell their boxes from anchors, in outputs that no other family has together.
extension GuessReader {
  func byAnchors() -> Guess? {
    if StridedRetinaFaceDecoder.isNamed(outputs) {
      guard facts.color != nil || facts.isReversed != nil else { return nil }
      // As it was trained: what else the file says of the colour is put over that.
      return Guess(
        .retinaface, "its outputs are named as those of insightface's RetinaFace",
        input: .letterbox(.rgb, .topLeft, pad: 0))
    }
    let floats = outputs.allSatisfy { !$0.element.isIndex && !$0.isDynamic }
    guard floats, size != nil else { return nil }
    switch outputs.count {
    case 9 where fits(.usual(.scrfd)):
      return Guess(
        .scrfd,
        "its nine outputs are scores, distances and points a stride, as SCRFD gives them",
        input: .usual(.scrfd))
    case 3 where fits(.usual(.retinaface)):
      return Guess(
        .retinaface, "it gives offsets, scores and five points for as many priors as RetinaFace has",
        input: .usual(.retinaface))
    case 2: return mediaPipe()
    default: return nil
    }
  }

  /// By the side of the input, the number of anchors, and the numbers of each, which are its networks' own.
  private func mediaPipe() -> Guess? {
    let known: [(side: Int, rows: Int, width: Int, what: String, isUnit: Bool)] = [
      (128, 896, 16, "BlazeFace", false), (256, 896, 16, "BlazeFace", false),
      (192, 2304, 16, "its face detector of full range", false), (192, 2016, 18, "its palm detector", true),
      (256, 2944, 18, "its palm detector", false), (224, 2254, 12, "its detector of people", false),
    ]
    let shapes = outputs.map { innerShape($0, rank: 2) }
    guard
      let found = known.first(where: { network in
        size == Size(width: network.side, height: network.side) && shapes.contains([network.rows, network.width])
          && shapes.contains([network.rows, 1])
      }), fits(.usual(.mediapipe))
    else { return nil }
    // Palms are shown 0 to 1, and all others -1 to 1.
    let input = InputRecipe.letterbox(.rgb, .center, scale: [255], pad: 0)
    return Guess(
      .mediapipe, "\(found.rows) anchors of \(found.width) numbers are those of MediaPipe: \(found.what)",
      input: found.isUnit ? input : .usual(.mediapipe))
  }
}

extension GuessDoubt {
  /// Networks of distances, and what tells them apart that the outputs do not.
  static func distances(
    _ reader: GuessReader, _ with: (String?, (inout OutputRecipe) -> Void) -> Choice
  ) -> [Choice] {
    let few = with("NanoDet") { $0.origin = .middle }
    let plus = with("NanoDet-Plus") { $0.origin = .corner }
    switch reader.outputs.count {
    case 1: return reader.isFourLevels ? [plus] : [few, plus]
    case ..<8: return [few]
    default:
      return [Choice(few.output, "PicoDet", .rgb, "imagenet"), plus]
    }
  }
}

extension GuessReader {
  /// As many cells as strides 8, 16, 32 and 64 have, which NanoDet-Plus alone reads in one output.
  fileprivate var isFourLevels: Bool {
    guard let size, let sides = innerShape(outputs[0], rank: 2) else { return false }
    return sides.contains(Self.cells(size) + size.cells(stride: 64).area)
  }
}
