/// Holds what a file says against what ONNX asks of every network, and keeps the first flaw.
///
/// Names: within a graph each value is given once, by an input, a weight or a node, and what a node takes is given there or in a graph
/// around it. Nodes: operators of ONNX's own set are used as their version has them. An engine that meets such a flaw takes one of the
/// readings and says nothing.
struct ONNXChecker {
  /// What is wrong, for a person; `nil` while nothing is.
  private(set) var flaw: String?
  /// The version of ONNX's own operators where the nodes at hand stand; `nil` where none is said.
  var opset: Int?
  /// Operators that the file defines itself, with their domain in front.
  var functions: Set<String> = []
  /// Graphs that are open, the innermost last.
  private(set) var scopes: [Scope] = []

  struct Scope {
    var inputs: Set<String> = []
    var weights: Set<String> = []
    var given: Set<String> = []
    /// What was taken before it was given, with the first that takes it.
    var wanted: [String: String] = [:]
    var outputs: [(name: String, element: Int)] = []
    /// Types of numbers, as far as they are known.
    var elements: [String: Int] = [:]
    /// Shapes of inputs and weights; `nil` for a side that is open.
    var sides: [String: [Int?]] = [:]
    /// Weights that hold a number of 0 or below.
    var notPositive: Set<String> = []

    func has(_ name: String) -> Bool { given.contains(name) || inputs.contains(name) || weights.contains(name) }
  }

  mutating func fail(_ sentence: String) { flaw = flaw ?? sentence }

  // MARK: Graphs

  mutating func open() { scopes.append(Scope()) }

  /// `element` is the type of its numbers as `TensorProto.DataType` has it; 0 where it is not said.
  mutating func input(_ name: String, element: Int = 0) {
    guard !scopes.isEmpty else { return }
    know(name, element)
    if name.isEmpty { fail("an input of the graph has no name") }
    if !scopes[scopes.count - 1].inputs.insert(name).inserted { fail("two inputs are called \(shown(name))") }
  }

  mutating func output(_ name: String, element: Int = 0) {
    guard !scopes.isEmpty else { return }
    if name.isEmpty { fail("an output of the graph has no name") }
    scopes[scopes.count - 1].outputs.append((name, element))
  }

  mutating func weight(_ name: String, element: Int = 0) {
    guard !scopes.isEmpty else { return }
    know(name, element)
    if name.isEmpty { return fail("a weight has no name") }
    if !scopes[scopes.count - 1].weights.insert(name).inserted { fail("two weights are called \(shown(name))") }
  }

  /// Ends the innermost graph: what it wants and does not have is wanted of the one around it.
  mutating func close() {
    guard let scope = scopes.popLast() else { return }
    for name in scope.inputs.union(scope.weights) where scope.given.contains(name) {
      fail("\(shown(name)) is an input or a weight, and a node gives it once more")
    }
    var wanted = scope.wanted.filter { !scope.has($0.key) }
    for (name, element) in scope.outputs {
      if !scope.has(name), wanted[name] == nil { wanted[name] = "an output of the graph" }
      guard let found = scope.elements[name], element > 0, found != element else { continue }
      let (said, given) = (ONNXSignature.name(ofElement: element), ONNXSignature.name(ofElement: found))
      fail("the output \(shown(name)) is said to be \(said), and is \(given)")
    }
    guard let around = scopes.indices.last else {
      if let (name, taker) = wanted.min(by: { $0.key < $1.key }) {
        fail("\(taker) takes \(shown(name)), which no input, weight or node gives")
      }
      return
    }
    scopes[around].wanted.merge(wanted) { first, _ in first }
  }

  /// A node of the innermost graph, once its own graphs are closed.
  mutating func add(_ node: ONNXNode) {
    guard let last = scopes.indices.last else { return }
    for name in node.inputs where !name.isEmpty && !scopes[last].has(name) && scopes[last].wanted[name] == nil {
      scopes[last].wanted[name] = node.label
    }
    for name in node.outputs where !name.isEmpty && !scopes[last].given.insert(name).inserted {
      fail("\(shown(name)) is given twice, the second time by \(node.label)")
    }
    if let name = node.inputs.first(where: { !$0.isEmpty && node.outputs.contains($0) }) {
      fail("\(node.label) takes \(shown(name)), which it gives itself")
    }
    checkAttributes(of: node)
    if node.domain.isEmpty, !functions.contains(".\(node.kind)") { checkSignature(of: node) }
  }

  /// Notes the type of a value's numbers.
  mutating func know(_ name: String, _ element: Int) {
    if element > 0, !scopes.isEmpty { scopes[scopes.count - 1].elements[name] = element }
  }

  /// Notes a shape of the file.
  mutating func know(_ name: String, sides: [Int?]?) {
    if let sides, !scopes.isEmpty { scopes[scopes.count - 1].sides[name] = sides }
  }

  /// Notes that not all of a weight's numbers are above 0.
  mutating func know(notPositive name: String) {
    if !scopes.isEmpty { scopes[scopes.count - 1].notPositive.insert(name) }
  }

