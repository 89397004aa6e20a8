internal import Base
internal import Predictions
internal import Vision
internal import YAML

/// Reads `text:` of a manifest; everything that is wrong with it is noted.
struct TextReader {
  enum Key: String, CaseIterable { case vocabulary, lowercase, length, pooling, output, ids, mask, types, pictures }

  private let fields: DiagnosticFields<Key>
  private let value: YAMLValue

  init(_ value: YAMLValue, _ diagnostics: inout Diagnostics) {
    (self.value, fields) = (value, DiagnosticFields(value, &diagnostics))
  }

  /// `files` are those of the manifest, of which the vocabulary is one, and `recipe` is what it says of pictures: nothing.
  func recipe(_ files: [Manifest.File], _ recipe: Recipe?, _ diagnostics: inout Diagnostics) -> TextRecipe? {
    if let recipe, recipe.task != .tensor || recipe.output.decoder != .raw {
      diagnostics.add(value, "text is for a network that takes words: say task: tensor and output: {decoder: raw}")
    }
    let vocabulary = fields.required(.vocabulary, &diagnostics) { (value) throws(Fault) in
      let path = try ManifestValues.path(value)
      guard files.contains(where: { $0.path == path }) else {
        let hint = Suggestion.hint(for: path, among: files.map(\.path))
        throw value.fault(
          "the vocabulary '\(path)' is not among the files\(hint): list it there, since it decides what is found")
      }
      return path
    }
    guard let vocabulary else { return nil }
    var text = TextRecipe(vocabulary: vocabulary)
    fields.set(&text.isLowercase, .lowercase, &diagnostics) { (value) throws(Fault) in try value.flag() }
    fields.set(&text.length, .length, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 3...TextRecipe.longest, example: 128)
    }
    fields.set(&text.pooling, .pooling, &diagnostics) { (value) throws(Fault) in try value.choice() }
    text.output = fields.value(.output, &diagnostics) { (value) throws(Fault) in try value.text() }
    fields.set(&text.ids, .ids, &diagnostics) { (value) throws(Fault) in try value.text() }
    fields.set(&text.mask, .mask, &diagnostics) { (value) throws(Fault) in try value.text() }
    fields.set(&text.types, .types, &diagnostics) { (value) throws(Fault) in try value.text() }
    text.pictures = fields.value(.pictures, &diagnostics, ManifestValues.name)
    return text
  }
}
