public import Base

/// The beginning of a network in ONNX, up to one of its inner maps of features: what all of it that follows is made of.
///
/// Messages and their field numbers are those of `onnx.proto`, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>. Nodes and weights
/// are taken over byte by byte. Not for networks with weights in other files, functions of their own, or branches in what is taken.
public struct ONNXTrunk {
  /// Input pixels between neighbouring cells of the map that is taken where none is named.
  public static let usualStride = 16
  /// Of a network that is read whole.
  private static let limit = 256 << 20

  /// The map's name in the network.
  public let layer: String
  let head: Head
  let content: Content

  /// Fields of the model that are taken over.
  struct Head {
    /// Of the format.
    var version: UInt64?
    /// Messages that say which operators are meant.
    var operators: [[UInt8]] = []
    /// The version of ONNX's own operators; 0 where only others are named.
    var opset = 0
  }

  /// What leads to the map.
  struct Content {
    let nodes: [[UInt8]]
    let weights: [[UInt8]]
    let input: ONNXPort
  }

  /// `layer` names a value of the network; `nil` takes the last sum of a residual block of stride 16, else the last activation there.
  ///
  /// - Throws: `badInput` where it is damaged or there is no such value, `unsupported` where it cannot be cut.
  public init(_ path: String, layer wanted: String?) throws(Fault) {
    let file = try FileWindow(path)
    guard file.byteCount <= Self.limit else {
      throw Fault(.unsupported, "\(path) is larger than the \(Self.limit >> 20) MiB that a network may have here")
    }
    let graph: ONNXGraphParts
    do throws(Damaged) { (head, graph) = try Self.read(file) } catch {
      throw Fault(.badInput, "\(path) is damaged, or no network in ONNX")
    }
    guard let layer = wanted ?? graph.usualLayer(stride: Self.usualStride), graph.gives(layer) else {
      let what =
        wanted.map { "there is no value '\($0)' in it" } ?? "none of its maps has a stride of \(Self.usualStride)"
      throw Fault(.badInput, "\(path): \(what): name a map of features with --layer NAME")
    }
    guard let content = graph.leading(to: layer) else {
      throw Fault(
        .unsupported,
        "\(path) cannot be cut at '\(layer)': what leads there has branches, functions or weights in other files")
    }
    (self.layer, self.content) = (layer, content)
  }

  private static func read(_ file: FileWindow) throws(Damaged) -> (Head, ONNXGraphParts) {
    var (head, graph): (Head, ONNXGraphParts?) = (Head(), nil)
    var fields = ProtobufFields(file, 0..<file.byteCount)
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (1, .number(let version)): head.version = version
      case (7, .bytes(let range)): graph = try ONNXGraphParts(file, range)
      case (8, .bytes(let range)):
        head.operators.append(try file.bytes(range, limit: 1 << 10))
        head.opset = max(head.opset, try plainVersion(file, range))
      default: break
      }
    }
    guard let graph else { throw Damaged() }
    return (head, graph)
  }

  /// Of ONNX's own operators; 0 for another domain.
  private static func plainVersion(_ file: FileWindow, _ range: Range<Int>) throws(Damaged) -> Int {
    var (fields, version) = (ProtobufFields(file, range), 0)
    while let field = try fields.next() {
      if field.number == 1, let text = field.bytes, !["", "ai.onnx"].contains(try file.text(text, limit: 256)) {
        return 0
      }
      if field.number == 2, let number = field.integer { version = Int(clamping: number) }
    }
    return version
  }
}

/// The parts of a graph, with as much of each as is needed to follow values through it.
struct ONNXGraphParts {
  struct Node {
    var bytes: [UInt8] = []
    var kind = ""
    var inputs: [String] = []
    var outputs: [String] = []
    /// Of a window, along the first side; 1 where none is said.
    var stride = 1
    /// It has a graph inside, or belongs to a domain that is not ONNX's own.
    var isOdd = false
  }

  private(set) var nodes: [Node] = []
  private var weights: [(name: String, bytes: [UInt8], isElsewhere: Bool)] = []
  private var inputs: [ONNXPort] = []