  /// The same of an input: one of the whole network has numbers, one of a graph inside may turn out to have none.
  mutating func know(input name: String, sides: [Int?]?) {
    if let sides, sides.contains(0), scopes.count == 1 {
      fail(
        "the input \(shown(name)) has a side of 0, with which there is nothing in it; leave that side open, or make it 1"
      )
    }
    know(name, sides: sides)
  }

  /// The innermost graph that has the value.
  func scope(of name: String) -> Scope? { scopes.last { $0.has(name) } }

  func shown(_ name: String) -> String { "'\(NetworkParts.shown(name))'" }
}

// MARK: Nodes

extension ONNXChecker {
  /// Operators that ONNX Runtime knows in ONNX's own set though no version of ONNX has them, or before one had them.
  private static let older: Set<String> = [
    "Affine", "Crop", "DynamicSlice", "GRUUnit", "GivenTensorFill", "ImageScaler", "LayerNormalization",
    "MeanVarianceNormalization", "ParametricSoftplus", "Scale", "ScaledTanh", "ThresholdedRelu",
  ]

  /// Attributes that say yes or no.
  private static let flags: Set<String> = [
    "align_corners", "allowzero", "antialias", "broadcast", "ceil_mode", "center_point_box", "count_include_pad",
    "exclude_outside", "exclusive", "fmod", "input_forget", "is_causal", "is_test", "keepdims", "largest",
    "linear_before_reset", "noop_with_empty_axes", "periodic", "reverse", "saturate", "select_last_index", "sorted",
    "spatial", "storage_order", "training_mode", "transA", "transB", "upper",
  ]

  private mutating func checkAttributes(of node: ONNXNode) {
    var seen: Set<String> = []
    for attribute in node.attributes {
      let name = shown(attribute.name)
      if !seen.insert(attribute.name).inserted { fail("\(node.label) has the attribute \(name) twice") }
      if attribute.filled.nonzeroBitCount > 1 { fail("the attribute \(name) of \(node.label) has values of two types") }
      guard let value = attribute.valueType, attribute.type > 0, attribute.type != value else { continue }
      fail(
        "the attribute \(name) of \(node.label) is called \(ONNXSignature.name(ofType: attribute.type)) and holds \(ONNXSignature.name(ofType: value))"
      )
    }
  }

  private mutating func checkSignature(of node: ONNXNode) {
    guard let opset else { return fail("it does not say which version of ONNX's operators it uses") }
    let newest = ONNXSignature.newest.opset
    guard (1...newest).contains(opset) else {
      return fail("it uses version \(opset) of ONNX's operators, and 1 to \(newest) are known")
    }
    guard let signature = ONNXSignature.of(node.kind, opset: opset) else {
      guard let beginning = ONNXSignature.beginning(of: node.kind), !Self.older.contains(node.kind) else { return }
      return fail(
        "\(node.label) is an operator of opset \(beginning), and the network says that it uses opset \(opset)")
    }
    guard !signature.isRemoved else { return fail("\(node.label) is an operator that opset \(opset) has no more") }
    check(node.inputs, signature.inputs, "inputs", of: node)
    check(node.outputs, signature.outputs, "outputs", of: node)
    check(node, signature.attributes, opset)
    checkTypes(of: node, signature)
    checkSides(of: node)
  }

  private mutating func check(_ names: [String], _ ports: ONNXSignature.Ports, _ what: String, of node: ONNXNode) {
    guard ports.allows(names.count) else {
      let most = ports.most.map { $0 == ports.least ? "\($0)" : "\(ports.least) to \($0)" } ?? "\(ports.least) or more"
      return fail("\(node.label) has \(names.count) \(what), and takes \(most)")
    }
    for (index, (name, kind)) in zip(names, ports.kinds).enumerated() where name.isEmpty && kind == .single {
      fail("\(node.label) lacks the one at place \(index + 1) of its \(what)")
    }
  }

  private mutating func check(_ node: ONNXNode, _ known: [String: ONNXSignature.Attribute], _ opset: Int) {
    for attribute in node.attributes where !attribute.name.hasPrefix("__") {
      let name = shown(attribute.name)
      guard let asked = known[attribute.name] else {
        fail("\(node.label) has an attribute \(name), which opset \(opset) does not have there")
        continue
      }
      let type = attribute.type > 0 ? attribute.type : attribute.valueType ?? asked.type
      if type != asked.type {
        let (has, wants) = (ONNXSignature.name(ofType: type), ONNXSignature.name(ofType: asked.type))
        fail("the attribute \(name) of \(node.label) is \(has), and opset \(opset) has \(wants) there")
      }
      if Self.flags.contains(attribute.name), !attribute.isReference, !(0...1).contains(attribute.value) {
        fail("the attribute \(name) of \(node.label) is \(attribute.value), and only 0 and 1 mean something there")
      }
    }
    let names = Set(node.attributes.map(\.name))
    if let missing = known.filter({ $0.value.isRequired && !names.contains($0.key) }).keys.min() {
      fail("\(node.label) lacks the attribute '\(missing)'")
    }
  }
}
