internal import Base
internal import Crypto
internal import Predictions
public import Vision

extension Model {
  /// What decides how fast it runs: the files and the size of the input, but not how the answer is read.
  public var networkDigest: String { Self.networkDigest(manifest.network, manifest.files, recipe.input) }

  /// The same for a network of which no more than its files is known.
  public static func networkDigest(
    _ network: String, _ files: [Manifest.File], _ input: InputRecipe = InputRecipe()
  ) -> String {
    let text = JSONWriter.array { text in
      text.string("ridley-network-1")
      text.string(network)
      text.strings(files.sorted { $0.path < $1.path }.flatMap { [$0.path, $0.sha256 ?? ""] })
      for side in [input.width, input.height] { if let side { text.integer(side) } else { text.null() } }
      if let window = input.window { text.integer(window.length) }
    }
    return "sha256:" + SHA256.hex(of: text)
  }

  /// The digest of the recipe, written in one fixed form, and of the files' digests.
  ///
  /// Defaults are written out, so a manifest that states a default is the same model as one that leaves it out. Name,
  /// summary, licence and addresses change nothing. Labels of a listed file count through that file's digest alone, so
  /// the digest is known before it is pulled.
  static func digest(_ manifest: Manifest, _ recipe: Recipe) -> String {
    let text = JSONWriter.array { text in
      text.string("ridley-model-1")
      text.string(recipe.task.rawValue)
      text.string(manifest.precision.rawValue)
      text.string(manifest.network)
      text.strings(manifest.files.sorted { $0.path < $1.path }.flatMap { [$0.path, $0.sha256 ?? ""] })
      text.strings(recipe.input.normalForm)
      text.strings(recipe.output.normalForm)
      text.strings(manifest.listedLabelFile.map { [$0] } ?? recipe.labels)
      // It came later: what leaves the choice open keeps its digest.
      if manifest.engine != .auto { text.string("engine \(manifest.engine.rawValue)") }
      for part in recipe.more {
        text.strings(["output"] + part.output.normalForm)
        text.strings(["labels"] + part.labels)
      }
      if let words = manifest.words { text.strings(words.normalForm) }
    }
    return "sha256:" + SHA256.hex(of: text)
  }
}

extension Manifest {
  /// By what its files are, wherever they come from: versions with the same files share them.
  var filesKey: String {
    let text = files.sorted { $0.path < $1.path }.flatMap { [$0.path, $0.sha256 ?? ""] }.joined(separator: "\n")
    return String(SHA256.hex(of: Array(text.utf8)).prefix(16))
  }

  fileprivate var listedLabelFile: String? {
    guard case .file(let path) = labels, files.contains(where: { $0.path == path }) else { return nil }
    return path
  }
}

extension InputRecipe {
  fileprivate var normalForm: [String] {
    [
      "color", color.rawValue, "resize", resize.rawValue, "anchor", anchor.rawValue, "pad", "\(pad)",
      "mean", "\(mean)", "scale", "\(scale)", "width", text(width), "height", text(height),
      "layout", layout?.rawValue ?? "",
    ] + (crop < 1 ? ["crop", "\(crop)"] : [])
      + (interpolation == .halving ? [] : ["interpolation", interpolation.rawValue])
      + (window.map(Self.normalForm) ?? [])
  }

  /// It came later: networks of single pictures keep their digests.
  private static func normalForm(_ window: FrameWindow) -> [String] {
    [
      "window", "\(window.length)", "step", "\(window.step)", "keep", "\(window.keep.lowerBound)",
      "\(window.keep.upperBound)",
    ]
  }
}

extension OutputRecipe {
  fileprivate var normalForm: [String] {
    [
      "decoder", decoder.rawValue, "activation", (activation ?? Activation.none).rawValue, "top", "\(top)", "threshold",
      "\(threshold)",
      "iou", "\(iou)", "strides", "\(strides)", "unit", text(unit), "scores", scores ?? "",
      "boxes", boxes ?? "", "background", text(background), "sizes", "\(sizes)", "ratios", "\(ratios)",
      "variance", "\(variance)",
    ] + newer
  }

  /// Keys that came later, where something is said: what models said before keeps their digests.
  private var newer: [String] {
    let said: [(String, String?)] = [
      ("zero", zero.map { "\($0)" }), ("coordinates", coordinates?.rawValue), ("layout", layout?.rawValue),
      ("columns", columns.isEmpty ? nil : "\(columns.map(\.rawValue))"), ("clip", clip == false ? "no" : nil),
      ("points", points.isEmpty || points == Self.personPoints ? nil : "\(points)"), ("first", first.map { "\($0)" }),
      ("origin", origin?.rawValue),
      ("align", align == .corners ? "corners" : nil), ("unclip", unclip == 1.5 ? nil : unclip.map { "\($0)" }),
      ("many", many), ("map", map), ("range", range.isEmpty ? nil : "\(range)"), ("cut", cut.map { "\($0)" }),
      ("map-cut", mapCut.map { "\($0)" }),
    ]
    return said.flatMap { key, value in value.map { [key, $0] } ?? [] }
  }
}

private func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "" }
