internal import Base
internal import YAML

extension PipelineReader {
  enum InferKey: String, CaseIterable {
    case name, model, threshold, iou, top, precision, engine, labels, every, on, of, score, margin
  }

  mutating func infer(_ value: YAMLValue) -> [Pipeline.Infer] {
    let values: [YAMLValue]
    if case .list = value.node.kind { values = (try? value.items()) ?? [] } else { values = [value] }
    if values.isEmpty { diagnostics.add(value, "infer is empty: name at least one model") }
    var steps: [Pipeline.Infer] = []
    for value in values {
      let position = steps.count
      if case .scalar(let text, _) = value.node.kind, !text.isEmpty {
        steps.append(Pipeline.Infer(name: Self.usualName(text), model: text))
        places[.model(position)] = value.node.place
      } else {
        let named = YAMLValue(
          value.node, what: value.isPartOfList ? "step \(position + 1) of infer" : "infer", document: document)
        steps.append(infer(named, position, before: steps))
      }
      let first = steps.dropLast().firstIndex { $0.name == steps[position].name }
      if first != nil, !steps[position].name.isEmpty {
        diagnostics.add(value, "there is a step '\(steps[position].name)' already: give this one a name of its own")
      }
    }
    return steps
  }

  private mutating func infer(
    _ value: YAMLValue, _ position: Int, before: [Pipeline.Infer]
  ) -> Pipeline.Infer {
    let fields = DiagnosticFields<InferKey>(value, &diagnostics)
    if fields[.model] == nil { diagnostics.add(value, "the key 'model' is missing in \(value.what)") }
    let model = fields.value(.model, &diagnostics, ValueReaders.text) ?? ""
    let name = fields.value(.name, &diagnostics, ValueReaders.text) ?? Self.usualName(model)
    var step = Pipeline.Infer(name: name, model: model)
    step.threshold = fields.value(.threshold, &diagnostics, ValueReaders.score)
    step.iou = fields.value(.iou, &diagnostics, ValueReaders.score)
    step.top = fields.value(.top, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...10_000, example: 5)
    }
    step.precision = fields.value(.precision, &diagnostics) { (value) throws(Fault) in try value.choice() }
    step.engine = fields.value(.engine, &diagnostics) { (value) throws(Fault) in try value.choice() }
    fields.set(&step.labels, .labels, &diagnostics, ValueReaders.words)
    step.every = fields.value(.every, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0.001...86_400)
    }
    if let every = fields[.every], let on = fields[.on] {
      let detector = (try? on.text()) ?? "the detector"
      diagnostics.add(
        every,
        "every is about whole frames, and this network looks where '\(detector)' found something: give '\(detector)' the every"
      )
    }
    places[.every(position)] = fields[.every]?.node.place
    places[.model(position)] = fields[.model]?.node.place
    places[.on(position)] = fields[.on]?.node.place
    places[.label(position)] = fields[.labels]?.node.place
    places[.of(position)] = fields[.of]?.node.place
    crops(&step, fields, before)
    return step
  }

  /// What only a network on crops has.
  private mutating func crops(
    _ step: inout Pipeline.Infer, _ fields: DiagnosticFields<InferKey>, _ before: [Pipeline.Infer]
  ) {
    fields.set(&step.of, .of, &diagnostics, ValueReaders.words)
    step.score = fields.value(.score, &diagnostics, ValueReaders.score)
    fields.set(&step.margin, .margin, &diagnostics) { (value) throws(Fault) in try ValueReaders.share(value, in: 0...10)
    }
    guard let on = fields[.on] else {
      for key in [InferKey.of, .score, .margin] {
        guard let value = fields[key] else { continue }
        diagnostics.add(value, "\(key.rawValue) is about crops, and this network is shown whole frames: add on: STEP")
      }
      return
    }
    step.on = self.step(on, among: before, "a detector that stands before this one")
  }

  /// The position of the step that a value names.
  mutating func step(_ value: YAMLValue, among steps: [Pipeline.Infer], _ expected: String) -> Int? {
    guard let name = diagnostics.attempt(value, ValueReaders.text) else { return nil }
    if let found = steps.firstIndex(where: { $0.name == name }) { return found }
    let known = steps.map(\.name).filter { !$0.isEmpty }
    let hint = Suggestion.hint(for: name, among: known)
    let advice = known.isEmpty ? "there is none" : Diagnostics.list(known)
    diagnostics.add(value, "there is no step '\(name)' here\(hint), expected \(expected): \(advice)")
    return nil
  }

  /// The model's name, or the last part of its path.
  private static func usualName(_ model: String) -> String {
    model.split(separator: "/").last.map(String.init) ?? model
  }
}

extension YAMLValue {
  fileprivate var isPartOfList: Bool { what.hasPrefix("item ") }
}