  init(_ file: FileWindow, _ range: Range<Int>) throws(Damaged) {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 1: nodes.append(try Self.node(file, range))
      case 5:
        let name = try Self.text(8, file, range)
        let isElsewhere = try Self.has([13], file, range)
        weights.append((name, try file.bytes(range, limit: .max), isElsewhere))
      case 11: inputs.append(try ONNXPort(file, range))
      default: break
      }
    }
  }

  private static func node(_ file: FileWindow, _ range: Range<Int>) throws(Damaged) -> Node {
    var (node, fields) = (Node(), ProtobufFields(file, range))
    node.bytes = try file.bytes(range, limit: .max)
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 1: node.inputs.append(try file.text(range, limit: 1 << 12))
      case 2: node.outputs.append(try file.text(range, limit: 1 << 12))
      case 4: node.kind = try file.text(range, limit: 256)
      case 5:
        if try has([6, 11], file, range) { node.isOdd = true }
        if try text(1, file, range) == "strides" { node.stride = try firstInteger(file, range) }
      case 7: if !["", "ai.onnx"].contains(try file.text(range, limit: 256)) { node.isOdd = true }
      default: break
      }
    }
    return node
  }

  private static func text(_ wanted: Int, _ file: FileWindow, _ range: Range<Int>) throws(Damaged) -> String {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      if field.number == wanted, let range = field.bytes { return try file.text(range, limit: 1 << 12) }
    }
    return ""
  }

  private static func has(_ wanted: Set<Int>, _ file: FileWindow, _ range: Range<Int>) throws(Damaged) -> Bool {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() { if wanted.contains(field.number) { return true } }
    return false
  }

  /// The first of an attribute's whole numbers.
  private static func firstInteger(_ file: FileWindow, _ range: Range<Int>) throws(Damaged) -> Int {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      guard field.number == 8 else { continue }
      if let number = field.integer { return Int(clamping: number) }
      guard let range = field.bytes else { continue }
      var packed = ProtobufFields(file, range)
      if let number = try packed.nextPacked() { return Int(clamping: number) }
    }
    return 1
  }

  /// Inputs that no weight fills: files before version 4 list weights among the inputs too.
  private var ports: [ONNXPort] {
    let filled = Set(weights.map(\.name))
    return inputs.filter { !filled.contains($0.name) }
  }

  /// Operators that leave a map its sides.
  private static let keeping: Set<String> = [
    "Add", "BatchNormalization", "Cast", "Clip", "Concat", "Div", "Dropout", "Elu", "HardSigmoid", "HardSwish",
    "Identity",
    "LeakyRelu", "Mul", "PRelu", "Pad", "Relu", "Sigmoid", "Sub", "Tanh", "Transpose",
  ]
  private static let windows: Set<String> = ["AveragePool", "Conv", "LpPool", "MaxPool"]
  private static let ends: Set<String> = ["Clip", "HardSwish", "LeakyRelu", "PRelu", "Relu"]

  /// The last sum at that stride, else the last activation; `nil` where no map is known to have it.
  func usualLayer(stride wanted: Int) -> String? {
    var strides = Dictionary(ports.map { ($0.name, 1) }) { first, _ in first }
    var (sum, end): (String?, String?)
    for node in nodes {
      let known = node.inputs.compactMap { strides[$0] }.max()
      guard let known, let output = node.outputs.first else { continue }
      if Self.windows.contains(node.kind) {
        strides[output] = known * max(1, node.stride)
      } else if Self.keeping.contains(node.kind) {
        strides[output] = known
      }
      guard strides[output] == wanted else { continue }
      if node.kind == "Add", node.inputs.allSatisfy({ strides[$0] == wanted }) { sum = output }
      if Self.ends.contains(node.kind) { end = output }
    }
    return sum ?? end
  }

  /// One of its nodes has this output.
  func gives(_ value: String) -> Bool { nodes.contains { $0.outputs.contains(value) } }

  /// What a value is made of; `nil` where that cannot be taken out of its graph.
  func leading(to layer: String) -> ONNXTrunk.Content? {
    var needed: Set<String> = [layer]
    var taken: [[UInt8]] = []
    for node in nodes.reversed() where !needed.isDisjoint(with: node.outputs) {
      if node.isOdd { return nil }
      needed.formUnion(node.inputs.filter { !$0.isEmpty })
      taken.append(node.bytes)
    }
    let filled = weights.filter { needed.contains($0.name) }
    let ports = ports
    guard !filled.contains(where: \.isElsewhere), ports.count == 1, needed.contains(ports[0].name) else { return nil }
    return ONNXTrunk.Content(nodes: taken.reversed(), weights: filled.map(\.bytes), input: ports[0])
  }
}
