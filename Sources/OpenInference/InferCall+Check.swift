public import Base

extension InferCall {
  /// The inputs in a model's order: each there, of its type and shape, and no other.
  ///
  /// A side that the model leaves open takes any number. Faults are `badInput` and name the input.
  public func inputs(for model: [TensorSpec]) throws(Fault) -> [Input] {
    let names = model.map(\.name)
    for input in inputs where !names.contains(input.name) {
      throw Fault(.badInput, "there is no input '\(input.name)'\(Self.advice(input.name, names))")
    }
    var ordered: [Input] = []
    for spec in model {
      guard let input = inputs.first(where: { $0.name == spec.name }) else {
        throw Fault(
          .badInput, "the input '\(spec.name)' is missing: the model takes \(Self.list(model.map(\.description)))")
      }
      guard input.element == spec.element else {
        throw Fault(
          .badInput, "the input '\(spec.name)' is \(input.element.rawValue), the model takes \(spec.element.rawValue)")
      }
      let fits =
        input.shape.count == spec.shape.count && zip(input.shape, spec.shape).allSatisfy { $1 == nil || $0 == $1 }
      guard fits else {
        let shape = TensorSpec(name: "", shape: input.shape, element: input.element).shapeText
        throw Fault(.badInput, "the input '\(spec.name)' has the shape \(shape), the model takes \(spec.shapeText)")
      }
      ordered.append(input)
    }
    return ordered
  }

  /// Whether a model can answer what is wanted, before it is run.
  ///
  /// Faults are `badInput` for an output that it does not have, `unsupported` for a form that an output cannot have.
  public func checkOutputs(of model: [TensorSpec]) throws(Fault) {
    for wanted in wanted(of: model) {
      guard let spec = model.first(where: { $0.name == wanted.name }) else {
        throw Fault(.badInput, "there is no output '\(wanted.name)'\(Self.advice(wanted.name, model.map(\.name)))")
      }
      try wanted.check(spec)
    }
  }

  /// What goes into the answer, also where the caller leaves it open.
  func wanted(of model: [TensorSpec]) -> [WantedOutput] {
    outputs ?? model.map { WantedOutput(name: $0.name, binary: binaryByDefault) }
  }

  private static func advice(_ name: String, _ known: [String]) -> String {
    let hint = Suggestion.hint(for: String(name.prefix(60)), among: known)
    return hint.isEmpty ? ": the model has \(list(known))" : hint
  }

  private static func list(_ words: [String]) -> String { words.isEmpty ? "none" : words.joined(separator: ", ") }
}

extension WantedOutput {
  func check(_ spec: TensorSpec) throws(Fault) {
    if classes != nil, [.string, .bool].contains(spec.element) {
      throw Fault(
        .unsupported,
        "the output '\(name)' is \(spec.element.rawValue), which has no scores: take 'classification' away")
    }
    if classes == nil, !binary, [.f16, .bf16].contains(spec.element) {
      let advice = "ask for it with the parameter binary_data"
      throw Fault(
        .unsupported, "the output '\(name)' is \(spec.element.rawValue), which JSON has no form of: \(advice)")
    }
  }
}
