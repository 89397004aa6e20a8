internal import Base
internal import Predictions
internal import Vision
internal import YAML

/// Reads `output:` of a manifest.
struct OutputReader {
  enum Key: String, CaseIterable {
    case decoder, activation, top, threshold, iou, strides, unit, scores, boxes, background
    case sizes, ratios, variance
  }

  private let fields: YAMLFields<Key>
  private let task: ModelTask

  init(_ value: YAMLValue, task: ModelTask) throws(Fault) {
    fields = try value.fields()
    self.task = task
  }

  func recipe() throws(Fault) -> OutputRecipe {
    var recipe = OutputRecipe(decoder: try decoder())
    try keysFit(recipe.decoder)
    if let value = fields[.activation] { recipe.activation = try value.choice() }
    if let value = fields[.top] { recipe.top = try value.wholeNumber(in: 1...1000, example: 5) }
    if let value = fields[.threshold] { recipe.threshold = try value.score() }
    if let value = fields[.iou] { recipe.iou = try value.score() }
    if let value = fields[.unit] { recipe.unit = try ManifestValues.positive(value, example: "0.00390625") }
    if let value = fields[.scores] { recipe.scores = try value.text() }
    if let value = fields[.boxes] { recipe.boxes = try value.text() }
    if let value = fields[.background] { recipe.background = try value.wholeNumber(in: 0...100_000, example: 0) }
    if let value = fields[.strides] { recipe.strides = try strides(value) }
    try priors(&recipe)
    return recipe
  }

  private func decoder() throws(Fault) -> OutputRecipe.Decoder {
    let value = try fields.required(.decoder)
    let decoder: OutputRecipe.Decoder = try value.choice()
    let fitting = task.decoders
    guard fitting.contains(decoder) else {
      let list = fitting.map(\.rawValue).joined(separator: ", ")
      throw value.fault("the decoder '\(decoder)' does not answer task \(task), expected \(list)")
    }
    return decoder
  }

  /// A key that this decoder never looks at is a mistake in the manifest.
  private func keysFit(_ decoder: OutputRecipe.Decoder) throws(Fault) {
    let owners: [(Key, [OutputRecipe.Decoder])] = [
      (.top, [.classes]), (.strides, [.yolox, .ssd, .yunet]),
      (.sizes, [.ssd]), (.ratios, [.ssd]), (.variance, [.ssd]),
      (.iou, [.yolox, .yolov5, .yolov8, .boxes, .ssd, .yunet]),
    ]
    for (key, decoders) in owners where !decoders.contains(decoder) {
      guard let value = fields[key] else { continue }
      let list = decoders.map(\.rawValue).joined(separator: ", ")
      throw value.fault("\(key.rawValue) is for decoder \(list), this is \(decoder)")
    }
  }

  private func strides(_ value: YAMLValue) throws(Fault) -> [Int] {
    var strides: [Int] = []
    for item in try value.items() { strides.append(try item.wholeNumber(in: 1...1024, example: 8)) }
    guard !strides.isEmpty else { throw value.fault("strides is empty, expected e.g. [8, 16, 32]") }
    return strides
  }

  private func priors(_ recipe: inout OutputRecipe) throws(Fault) {
    guard recipe.decoder == .ssd else { return }
    guard fields[.strides] != nil, let sizes = fields[.sizes] else {
      throw try fields.required(.decoder).fault("the decoder ssd needs strides and sizes")
    }
    for level in try sizes.items() {
      var sides: [Float] = []
      for item in try level.items() { sides.append(try ManifestValues.positive(item, example: "16")) }
      recipe.sizes.append(sides)
    }
    guard recipe.sizes.count == recipe.strides.count, !recipe.sizes.contains([]) else {
      throw sizes.fault("sizes must be one list for each of the \(recipe.strides.count) strides, none of them empty")
    }
    for item in try fields[.ratios]?.items() ?? [] {
      recipe.ratios.append(try ManifestValues.positive(item, example: "0.62"))
    }
    guard let value = fields[.variance] else { return }
    recipe.variance = []
    for item in try value.items() { recipe.variance.append(try ManifestValues.positive(item, example: "0.1")) }
    guard recipe.variance.count == 2 else {
      throw value.fault("variance must be two numbers: of position and of size")
    }
  }
}
