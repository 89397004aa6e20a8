import Base
import ModelHub
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
    let task = arguments["task"].flatMap { Task(rawValue: $0) }
    guard let decoder = try decoder(task, guess), let task = task ?? guess?.task ?? decoder.usualTask else {
      throw arguments.refusal(
        "\(path) gives \(list(outputs)), and that does not tell what it is for: say --task (\(Task.allCases.map(\.rawValue).joined(separator: ", ")))"
      )
    }
    var output = guess?.output.decoder == decoder ? guess!.output : OutputRecipe(decoder: decoder)
    if task == .detection, output.threshold == 0 { output.threshold = 0.3 }
    var recipe = Recipe(task: task, input: guess?.input ?? InputRecipe(), output: output, labels: labels)
    try settleInput(&recipe.input, isKnown: guess?.input != nil)
    try ModelChoice.override(&recipe, arguments)
    return recipe
  }

  private func decoder(_ task: Task?, _ guess: Guess?) throws(Fault) -> OutputRecipe.Decoder? {
    if let name = arguments["decoder"] { return OutputRecipe.Decoder(rawValue: name) }
    guard let task else { return guess?.output.decoder }
    if guess?.task == task { return guess?.output.decoder }
    guard let usual = task.usualDecoder else {
      let fitting = OutputRecipe.Decoder.allCases.filter { $0.usualTask == task }.map(\.rawValue)
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

extension Task {
  /// The only way to read outputs of this kind, where there is one.
  fileprivate var usualDecoder: OutputRecipe.Decoder? {
    switch self {
    case .classification: .classes
    case .segmentation: .mask
    case .saliency: .heatmap
    case .pose: .keypoints
    case .score: .number
    case .embedding: .vector
    case .text: .ctc
    case .tensor: .raw
    case .detection: nil
    }
  }
}

extension OutputRecipe.Decoder {
  fileprivate var usualTask: Task? {
    switch self {
    case .classes: .classification
    case .yolox, .yolov5, .yolov8, .boxes, .ssd, .yunet, .finished: .detection
    case .mask: .segmentation
    case .heatmap, .point: .saliency
    case .keypoints: .pose
    case .number: .score
    case .vector: .embedding
    case .ctc: .text
    case .raw: .tensor
    }
  }
}
