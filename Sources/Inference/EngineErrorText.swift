internal import Base

/// Reads the engine's long complaint about a network and says in one sentence what a person can do.
enum EngineErrorText {
  /// The fault for a complaint; `step` is what was tried, `read` or `compile`.
  static func fault(_ error: EngineError, step: String) -> Fault {
    let words = error.words
    let lacksProcessor = words.contains("Cannot load library") || words.contains("\"CPU\" name is not registered")
    if lacksProcessor, let fault = EngineLibrary.processor.fault { return fault }
    for rule in rules {
      if let found = rule.find(words) { return Fault(rule.kind, rule.say(found), cause: words) }
    }
    return Fault(
      .badInput, "the network cannot be \(step == "read" ? "read" : "compiled"): \(gist(of: words))", cause: words)
  }

  private struct Rule: Sendable {
    let kind: Fault.Kind
    /// The part of the complaint that names the thing, or `nil` where the rule does not fit.
    let find: @Sendable (String) -> String?
    let say: @Sendable (String) -> String
  }

  private static let rules: [Rule] = [
    Rule(kind: .unsupported, find: { between("No translator found for ", " node", in: $0) }) {
      """
      the network uses the operator \($0), which cannot run here; export it without that operator (post-processing \
      can be done by a decoder of the manifest) or for a CPU instead of an accelerator
      """
    },
    Rule(kind: .badInput, find: { between("TFLite_Detection_PostProcess: ", "\n", in: $0) }) {
      "the network's operator TFLite_Detection_PostProcess is broken: \($0); export the network again"
    },
    Rule(kind: .unsupported, find: { between("No creator found for ", " node", in: $0) }) {
      "the network uses the Paddle operator \($0), which cannot run here; export it with a current Paddle, or as ONNX"
    },
    Rule(kind: .notFound, find: { $0.contains("*.pdiparams format weight file doesn't exist") ? "" : nil }) { _ in
      "the weights are missing: a Paddle network needs its .pdiparams file beside the .pdmodel file, with the same name"
    },
    Rule(kind: .unsupported, find: { between("does not support the following ONNX operations: ", "\n", in: $0) }) {
      "the network uses the operators \($0), which cannot run here; export it with standard ONNX operators"
    },
    Rule(kind: .unsupported, find: { between("undeclared parameters: ", " ()", in: $0) }) {
      """
      the network takes text or serialised records as input (\($0.split(separator: " ").last ?? "")), not pictures; \
      export it with a picture tensor as input
      """
    },
    Rule(kind: .badInput, find: { $0.contains("Per-Channel Quantization axis") ? "" : nil }) { _ in
      """
      the network's quantisation is broken: a per-channel scale names a dimension that its tensor does not have; \
      convert it again from the float network
      """
    },
    Rule(kind: .badInput, find: { between("tensor has no ", " field", in: $0) }) {
      "the TensorFlow Lite file is damaged: a tensor has no \($0); export the network again"
    },
    Rule(kind: .badInput, find: { between("validating ONNX node '", "'", in: $0) }) { node in
      "the ONNX file is not valid at \(operatorName(node)): an attribute has no type, or a value that the engine does not read; export it again, or without that value"
    },
    Rule(kind: .unsupported, find: { between("Device with \"", "\" name is not registered", in: $0) }) {
      "there is no device '\($0)' here; CPU is always there"
    },
    Rule(kind: .badInput, find: { $0.contains("Unable to read the model") ? "" : nil }) { _ in
      "this is not a network file of a known format: ONNX, TensorFlow Lite, OpenVINO IR, TensorFlow or Paddle is expected"
    },
  ]

  /// `<Node(Reshape): 25>` becomes `operator Reshape (25)`.
  private static func operatorName(_ node: String) -> String {
    guard let name = between("(", ")", in: node) else { return node }
    let position = between(": ", ">", in: node).map { " (node \($0))" } ?? ""
    return "operator \(name)\(position)"
  }

  static func between(_ start: String, _ end: String, in text: String) -> String? {
    guard let head = text.firstRange(of: start) else { return nil }
    let rest = text[head.upperBound...]
    guard let tail = rest.firstRange(of: end) else { return nil }
    return String(rest[..<tail.lowerBound])
  }

  /// The last line that is not about the engine's own source files.
  private static func gist(of words: String) -> String {
    let lines = words.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { line in
      !line.isEmpty && !line.hasPrefix("Exception from") && !line.hasPrefix("Check ") && !line.hasPrefix("FrontEnd API")
    }
    return lines.last.map(String.init) ?? "the engine gives no reason"
  }
}
