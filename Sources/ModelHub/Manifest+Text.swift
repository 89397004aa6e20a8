internal import Base
internal import Predictions
internal import Vision

extension Manifest {
  /// The manifest as `model.yaml` has it: every rule is written out, so that it stays what it is when defaults change.
  public var text: String {
    var lines = [
      "name: \(name)", "summary: \(Self.quoted(summary))", "license: \(Self.quoted(license))",
      "task: \(recipe.task.rawValue)",
    ]
    if let source { lines.append("source: \(source)") }
    lines.append("files:")
    for file in files {
      lines.append("  - path: \(Self.quoted(file.path))")
      if let digest = file.sha256 { lines.append("    sha256: \(digest)") }
      if let count = file.byteCount, count > 0 { lines.append("    size: \(count)") }
    }
    lines.append("network: \(Self.quoted(network))")
    if precision != .f32 { lines.append("precision: \(precision.rawValue)") }
    if engine != .auto { lines.append("engine: \(engine.rawValue)") }
    lines += ["input:"] + recipe.input.lines.map { "  \($0)" }
    lines += recipe.more.isEmpty ? ["output:"] + recipe.output.lines.map { "  \($0)" } : ["outputs:"] + heads
    if let words = self.words { lines += ["text:"] + words.lines.map { "  \($0)" } }
    switch labels {
    case .list(let words) where words.isEmpty: break
    case .list(let words): lines += ["labels:"] + words.map { "  - \(Self.quoted($0))" }
    case .file(let path): lines.append("labels: \(Self.quoted(path))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A list of answers.
  private var heads: [String] {
    let all =
      [recipe.output.lines]
      + recipe.more.map { part in
        part.output.lines + (part.labels.isEmpty ? [] : ["labels: \(list(part.labels.map(Self.quoted)))"])
      }
    return all.flatMap { lines in lines.enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 } }
  }

  static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 32 || (127..<160).contains(scalar.value):
        "\\x" + String(scalar.value + 256, radix: 16).dropFirst()
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

private func list(_ values: [some CustomStringConvertible]) -> String {
  "[" + values.map(\.description).joined(separator: ", ") + "]"
}

extension InputRecipe {
  fileprivate var lines: [String] {
    var lines = ["color: \(color.rawValue)", "resize: \(resize.rawValue)"]
    if interpolation != .halving { lines.append("interpolation: \(interpolation.rawValue)") }
    if crop < 1 { lines.append("crop: \(crop)") }
    if resize == .letterbox { lines += ["anchor: \(anchor.rawValue)", "pad: \(pad)"] }
    // None is another digest than zeros and ones.
    if !mean.isEmpty { lines.append("mean: \(list(mean))") }
    if !scale.isEmpty { lines.append("scale: \(list(scale))") }
    if let width, let height { lines += ["width: \(width)", "height: \(height)"] }
    if let layout { lines.append("layout: \(layout.rawValue)") }
    if let window {
      lines += ["window: \(window.length)", "step: \(window.step)"]
      lines.append("keep: [\(window.keep.lowerBound), \(window.keep.upperBound - 1)]")
    }
    return lines
  }
}

extension OutputRecipe {
  fileprivate var lines: [String] {
    let keys = decoder.facts.keys
    let said: [(Key, String?)] = [
      (.decoder, decoder.rawValue), (.activation, activation?.rawValue), (.top, "\(top)"),
      (.threshold, "\(threshold)"), (.iou, "\(iou)"), (.strides, strides.isEmpty ? nil : list(strides)),
      (.unit, unit.map { "\($0)" }), (.zero, zero.map { "\($0)" }), (.scores, scores.map(Manifest.quoted)),
      (.boxes, boxes.map(Manifest.quoted)), (.background, background.map { "\($0)" }),
      (.coordinates, coordinates?.rawValue), (.columns, columns.isEmpty ? nil : list(columns.map(\.rawValue))),
      (.layout, layout?.rawValue), (.points, points.isEmpty ? nil : list(points.map(Manifest.quoted))),
      (.first, first.map { "\($0)" }), (.origin, origin?.rawValue),
      (.align, align?.rawValue), (.unclip, unclip.map { "\($0)" }),
      (.many, many.map(Manifest.quoted)), (.map, map.map(Manifest.quoted)),
      (.range, range.isEmpty ? nil : list(range)), (.cut, cut.map { "\($0)" }), (.mapCut, mapCut.map { "\($0)" }),
    ]
    return said.compactMap { key, value in
      guard let value, key == .decoder || keys.contains(key) else { return nil }
      return "\(key.rawValue): \(value)"
    }
  }
}
