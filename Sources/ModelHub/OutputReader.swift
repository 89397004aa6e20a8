internal import Base
internal import Predictions
internal import Vision
internal import YAML

/// Reads `output:` of a manifest; everything that is wrong with it is noted.
struct OutputReader {
  typealias Key = OutputRecipe.Key

  private let fields: DiagnosticFields<Key>

  init(_ value: YAMLValue, _ diagnostics: inout Diagnostics) { fields = DiagnosticFields(value, &diagnostics) }

  /// One of several answers, with labels of its own; `nil` where there is no decoder.
  func part(_ diagnostics: inout Diagnostics) -> Recipe.Part? {
    let labels = fields.value(.labels, &diagnostics, ManifestValues.words) ?? []
    return recipe(for: nil, hasLabels: true, &diagnostics).map { Recipe.Part(output: $0, labels: labels) }
  }

  /// `nil` where there is no decoder; `task` is `nil` where the manifest's own could not be read.
  func recipe(
    for task: ModelTask?, hasLabels: Bool = false, _ diagnostics: inout Diagnostics
  ) -> OutputRecipe? {
    guard let decoder = decoder(for: task, &diagnostics) else { return nil }
    var recipe = OutputRecipe.usual(decoder)
    words(&recipe, &diagnostics)
    numbers(&recipe, &diagnostics)
    priors(&recipe, &diagnostics)
    scale(&recipe, &diagnostics)
    // A key that this decoder never looks at is a mistake in the manifest.
    for key in Key.allCases where key != .labels || !hasLabels {
      guard let value = fields[key], let objection = recipe.objection(to: key) else { continue }
      diagnostics.add(value, objection)
    }
    return recipe
  }

  private func decoder(for task: ModelTask?, _ diagnostics: inout Diagnostics) -> OutputRecipe.Decoder? {
    fields.required(.decoder, &diagnostics) { (value) throws(Fault) in
      let decoder: OutputRecipe.Decoder = try value.choice()
      guard let task, !task.decoders.contains(decoder) else { return decoder }
      let list = task.decoders.map(\.rawValue).joined(separator: ", ")
      throw value.fault("the decoder '\(decoder)' does not answer task \(task), expected \(list)")
    }
  }

  private func words(_ recipe: inout OutputRecipe, _ diagnostics: inout Diagnostics) {
    recipe.activation =
      fields.value(.activation, &diagnostics) { (value) throws(Fault) in try value.choice() } ?? recipe.activation
    recipe.layout = fields.value(.layout, &diagnostics) { (value) throws(Fault) in try value.choice() }
    recipe.coordinates = fields.value(.coordinates, &diagnostics) { (value) throws(Fault) in try value.choice() }
    recipe.align = fields.value(.align, &diagnostics) { (value) throws(Fault) in try value.choice() }
    recipe.scores = fields.value(.scores, &diagnostics) { (value) throws(Fault) in try value.text() }
    recipe.boxes = fields.value(.boxes, &diagnostics) { (value) throws(Fault) in try value.text() }
    recipe.many = fields.value(.many, &diagnostics) { (value) throws(Fault) in try value.text() }
    recipe.map = fields.value(.map, &diagnostics) { (value) throws(Fault) in try value.text() }
    recipe.metadata = fields.value(.metadata, &diagnostics, ManifestValues.path)
    recipe.origin = fields.value(.origin, &diagnostics) { (value) throws(Fault) in try value.choice() }
    recipe.clip = fields.value(.clip, &diagnostics) { (value) throws(Fault) in try value.flag() }
    fields.set(&recipe.columns, .columns, &diagnostics, Self.columns)
    fields.set(&recipe.points, .points, &diagnostics, Self.points)
  }

