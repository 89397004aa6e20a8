internal import Base
internal import Predictions
internal import Vision

/// Makes the recipe of a network that came without a manifest: from what is said of it, then from its shapes.
struct InferredRecipe {
  /// Names the network in doubts.
  let path: String
  let inputs: [TensorSpec]
  let outputs: [TensorSpec]
  let overrides: RecipeOverrides
  let labels: [String]

  /// - Throws: what neither is said nor can be guessed.
  func recipe() throws(RecipeDoubt) -> Recipe {
    let guess = Guess.make(inputs: inputs, outputs: outputs, labels: labels.count)
    guard let decoder = try decoder(guess) else { throw .task(network: path, outputs: outputs) }
    let task = overrides.task ?? decoder.task
    var output = guess?.output.decoder == decoder ? guess!.output : OutputRecipe(decoder: decoder)
    if task == .detection, output.threshold == 0 { output.threshold = 0.3 }
    var recipe = Recipe(task: task, input: guess?.input ?? InputRecipe(), output: output, labels: labels)
    try settleInput(&recipe.input, isKnown: guess?.input != nil)
    overrides.apply(to: &recipe, labels: nil)
    return recipe
  }

  private func decoder(_ guess: Guess?) throws(RecipeDoubt) -> OutputRecipe.Decoder? {
    if let decoder = overrides.decoder { return decoder }
    guard let task = overrides.task else { return guess?.output.decoder }
    if guess?.task == task { return guess?.output.decoder }
    // A detector can be read in many ways, and a wrong one gives nonsense.
    guard let usual = task.decoders.first, task != .detection else {
      throw .decoder(network: path, outputs: outputs, task: task)
    }
    return usual
  }

  /// A network that takes floats does not say what numbers it wants.
  private func settleInput(_ input: inout InputRecipe, isKnown: Bool) throws(RecipeDoubt) {
    guard let shape = PictureShape(inputs) ?? PictureShape(inputs, layout: .nchw) else { return }
    if shape.channels == 1 { input.color = .gray }
    let takesFloats = [.f32, .f16, .f64, .bf16].contains(inputs[0].element)
    guard isKnown || overrides.saysNumbers || !takesFloats else { throw .normalization(network: path) }
  }
}
