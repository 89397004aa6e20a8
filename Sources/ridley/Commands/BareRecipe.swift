import Base
import ModelHub
import Predictions
import Vision

/// Makes the recipe of a network that came without a manifest.
struct BareRecipe {
  private let path: String
  private let inputs: [TensorSpec]
  private let outputs: [TensorSpec]
  private let arguments: Arguments

  init(path: String, inputs: [TensorSpec], outputs: [TensorSpec], _ arguments: Arguments) {
    (self.path, self.inputs, self.outputs, self.arguments) = (path, inputs, outputs, arguments)
  }

  /// - Throws: `usage`, naming the option that would settle what cannot be guessed.
  func recipe() throws(Fault) -> Recipe {
    let labels = try arguments["labels"].map { (file) throws(Fault) in try LabelFile.read(file) } ?? []
    let guess = Guess.make(inputs: inputs, outputs: outputs, labels: labels.count)
    let said = arguments["task"].flatMap { ModelTask(rawValue: $0) }
    guard let decoder = try decoder(said, guess) else {
      throw arguments.refusal(
        "\(path) gives \(list(outputs)), and that does not tell what it is for: say --task (\(ModelTask.allCases.map(\.rawValue).joined(separator: ", ")))"
      )
    }
    let task = said ?? decoder.task
    var output = guess?.output.decoder == decoder ? guess!.output : OutputRecipe(decoder: decoder)
    if task == .detection, output.threshold == 0 { output.threshold = 0.3 }
    var recipe = Recipe(task: task, input: guess?.input ?? InputRecipe(), output: output, labels: labels)
    try settleInput(&recipe.input, isKnown: guess?.input != nil)
    try ModelChoice.override(&recipe, arguments)
    return recipe
  }

  private func decoder(_ task: ModelTask?, _ guess: Guess?) throws(Fault) -> OutputRecipe.Decoder? {
    if let name = arguments["decoder"] { return OutputRecipe.Decoder(rawValue: name) }
    guard let task else { return guess?.output.decoder }
    if guess?.task == task { return guess?.output.decoder }
    // A detector can be read in many ways, and a wrong one gives nonsense.
    guard let usual = task.decoders.first, task != .detection else {
      let fitting = task.decoders.map(\.rawValue)
      throw arguments.refusal(
        "\(path) gives \(list(outputs)); there are several ways to read a \(task.rawValue) network: say --decoder (\(fitting.joined(separator: ", ")))"
      )
    }
    return usual
  }

  /// A network that takes floats does not say what numbers it wants.
  private func settleInput(_ input: inout InputRecipe, isKnown: Bool) throws(Fault) {
    guard let shape = PictureShape(inputs) ?? PictureShape(inputs, layout: .nchw) else { return }
    if shape.channels == 1 { input.color = .gray }
    let isSaid = ["normalize", "mean", "scale"].contains { arguments[$0] != nil }
    let takesFloats = [.f32, .f16, .f64, .bf16].contains(inputs[0].element)
    guard isKnown || isSaid || !takesFloats else {
      throw arguments.refusal(
        "\(path) takes floats and does not say what 0 to 255 becomes: say --normalize (\(Normalization.allCases.map(\.rawValue).joined(separator: ", "))), or --mean and --scale"
      )
    }
  }

  private func list(_ specs: [TensorSpec]) -> String { specs.map(\.description).joined(separator: ", ") }
}