  private func numbers(_ recipe: inout OutputRecipe, _ diagnostics: inout Diagnostics) {
    fields.set(&recipe.top, .top, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...1000, example: 5)
    }
    fields.set(&recipe.threshold, .threshold, &diagnostics) { (value) throws(Fault) in try value.score() }
    fields.set(&recipe.iou, .iou, &diagnostics) { (value) throws(Fault) in try value.score() }
    recipe.unit = fields.value(.unit, &diagnostics) { (value) throws(Fault) in
      try ManifestValues.positive(value, example: "0.00390625")
    }
    recipe.zero = fields.value(.zero, &diagnostics) { (value) throws(Fault) in try value.number(example: "-128") }
    recipe.background = fields.value(.background, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 0...100_000, example: 0)
    }
    recipe.first = fields.value(.first, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 0...1000, example: 1)
    }
    recipe.unclip = fields.value(.unclip, &diagnostics) { (value) throws(Fault) in
      try ManifestValues.positive(value, example: "1.5")
    }
    fields.set(&recipe.strides, .strides, &diagnostics, Self.strides)
  }

  /// How many, or the name of each.
  private static func points(_ value: YAMLValue) throws(Fault) -> [String] {
    guard value.isList else { return OutputRecipe.points(try value.wholeNumber(in: 1...1000, example: 17)) }
    var names: [String] = []
    for item in try value.items() {
      let name = try item.text()
      guard !names.contains(name) else { throw item.fault("the point '\(name)' stands twice") }
      names.append(name)
    }
    guard !names.isEmpty else { throw value.fault("points is empty, expected how many there are, or their names") }
    return names
  }

  private func priors(_ recipe: inout OutputRecipe, _ diagnostics: inout Diagnostics) {
    fields.set(&recipe.ratios, .ratios, &diagnostics) { (value) throws(Fault) in try Self.list(value, example: "0.62") }
    fields.set(&recipe.variance, .variance, &diagnostics, Self.variance)
    fields.set(&recipe.sizes, .sizes, &diagnostics, Self.sizes)
    guard recipe.decoder == .ssd else { return }
    guard fields[.strides] != nil, let sizes = fields[.sizes] else {
      if let decoder = fields[.decoder] { diagnostics.add(decoder, "the decoder ssd needs strides and sizes") }
      return
    }
    guard !recipe.strides.isEmpty, !recipe.sizes.isEmpty else { return }  // told already
    if recipe.sizes.count != recipe.strides.count || recipe.sizes.contains([]) {
      diagnostics.add(
        sizes, "sizes must be one list for each of the \(recipe.strides.count) strides, none of them empty")
    }
  }

  /// What the numbers of an anomaly are: said here, or in a file.
  private func scale(_ recipe: inout OutputRecipe, _ diagnostics: inout Diagnostics) {
    fields.set(&recipe.range, .range, &diagnostics, Self.range)
    recipe.cut = fields.value(.cut, &diagnostics) { (value) throws(Fault) in try value.number(example: "12.3") }
    recipe.mapCut = fields.value(.mapCut, &diagnostics) { (value) throws(Fault) in try value.number(example: "12.3") }
    guard recipe.decoder == .anomaly else { return }
    if let value = fields[.metadata], let other = [.range, .cut, .mapCut].compactMap({ fields[$0] }).first {
      diagnostics.add(
        other, "range, cut and map-cut are read from metadata (line \(value.node.place.line)): say one of both")
    } else if (fields[.range] == nil) != (fields[.cut] == nil) || fields[.mapCut] != nil && fields[.cut] == nil {
      diagnostics.add(
        fields[.cut] ?? fields[.range] ?? fields.owner,
        "range and cut belong together: range: [LEAST, GREATEST], and cut: N, the number from which on a picture is an anomaly"
      )
    }
  }

  private static func range(_ value: YAMLValue) throws(Fault) -> [Float] {
    var range: [Float] = []
    for item in try value.items() { range.append(try item.number(example: "0")) }
    guard range.count == 2, range[0] < range[1] else {
      throw value.fault("range must be two numbers, the least first, e.g. [0, 1]")
    }
    return range
  }

  private static func strides(_ value: YAMLValue) throws(Fault) -> [Int] {
    var strides: [Int] = []
    for item in try value.items() { strides.append(try item.wholeNumber(in: 1...1024, example: 8)) }
    guard !strides.isEmpty else { throw value.fault("strides is empty, expected e.g. [8, 16, 32]") }
    return strides
  }

  private static func columns(_ value: YAMLValue) throws(Fault) -> [OutputRecipe.Column] {
    var columns: [OutputRecipe.Column] = []
    for item in try value.items() {
      let column: OutputRecipe.Column = try item.choice()
      guard column == .skip || !columns.contains(column) else { throw item.fault("\(column.rawValue) stands twice") }
      columns.append(column)
    }
    return columns
  }

  private static func list(_ value: YAMLValue, example: String) throws(Fault) -> [Float] {
    var numbers: [Float] = []
    for item in try value.items() { numbers.append(try ManifestValues.positive(item, example: example)) }
    return numbers
  }

  private static func sizes(_ value: YAMLValue) throws(Fault) -> [[Float]] {
    var sizes: [[Float]] = []
    for level in try value.items() { sizes.append(try list(level, example: "16")) }
    return sizes
  }

  private static func variance(_ value: YAMLValue) throws(Fault) -> [Float] {
    let variance = try list(value, example: "0.1")
    guard variance.count == 2 else { throw value.fault("variance must be two numbers: of position and of size") }
    return variance
  }
}
