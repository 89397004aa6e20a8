internal import Base
internal import Vision
internal import YAML

/// Reads `input:` of a manifest; everything that is wrong with it is noted.
struct InputReader {
  enum Key: String, CaseIterable {
    case color, resize, interpolation, crop, anchor, pad, mean, scale, width, height, layout, window, step, keep
  }

  private let fields: DiagnosticFields<Key>

  init(_ value: YAMLValue, _ diagnostics: inout Diagnostics) { fields = DiagnosticFields(value, &diagnostics) }

  /// What is not said is as the family has it.
  func recipe(over usual: InputRecipe, _ diagnostics: inout Diagnostics) -> InputRecipe {
    var recipe = usual
    fields.set(&recipe.color, .color, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&recipe.resize, .resize, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&recipe.interpolation, .interpolation, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&recipe.crop, .crop, &diagnostics, Self.share)
    fields.set(&recipe.anchor, .anchor, &diagnostics) { (value) throws(Fault) in try value.choice() }
    if !padsEdge {
      fields.set(&recipe.pad, .pad, &diagnostics) { (value) throws(Fault) in
        UInt8(try value.wholeNumber(in: 0...255, example: 114))
      }
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
    recipe.layout = fields.value(.layout, &diagnostics, layout)
    recipe.window = window(&diagnostics)
    check(recipe, &diagnostics)
    return recipe
  }

  private func layout(_ value: YAMLValue) throws(Fault) -> InputRecipe.Layout {
    let layout: InputRecipe.Layout = try value.choice()
    let fitting = fields[.window] == nil ? InputRecipe.Layout.ofPicture : InputRecipe.Layout.ofWindow
    guard fitting.contains(layout) else {
      let list = fitting.map(\.rawValue).joined(separator: ", ")
      let what = fields[.window] == nil ? "a picture (t is for networks with a window)" : "a window of frames"
      throw value.fault("layout \(layout) is not that of \(what), expected \(list)")
    }
    return layout
  }

  /// The film's ends are always padded with their own frame, which may be said; the number is for letterboxes.
  private var padsEdge: Bool {
    guard fields[.window] != nil, let value = fields[.pad] else { return false }
    return (try? value.text()) == "edge"
  }

  /// Frames that the network is shown at once.
  private func window(_ diagnostics: inout Diagnostics) -> FrameWindow? {
    guard let value = fields[.window] else {
      for key in [Key.step, .keep] {
        guard let value = fields[key] else { continue }
        diagnostics.add(
          value, "\(key.rawValue) is for a network that is shown many frames at once: say how many, window: 100")
      }
      return nil
    }
    let length = fields.value(.window, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...FrameWindow.longest, example: 100)
    }
    let keep = fields.value(.keep, &diagnostics, Self.places)
    let said = fields.value(.step, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...FrameWindow.longest, example: 50)
    }
    guard let length, (keep == nil) == (fields[.keep] == nil), (said == nil) == (fields[.step] == nil) else {
      return nil
    }
    return window(value, length, step: said, keep, &diagnostics)
  }

  private func window(
    _ value: YAMLValue, _ length: Int, step said: Int?, _ keep: Range<Int>?, _ diagnostics: inout Diagnostics
  ) -> FrameWindow? {
    let step = said ?? keep?.count ?? length
    guard keep != nil || step == length else {
      diagnostics.add(
        value,
        "windows of \(length) frames \(step) apart overlap or leave some out: say whose answers count, e.g. keep: 25..74"
      )
      return nil
    }
    let places = keep ?? 0..<length
    guard places.upperBound <= length else {
      diagnostics.add(
        fields[.keep] ?? value,
        "keep ends at \(places.upperBound - 1), and a window of \(length) frames has the places 0 to \(length - 1)")
      return nil
    }
    guard places.count == step else {
      diagnostics.add(
        fields[.keep] ?? value,
        "keep has \(places.count) places and step is \(step): each frame is answered about once, so they must be as many"
      )
      return nil
    }
    return FrameWindow(length: length, step: step, keep: places)
  }

  /// The first and the last place that count.
  private static func places(_ value: YAMLValue) throws(Fault) -> Range<Int> {
    let ends: [Int]
    if value.isList {
      ends = try value.items().map { (item) throws(Fault) in
        try item.wholeNumber(in: 0...FrameWindow.longest, example: 25)
      }
    } else {
      let text = try value.text()
      let words = text.split(separator: ".", omittingEmptySubsequences: false)
      let parts = words.count == 3 && words[1].isEmpty ? [Int(words[0]), Int(words[2])] : []
      ends = parts.compactMap { $0 }
    }
    guard ends.count == 2, ends[0] >= 0, ends[0] <= ends[1], ends[1] <= FrameWindow.longest else {
      throw value.fault("keep is the first and the last place whose answers count, expected 25..74 or [25, 74]")
    }
    return ends[0]..<ends[1] + 1
  }

  private func check(_ recipe: InputRecipe, _ diagnostics: inout Diagnostics) {
    for key in [Key.anchor, .pad] where recipe.resize != .letterbox {
      guard let value = fields[key], key != .pad || !padsEdge else { continue }
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
