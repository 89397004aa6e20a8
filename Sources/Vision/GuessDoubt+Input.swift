public import Base
internal import Predictions

/// Networks whose outputs are read alike, and whose pictures are not.
extension GuessDoubt {
  /// insightface's RetinaFace was trained with RGB, and Open Model Zoo's conversion of it takes BGR under the same names.
  init?(ofChannels reader: GuessReader) {
    guard StridedRetinaFaceDecoder.isNamed(reader.outputs), reader.facts.color == nil,
      reader.facts.isReversed == nil
    else { return nil }
    self.init(
      "and those are named as insightface's RetinaFace, which takes RGB, or BGR where its conversion turned the channels round, and its file does not say which",
      Self.faces(reader) + [Choice(.usual(.raw))])
  }

  /// Ways of RetinaFace: of PyTorch ports, or of insightface's own networks, by their names.
  static func faces(_ reader: GuessReader) -> [Choice] {
    let usual = Choice(.usual(.retinaface))
    guard StridedRetinaFaceDecoder.isNamed(reader.outputs) else { return [usual] }
    return [
      Choice(.usual(.retinaface), "insightface's RetinaFace as it was trained", .rgb, "none"),
      Choice(.usual(.retinaface), "the same as Open Model Zoo converts it", .bgr, "none"),
    ]
  }

  /// A decoder is said whose networks take their pictures in different ways, and its outputs leave open which of them it is.
  ///
  /// `origin`, `color` and `normalization` are what is said with it; `saysInput` where order and numbers of the channels are known altogether.
  public init?(
    _ said: OutputRecipe.Decoder, origin: OutputRecipe.Origin?, color: InputRecipe.Color?, normalization: String?,
    saysInput: Bool, _ inputs: [TensorSpec], _ outputs: [TensorSpec], labels: Int
  ) {
    let all = GuessDoubt(said.task, inputs, outputs, labels: labels).choices
    let open = all.filter { choice in
      choice.output.decoder == said && (origin == nil || choice.output.origin == origin)
    }
    guard !saysInput, open.contains(where: { $0.color != nil }) else { return nil }
    let isChosen = open.contains { choice in
      (choice.output.origin == nil || origin != nil) && (choice.color == nil || choice.color == color)
        && (choice.normalization == nil || choice.normalization == normalization)
    }
    guard !isChosen else { return nil }
    self.init("and networks that decoder '\(said.rawValue)' reads take their pictures in different ways", open)
  }
}
