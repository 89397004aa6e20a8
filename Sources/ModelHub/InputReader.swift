internal import Base
internal import Vision
internal import YAML

/// Reads `input:` of a manifest; everything that is wrong with it is noted.
struct InputReader {
  enum Key: String, CaseIterable { case color, resize, crop, anchor, pad, mean, scale, width, height, layout }

  private let fields: DiagnosticFields<Key>

  init(_ value: YAMLValue, _ diagnostics: inout Diagnostics) { fields = DiagnosticFields(value, &diagnostics) }

  /// What is not said is as the family has it.
  func recipe(over usual: InputRecipe, _ diagnostics: inout Diagnostics) -> InputRecipe {
    var recipe = usual
    fields.set(&recipe.color, .color, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&recipe.resize, .resize, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&recipe.crop, .crop, &diagnostics, Self.share)
    fields.set(&recipe.anchor, .anchor, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&recipe.pad, .pad, &diagnostics) { (value) throws(Fault) in
      UInt8(try value.wholeNumber(in: 0...255, example: 114))
    }
    let color = recipe.color
    fields.set(&recipe.mean, .mean, &diagnostics) { (value) throws(Fault) in try Self.channels(value, color) }
    fields.set(&recipe.scale, .scale, &diagnostics) { (value) throws(Fault) in try Self.scale(value, color) }
    recipe.width = fields.value(.width, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...16384, example: 320)
    }
    recipe.height = fields.value(.height, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...16384, example: 240)
    }
    recipe.layout = fields.value(.layout, &diagnostics) { (value) throws(Fault) in try value.choice() }
    check(recipe, &diagnostics)
    return recipe
  }

  private func check(_ recipe: InputRecipe, _ diagnostics: inout Diagnostics) {
    for key in [Key.anchor, .pad] where recipe.resize != .letterbox {
      guard let value = fields[key] else { continue }
      diagnostics.add(value, "\(key.rawValue) is for resize: letterbox, this is \(recipe.resize)")
    }
    if let value = fields[.crop], recipe.resize == .letterbox {
      diagnostics.add(value, "crop is for resize: crop and stretch, a letterbox shows the whole picture")
    }
    if let value = fields[.width] ?? fields[.height], (fields[.width] == nil) != (fields[.height] == nil) {
      diagnostics.add(value, "width and height belong together: write both or neither")
    }
  }

  /// Above 0 to 1, to six digits, as it is written and not as 32 bits have it.
  private static func share(_ value: YAMLValue) throws(Fault) -> Double {
    let share = (Double(try value.number(example: "0.875")) * 1e6).rounded() / 1e6
    guard (0.1...1).contains(share) else {
      throw value.fault("\(try value.text()) is out of range for \(value.what), expected 0.1 to 1")
    }
    return share
  }

  private static func scale(_ value: YAMLValue, _ color: InputRecipe.Color) throws(Fault) -> [Float] {
    let scale = try channels(value, color)
    guard !scale.contains(0) else { throw value.fault("scale divides, so it must not be 0") }
    return scale
  }

  /// One number for all channels, or one for each.
  private static func channels(_ value: YAMLValue, _ color: InputRecipe.Color) throws(Fault) -> [Float] {
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
