/// One node of a graph as the file has it.
struct ONNXNode {
  struct Attribute {
    var name = ""
    /// The type that it says it has, as `onnx.proto` numbers them; 0 where it says none.
    var type = 0
    /// The types of the values that it has, a bit each.
    var filled: UInt32 = 0
    /// The first of them; `nil` where it has no value, as an empty list has none.
    var valueType: Int? { filled == 0 ? nil : filled.trailingZeroBitCount }
    /// The type of its tensor's numbers, where it is one.
    var element = 0
    /// It stands for an attribute of the function around it.
    var isReference = false
    /// Its number, where it is one; 1 for a list with anything but zeros in it.
    var value = 0
    /// Its numbers, where it is a list of them: the first ``most``.
    var list: [Int] = []

    /// More than any list of sides has.
    static let most = 64
  }

  var name = ""
  var kind = ""
  /// Empty for ONNX's own.
  var domain = ""
  var inputs: [String] = []
  var outputs: [String] = []
  var attributes: [Attribute] = []

  func attribute(_ name: String) -> Attribute? { attributes.first { $0.name == name } }

  /// For a sentence: `Conv 'stem'`, or by its first output where it has no name.
  var label: String {
    let kind = NetworkParts.shown(self.kind)
    if !name.isEmpty { return "\(kind) '\(NetworkParts.shown(name))'" }
    return outputs.first.map { "the \(kind) that gives '\(NetworkParts.shown($0))'" } ?? "a \(kind) without outputs"
  }
}
