internal import Base

/// What a decoder is made from, and the checks they share.
struct DecoderPlan {
  var recipe: Recipe
  let outputs: [TensorSpec]
  let network: Size

  var output: OutputRecipe { recipe.output }

  /// With the class that its label calls background.
  func settled() throws(Fault) -> DecoderPlan {
    var plan = self
    guard output.background == nil, output.decoder.facts.keys.contains(.background),
      let index = recipe.labels.firstIndex(where: Recipe.isBackground)
    else { return plan }
    guard output.decoder != .finished else {
      throw mismatch(
        "label \(index) is '\(recipe.labels[index])', and finished detections do not say whether their class numbers count it: say background: \(index) if they do, else take it out of the labels"
      )
    }
    plan.recipe.output.background = index
    return plan
  }

  /// With the name of the one output that fits a decoder that reads one.
  ///
  /// Throws where several do: each would give an answer, and all but one of them a wrong one. Where none does, the decoder says why.
  func choosing() throws(Fault) -> DecoderPlan {
    guard output.scores == nil, outputs.count > 1, output.decoder.readsOne else { return self }
    let fitting = outputs.map { naming($0) }.filter { (try? output.decoder.type.make($0)) != nil }
    guard fitting.count < 2 else {
      let names = fitting.map { "'\($0.output.scores ?? "")'" }.joined(separator: ", ")
      throw mismatch(
        "\(names) can each be read by decoder '\(output.decoder.rawValue)': say which one, as scores: NAME")
    }
    return fitting.first ?? self
  }

  private func naming(_ spec: TensorSpec) -> DecoderPlan {
    var plan = self
    plan.recipe.output.scores = spec.name
    return plan
  }

  /// The index of the output with the name, or of the first one.
  func index(named name: String?, otherwise fallback: Int = 0) throws(Fault) -> Int {
    guard let name else {
      guard fallback < outputs.count else {
        throw mismatch(
          "it has \(outputs.count) output(s), and decoder '\(output.decoder.rawValue)' needs \(fallback + 1)")
      }
      return fallback
    }
    guard let found = outputs.firstIndex(where: { $0.name == name }) else {
      let names = outputs.map(\.name)
      throw mismatch(
        "there is no output '\(name)'\(Suggestion.hint(for: name, among: names)); it has \(names.joined(separator: ", "))"
      )
    }
    return found
  }

  /// What whole numbers of an output stand for: what the recipe says, what the file says, or the usual steps of 1/256.
  func quantization(of index: Int, isIndex: Bool) -> TensorSpec.Quantization? {
    let spec = outputs[index]
    guard !isIndex else { return nil }
    let isScores = output.scores.map { $0 == spec.name } ?? true
    if isScores, output.unit != nil || output.zero != nil {
      return TensorSpec.Quantization(scale: output.unit ?? spec.quantization?.scale ?? 1, zero: output.zero ?? 0)
    }
    // Vectors are compared with each other, so they stay as the network gives them.
    guard spec.element.isWhole, output.decoder != .vector else { return nil }
    if let said = spec.quantization { return said }
    switch (output.decoder, spec.element) {
    // TensorFlow Lite's softmax and sigmoid always count in 1/256: "8-bit quantization specification".
    case (.classes, .u8), (.mask, .u8): return TensorSpec.Quantization(scale: 1 / 256, zero: 0)
    case (.classes, .i8), (.mask, .i8): return TensorSpec.Quantization(scale: 1 / 256, zero: -128)
    default: return nil
    }
  }

  func cells(stride: Int) -> Size { network.cells(stride: stride) }

  func mismatch(_ why: String) -> Fault { Fault(.badInput, "the network does not fit its recipe: \(why)") }

  /// Refuses a labels list that is shorter or longer than the classes the network knows.
  func checkLabels(classes: Int) throws(Fault) {
    let count = recipe.labels.count
    guard count == 0 || count == classes else {
      throw mismatch("it tells \(classes) classes apart, and there are \(count) labels")
    }
  }
}

extension Recipe {
  /// The label of a class, or `class 7` where the labels do not name it.
  func label(_ index: Int) -> String { labels.indices.contains(index) ? labels[index] : "class \(index)" }

  /// Whether a label names the class that means nothing.
  public static func isBackground(_ label: String) -> Bool {
    ["background", "bg"].contains(label.lowercased().filter { $0 != "_" && $0 != " " })
  }
}

/// Elements of the last `rank` dimensions and nothing else: leading ones are dropped, as batches of one input.
func innerShape(_ spec: TensorSpec, rank: Int) -> [Int?]? {
  guard spec.shape.count >= rank else { return nil }
  let outer = spec.shape.dropLast(rank)
  guard outer.allSatisfy({ $0 == nil || $0 == 1 }) else { return nil }
  return Array(spec.shape.suffix(rank))
}
