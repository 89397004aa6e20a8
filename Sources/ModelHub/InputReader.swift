internal import Base
internal import Vision
internal import YAML

/// Reads `input:` of a manifest.
struct InputReader {
  enum Key: String, CaseIterable { case color, resize, anchor, pad, mean, scale, width, height, layout }

  private let fields: YAMLFields<Key>

  init(_ value: YAMLValue) throws(Fault) { fields = try value.fields() }

  func recipe() throws(Fault) -> InputRecipe {
    var recipe = InputRecipe()
    if let value = fields[.color] { recipe.color = try value.choice() }
    if let value = fields[.resize] { recipe.resize = try value.choice() }
    if let value = fields[.anchor] { recipe.anchor = try value.choice() }
    if let value = fields[.pad] { recipe.pad = UInt8(try value.wholeNumber(in: 0...255, example: 114)) }
    if let value = fields[.mean] { recipe.mean = try channels(value, recipe.color) }
    if let value = fields[.scale] { recipe.scale = try scale(value, recipe.color) }
    if let value = fields[.width] { recipe.width = try value.wholeNumber(in: 1...16384, example: 320) }
    if let value = fields[.height] { recipe.height = try value.wholeNumber(in: 1...16384, example: 240) }
    if let value = fields[.layout] { recipe.layout = try value.choice() }
    try check(recipe)
    return recipe
  }

  private func check(_ recipe: InputRecipe) throws(Fault) {
    for key in [Key.anchor, .pad] where recipe.resize != .letterbox {
      guard let value = fields[key] else { continue }
      throw value.fault("\(key.rawValue) is for resize: letterbox, this is \(recipe.resize)")
    }
    if let value = fields[.width] ?? fields[.height], (recipe.width == nil) != (recipe.height == nil) {
      throw value.fault("width and height belong together: write both or neither")
    }
  }

  private func scale(_ value: YAMLValue, _ color: InputRecipe.Color) throws(Fault) -> [Float] {
    let scale = try channels(value, color)
    guard !scale.contains(0) else { throw value.fault("scale divides, so it must not be 0") }
    return scale
  }

  /// One number for all channels, or one for each.
  private func channels(_ value: YAMLValue, _ color: InputRecipe.Color) throws(Fault) -> [Float] {
    var numbers: [Float] = []
    for item in try value.itemsOrOne() { numbers.append(try item.number(example: "127.5")) }
    let allowed = color == .gray ? [1] : [1, 3]
    guard allowed.contains(numbers.count) else {
      let expected = color == .gray ? "1 for gray" : "1 or 3 (one a channel, in the order \(color))"
      throw value.fault("\(value.what) has \(numbers.count) values, expected \(expected)")
    }
    return numbers
  }
}
