internal import Base
internal import Vision
internal import YAML

/// What anomalib before version 2 writes beside a network as `metadata.json`: from which numbers on there is an anomaly, the least and the
/// greatest that it saw, and before version 1 also what is done to a picture first.
///
/// JSON is read as the YAML that it also is, for the places of what is wrong.
struct AnomalyMetadata {
  private let cut: Float
  private let mapCut: Float?
  private let range: [Float]
  /// Of 0 to 255; empty where it is not said.
  private var mean: [Float] = []
  private var scale: [Float] = []

  static func read(_ path: String) throws(Fault) -> AnomalyMetadata {
    try AnomalyMetadata(try FileSystem.read(path, limit: 1 << 20), name: path)
  }

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    let value = try YAMLDocument.parse(bytes, name: name).value("metadata of anomalib")
    guard case .map = value.node.kind else { throw value.unfit("an object with image_threshold, min and max") }
    if value["min"] == nil, let other = value["image_mean"] ?? value["pixel_mean"] {
      throw other.fault(
        "these scores are normalised by their distribution (mean and deviation), which is not read: export the model with min-max normalisation"
      )
    }
    cut = try value.number(of: "image_threshold")
    mapCut = value["pixel_threshold"] == nil ? nil : try value.number(of: "pixel_threshold")
    let (low, high) = (try value.number(of: "min"), try value.number(of: "max"))
    guard low < high, (high - low).isFinite else {
      throw (value["max"] ?? value).fault("max (\(high)) must be above min (\(low))")
    }
    range = [low, high]
    try readSteps(value)
  }

  /// Albumentations' list of what is done to a picture, as versions before 1 have it.
  private mutating func readSteps(_ value: YAMLValue) throws(Fault) {
    guard let steps = value["transform"]?["transform"]?["transforms"] else { return }
    for step in try steps.items() {
      guard let kind = step["__class_fullname__"] else { continue }
      switch try kind.text().split(separator: ".").last ?? "" {
      case "Normalize":
        let most = step["max_pixel_value"] == nil ? 255 : try step.number(of: "max_pixel_value")
        mean = try step.numbers(of: "mean").map { $0 * most }
        scale = try step.numbers(of: "std").map { $0 * most }
        guard mean.count == scale.count, scale.allSatisfy({ $0 > 0 }) else {
          throw step.fault("mean and std of Normalize must be as many, and std above 0")
        }
      case "Resize", "ToTensorV2", "ToFloat": break
      case let other:
        throw kind.fault(
          "'\(other)' is done to pictures before this network, and is not read from here: say it under input (resize, crop), and range and cut under output in place of metadata"
        )
      }
    }
  }

  /// Puts it into a recipe; what the manifest says of the input goes before it.
  func apply(to recipe: inout Recipe) {
    (recipe.output.cut, recipe.output.mapCut, recipe.output.range) = (cut, mapCut, range)
    recipe.output.metadata = nil
    if recipe.input.mean.isEmpty, recipe.input.scale.isEmpty { (recipe.input.mean, recipe.input.scale) = (mean, scale) }
  }
}

extension YAMLValue {
  /// What stands under a key; `nil` where it does not, or this is no group of keys.
  fileprivate subscript(_ key: String) -> YAMLValue? {
    guard case .map(let entries) = node.kind, let entry = entries.first(where: { $0.key == key }) else { return nil }
    return YAMLValue(entry.node, what: key, document: document)
  }

  fileprivate func number(of key: String) throws(Fault) -> Float {
    guard let value = self[key] else { throw fault("'\(key)' is missing in \(what)") }
    return try value.number(example: "12.3")
  }

  fileprivate func numbers(of key: String) throws(Fault) -> [Float] {
    guard let value = self[key] else { throw fault("'\(key)' is missing in \(what)") }
    var numbers: [Float] = []
    for item in try value.items() { numbers.append(try item.number(example: "0.485")) }
    return numbers
  }
}
