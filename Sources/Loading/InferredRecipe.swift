internal import Base
internal import Predictions
internal import Vision

/// Makes the recipe of a network that came without a manifest: from what is said of it, from what its file says, then from
/// its shapes.
struct InferredRecipe {
  /// Names the network in doubts.
  let path: String
  let inputs: [TensorSpec]
  let outputs: [TensorSpec]
  var facts = NetworkFacts()
  let overrides: RecipeOverrides
  /// Those of a file that the owner named.
  let labels: [String]

  /// - Throws: what neither is said nor can be guessed.
  func recipe() throws(RecipeDoubt) -> Recipe {
    try explain().recipe
  }

  /// The recipe, and one sentence that says where it comes from.
  func explain() throws(RecipeDoubt) -> (recipe: Recipe, why: String) {
    let known = labels.isEmpty ? facts.labels : labels
    let guessed = guess(labels: known.count)
    let (decoder, why) = try decoder(guessed)
    let guess = (try? guessed.get()).flatMap { $0.output.decoder == decoder ? $0 : nil }
    var recipe = Recipe(
      task: overrides.task ?? decoder.task, input: guess?.input ?? .usual(decoder),
      output: guess?.output ?? .usual(decoder), labels: known)
    recipe.isGuess = overrides.decoder == nil
    if let threshold = facts.threshold { recipe.output.threshold = threshold }
    if let iou = facts.iou { recipe.output.iou = iou }
    try settleInput(&recipe.input, isKnown: guess?.input != nil || isSure(decoder))
    overrides.apply(to: &recipe, labels: nil)
    if recipe.output.decoder == .ctc, known.isEmpty { throw .characters(network: path) }
    // PyTorch's is the first by default, Keras' the last; with the wrong one every step is a character.
    if recipe.output.decoder == .ctc, recipe.output.background == nil, !known.contains(where: Recipe.isBackground) {
      throw .blank(network: path)
    }
    return (recipe, why)
  }

  private func guess(labels: Int) -> Result<Guess, GuessDoubt> {
    do throws(GuessDoubt) {
      return .success(try Guess.read(inputs: inputs, outputs: outputs, facts: facts, labels: labels))
    } catch { return .failure(error) }
  }

  private func decoder(
    _ guess: Result<Guess, GuessDoubt>
  ) throws(RecipeDoubt) -> (decoder: OutputRecipe.Decoder, why: String) {
    if let decoder = overrides.decoder ?? (overrides.task == .tensor ? .raw : nil) {
      // What the file says of itself stands against what is said of it.
      if let doubt = GuessDoubt(facts), decoder != .raw { throw self.doubt(doubt) }
      if let doubt = GuessDoubt(facts, against: decoder) { throw self.doubt(doubt) }
      let isGuessed = (try? guess.get())?.output.decoder == decoder
      if !isGuessed, let doubt = inputDoubt(decoder) { throw self.doubt(doubt) }
      return (decoder, "its owner says so")
    }
    switch guess {
    case .success(let guess):
      guard let task = overrides.task, task != guess.task else { return (guess.output.decoder, guess.why) }
      // A detector can be read in many ways, and a wrong one gives nonsense; other tasks have their usual way.
      guard task != .detection, let usual = task.decoders.first else {
        throw self.doubt(GuessDoubt(task, inputs, outputs, labels: labels.count))
      }
      return (usual, "its owner says so")
    case .failure(let doubt):
      guard let task = overrides.task, doubt.isOpen else { throw self.doubt(doubt) }
      guard task != .detection, let usual = task.decoders.first else {
        throw self.doubt(GuessDoubt(task, inputs, outputs, labels: labels.count))
      }
      return (usual, "its owner says so")
    }
  }

  /// The decoder alone does not say how the picture is taken.
  private func inputDoubt(_ decoder: OutputRecipe.Decoder) -> GuessDoubt? {
    let color = overrides.color ?? facts.color
    return GuessDoubt(
      decoder, origin: overrides.origin, color: color, normalization: overrides.normalization?.rawValue,
      saysInput: color != nil && saysNumbers, inputs, outputs,
      labels: labels.isEmpty ? facts.labels.count : labels.count)
  }

  /// With all that each way of reading still asks for, so that one answer is enough.
  private func doubt(_ doubt: GuessDoubt) -> RecipeDoubt {
    var doubt = doubt
    for index in doubt.choices.indices where doubt.choices[index].normalization == nil && !saysNumbers {
      doubt.choices[index].wantsNumbers = !isSure(doubt.choices[index].output.decoder)
    }
    return .reading(network: path, outputs: outputs, doubt)
  }

  private var takesFloats: Bool {
    [.f32, .f16, .f64, .bf16].contains(inputs[SideInput.picture(among: inputs) ?? 0].element)
  }

  /// The file or its owner tell what 0 to 255 becomes, or it takes bytes.
  private var saysNumbers: Bool {
    guard PictureShape(inputs) ?? PictureShape(inputs, layout: .nchw) != nil else { return true }
    return !takesFloats || facts.mean != nil || facts.scale != nil || overrides.saysNumbers
  }

  /// Families whose networks all take their pictures alike; those that are read as YOLOv5 do where they have its anchors.
  private func isSure(_ decoder: OutputRecipe.Decoder) -> Bool {
    guard decoder.facts.input != nil else { return false }
    return decoder != .yolov5 || Guess.hasAnchors(inputs, outputs)
  }

  /// A network that takes floats does not say what numbers it wants, unless its file or its family does.
  private func settleInput(_ input: inout InputRecipe, isKnown: Bool) throws(RecipeDoubt) {
    if facts.isReversed == true, facts.color == nil { input.color = input.color.reversed }
    if let color = facts.color { input.color = color }
    if let resize = facts.resize { input.resize = resize }
    if let anchor = facts.anchor { input.anchor = anchor }
    if let pad = facts.pad { input.pad = pad }
    if let mean = facts.mean { input.mean = mean }
    if let scale = facts.scale { input.scale = scale }
    guard let shape = PictureShape(inputs) ?? PictureShape(inputs, layout: .nchw) else { return }
    // A network that leaves its size open was made for that of its export.
    if shape.size == nil, let size = facts.size { (input.width, input.height) = (size.width, size.height) }
    if shape.channels == 1 { input.color = .gray }
    if shape.channels == 3, input.color == .gray { input.color = .rgb }
    // Bytes are taken as they are, unless the file says otherwise of whole numbers that stand for fractions.
    let takesFractions = facts.described(inputs)[SideInput.picture(among: inputs) ?? 0].takesFractions
    if !takesFractions || !takesFloats && facts.scale == nil && facts.mean == nil {
      (input.mean, input.scale) = ([], [])
    }
    guard isKnown || saysNumbers else { throw .normalization(network: path) }
  }
}
