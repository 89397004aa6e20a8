/// Sides of windows and weights: what attributes say of them, and what the weights are.
extension ONNXChecker {
  /// Attributes that count steps or numbers, of which there is one at least.
  private static let positive: Set<String> = ["dilations", "group", "kernel_shape", "strides"]

  /// Which input of a convolution holds its weights.
  private static let kernels = ["Conv": 1, "ConvInteger": 1, "ConvTranspose": 1, "QLinearConv": 3]

  private static let pools: Set<String> = ["AveragePool", "LpPool", "MaxPool"]

  /// Operators whose window may not begin within the data.
  private static let windowed = pools.union(["Conv", "ConvTranspose"])

  /// Operators that took two equal shapes before opset 7, unless `broadcast` is set.
  private static let pairs: Set<String> = [
    "Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor",
  ]

  mutating func checkSides(of node: ONNXNode) {
    for attribute in node.attributes where Self.positive.contains(attribute.name) && !attribute.isReference {
      let numbers = attribute.type == 2 ? [attribute.value] : attribute.list
      guard let wrong = numbers.first(where: { $0 < 1 }) else { continue }
      fail("the attribute '\(attribute.name)' of \(node.label) holds \(wrong), and 1 is the least there")
    }
    if Self.windowed.contains(node.kind), let pads = node.attribute("pads"),
      let wrong = pads.list.first(where: { $0 < 0 })
    {
      fail("the attribute 'pads' of \(node.label) holds \(wrong), and 0 is the least there")
    }
    checkPool(node)
    checkQuantization(node)
    if let place = Self.kernels[node.kind], node.inputs.count > place { checkKernel(of: node, node.inputs[place]) }
    checkPair(node)
    if node.kind == "Flatten", let opset, opset < 11, let axis = node.attribute("axis"),
      axis.value < 0
    {
      fail("the attribute 'axis' of \(node.label) is \(axis.value), and counts from the end since opset 11 only")
    }
  }

  private mutating func checkKernel(of node: ONNXNode, _ weights: String) {
    guard let all = sides(of: weights) else { return }
    let sides = all.compactMap { $0 }
    guard sides.count == all.count else { return }
    checkBias(of: node, kernel: sides)
    let what = "the weights \(shown(weights)) \(Self.text(sides)) of \(node.label)"
    guard sides.count >= 3 else { return fail("\(what) have \(sides.count) sides, and 3 are the least there") }
    for attribute in node.attributes where !attribute.isReference {
      switch attribute.name {
      case "kernel_shape" where attribute.list != Array(sides.dropFirst(2)):
        fail("\(what) are not of its kernel_shape \(Self.text(attribute.list))")
      case "group" where attribute.value > 0 && sides[0] % attribute.value != 0:
        fail("\(what) cannot be split into its \(attribute.value) groups")
      case "strides" where attribute.list.count != sides.count - 2,
        "dilations" where attribute.list.count != sides.count - 2,
        "pads" where attribute.list.count != 2 * (sides.count - 2):
        fail(
          "\(what) have \(sides.count - 2) sides of a window, and its \(attribute.name) has \(attribute.list.count) numbers"
        )
      default: break
      }
    }
  }

  /// One number for each channel that a convolution gives.
  private mutating func checkBias(of node: ONNXNode, kernel: [Int]) {
    guard ["Conv", "ConvTranspose"].contains(node.kind), node.inputs.count > 2, kernel.count > 1,
      let bias = sides(of: node.inputs[2])?.compactMap({ $0 })
    else { return }
    let group = max(1, node.attribute("group")?.value ?? 1)
    let count = node.kind == "Conv" ? kernel[0] : kernel[1] &* group
    guard bias != [count] else { return }
    fail("the bias \(shown(node.inputs[2])) \(Self.text(bias)) of \(node.label) is not of its \(count) channels")
  }

  /// A window of a pool begins over data: what lies in the padding alone has no value.
  private mutating func checkPool(_ node: ONNXNode) {
    guard Self.pools.contains(node.kind),
      let kernel = node.attribute("kernel_shape")?.list,
      let pads = node.attribute("pads")?.list, pads.count == 2 * kernel.count
    else { return }
    guard let place = pads.indices.first(where: { pads[$0] >= kernel[$0 % kernel.count] }) else { return }
    fail(
      "the pads of \(node.label) are as large as its kernel_shape (\(pads[place]) of \(kernel[place % kernel.count]))")
  }

  /// A scale is one number, or a list with one for each place of a side; weights behind it keep their shape.
  private mutating func checkQuantization(_ node: ONNXNode) {
    guard ["QuantizeLinear", "DequantizeLinear"].contains(node.kind), node.inputs.count > 1,
      let output = node.outputs.first
    else { return }
    let (known, scaled) = (sides(of: node.inputs[0]), "the scale \(shown(node.inputs[1])) of \(node.label)")
    know(output, sides: known)
    if node.kind == "QuantizeLinear", scope(of: node.inputs[1])?.notPositive.contains(node.inputs[1]) == true {
      fail("\(scaled) holds numbers that are not above 0")
    }
    guard let scale = sides(of: node.inputs[1])?.compactMap({ $0 }), scale.count == 1, scale[0] != 1,
      node.attribute("block_size")?.value ?? 0 == 0, let all = known
    else { return }
    let axis = node.attribute("axis")?.value ?? 1
    let side = Self.side(axis, of: all)
    guard side == nil || side!.map({ $0 != scale[0] }) ?? false else { return }
    fail("\(scaled) has \(scale[0]) numbers, and none of them is for a place of its side \(axis)")
  }

  private mutating func checkPair(_ node: ONNXNode) {
    guard let opset, opset < 7, Self.pairs.contains(node.kind), node.inputs.count == 2 else { return }
    guard node.attribute("broadcast").map({ !$0.isReference && $0.value == 0 }) ?? true,
      let first = sides(of: node.inputs[0]), let second = sides(of: node.inputs[1])
    else { return }
    let isOne = first.count == second.count && zip(first, second).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
    guard !isOne else { return }
    fail("\(node.label) takes shapes that are not alike without 'broadcast', which opset \(opset) does not have")
  }

  /// The input whose numbers choose among the rows of a table, and how many rows there are; `nil` of other nodes.
  func table(of node: ONNXNode) -> (input: String, count: Int)? {
    guard scopes.count == 1, node.kind == "Gather", node.domain.isEmpty, node.inputs.count == 2,
      scopes[0].inputs.contains(node.inputs[1]), let sides = sides(of: node.inputs[0]),
      let count = Self.side(node.attribute("axis")?.value ?? 0, of: sides) ?? nil, count > 0
    else { return nil }
    return (node.inputs[1], count)
  }

  /// The side that an axis names, also from the end; `nil` where there is none.
  private static func side(_ axis: Int, of sides: [Int?]) -> Int?? {
    let place = axis < 0 ? axis + sides.count : axis
    return sides.indices.contains(place) ? .some(sides[place]) : nil
  }

  /// `nil` where they are not known.
  private func sides(of name: String) -> [Int?]? { scope(of: name)?.sides[name] }

  private static func text(_ sides: [Int]) -> String { "[" + sides.map(String.init).joined(separator: ",") + "]" }
}
