/// Types of numbers: as far as inputs, weights and operators tell them.
extension ONNXChecker {
  /// Holds what a node takes against the types of its operator, and notes what it gives.
  mutating func checkTypes(of node: ONNXNode, _ signature: ONNXSignature) {
    // For each of the operator's types what it is here, and the value that told.
    var bound: [Int: (element: Int, name: String)] = [:]
    for (index, name) in node.inputs.enumerated() where !name.isEmpty {
      guard let type = signature.inputs.type(at: index) else { continue }
      let element = element(of: name)
      guard element > 0 else { continue }
      check(element, of: name, signature.types[type], node, "takes")
      if let other = bound[type], other.element != element {
        fail(
          "\(node.label) takes \(shown(other.name)), which is \(ONNXSignature.name(ofElement: other.element)), and \(shown(name)), which is \(ONNXSignature.name(ofElement: element)), where it takes one type"
        )
      }
      bound[type] = bound[type] ?? (element, name)
    }
    for (index, name) in node.outputs.enumerated() where !name.isEmpty {
      guard let type = signature.outputs.type(at: index) else { continue }
      let allowed = signature.types[type]
      let single = allowed.nonzeroBitCount == 1 ? allowed.trailingZeroBitCount : 0
      let element = said(by: node) ?? bound[type]?.element ?? single
      guard element > 0 else { continue }
      check(element, of: name, allowed, node, "gives")
      know(name, element)
    }
  }

  private mutating func check(_ element: Int, of name: String, _ allowed: UInt32, _ node: ONNXNode, _ verb: String) {
    guard allowed != 0, element > 31 || allowed & 1 << UInt32(element) == 0 else { return }
    fail(
      "\(node.label) \(verb) \(shown(name)), which is \(ONNXSignature.name(ofElement: element)), and opset \(opset ?? 0) does not have that type there"
    )
  }

  /// 0 where it is not known.
  private func element(of name: String) -> Int { scope(of: name)?.elements[name] ?? 0 }

  /// The type of what a node gives where an attribute says it; 0 where that is not known.
  private func said(by node: ONNXNode) -> Int? {
    switch node.kind {
    case "Cast":
      let to = node.attribute("to")
      return to.map { $0.isReference || $0.valueType != 2 ? 0 : $0.value }
    case "Constant", "ConstantOfShape":
      let elements = node.attributes.map { attribute in
        switch attribute.name {
        case "value": attribute.element
        case "value_float", "value_floats": 1
        case "value_int", "value_ints": 7
        case "value_string", "value_strings": 8
        default: 0
        }
      }
      return elements.first ?? (node.kind == "Constant" ? 0 : 1)
    default: return nil
    }
  }
}
