/// What ONNX says of one of its own operators from some version on: how many inputs and outputs it has, and which attributes.
struct ONNXSignature: Sendable {
  /// Inputs or outputs, in their order.
  struct Ports: Sendable {
    enum Kind: UInt8 { case single = 115, optional = 111, variadic = 118 }

    let kinds: [Kind]
    let least: Int
    /// Which of the operator's types each has; `nil` where each of a variadic one has its own.
    let types: [Int?]

    /// The same for a port of any number.
    func type(at index: Int) -> Int? { types.isEmpty ? nil : types[min(index, types.count - 1)] }

    /// `nil` where there is no end to them.
    var most: Int? { kinds.last == .variadic ? nil : kinds.count }
    func allows(_ count: Int) -> Bool { count >= least && count <= most ?? .max }
  }

  struct Attribute: Sendable {
    /// As `onnx.proto` numbers the types of attributes.
    let type: Int
    let isRequired: Bool
  }

  /// The first version that has it so.
  let since: Int
  /// The versions from there on have the operator no more.
  let isRemoved: Bool
  let inputs: Ports
  let outputs: Ports
  /// What each of its types may be, a bit for each number of `TensorProto.DataType`; 0 where more than tensors may be.
  let types: [UInt32]
  let attributes: [String: Attribute]

  /// Of `name` in version `opset` of ONNX's operators; `nil` where ONNX has no operator of that name, or had none yet.
  static func of(_ name: String, opset: Int) -> ONNXSignature? { all[name]?.last { $0.since <= opset } }

  /// The version in which `name` came; `nil` where none of the known ones has it.
  static func beginning(of name: String) -> Int? { all[name]?.first?.since }

  /// The newest version of ONNX's operators, and of its files, that is known.
  static let newest: (opset: Int, format: Int) = {
    let numbers = lines.first?.split(separator: " ").compactMap { Int($0) } ?? []
    precondition(numbers.count == 2, "onnx-operators.txt begins with two versions")
    return (numbers[0], numbers[1])
  }()

  /// By name, the oldest first: the table that `list-operators` wrote.
  private static let all: [String: [ONNXSignature]] = {
    var found: [String: [ONNXSignature]] = [:]
    for line in lines.dropFirst(2) {
      let words = line.split(separator: " ")
      found[String(words[0]), default: []].append(ONNXSignature(words.dropFirst()))
    }
    return found
  }()

  /// What the places in the lines' lists of types mean.
  private static let masks = lines.dropFirst().first?.split(separator: " ").map { UInt32($0, radix: 16) ?? 0 } ?? []

  private static let lines = String(decoding: PackageResources.onnx_operators_txt, as: UTF8.self)
    .split(separator: "\n").filter { !$0.hasPrefix("#") }

  /// From the words of a line behind the name.
  private init(_ words: ArraySlice<Substring>) {
    let words = Array(words)
    since = Int(words[0]) ?? 0
    isRemoved = words.count < 4
    let types = (isRemoved ? ">" : words[3]).split(separator: ",", omittingEmptySubsequences: false)
    let letters = types[0].split(separator: ">", omittingEmptySubsequences: false)
    inputs = Ports(isRemoved ? "0" : words[1], letters[0])
    outputs = Ports(isRemoved ? "0" : words[2], letters[1])
    self.types = types.dropFirst().map { Self.masks[Int($0) ?? 0] }
    attributes = Dictionary(
      uniqueKeysWithValues: words.dropFirst(4).map { word in
        let parts = word.split(separator: ":")
        let isRequired = parts[1].hasSuffix("!")
        let type = Int(isRequired ? parts[1].dropLast() : parts[1]) ?? 0
        return (String(parts[0]), Attribute(type: type, isRequired: isRequired))
      })
  }

  /// What a type of attribute is called.
  static func name(ofType type: Int) -> String { names.indices.contains(type) ? names[type] : "type \(type)" }

  /// What the type of a tensor's numbers is called.
  static func name(ofElement type: Int) -> String {
    elements.indices.contains(type) ? elements[type] : "type \(type)"
  }

  /// By their numbers in `onnx.proto`.
  private static let elements = [
    "no type", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE",
    "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16",
  ]
  private static let names = [
    "no type", "FLOAT", "INT", "STRING", "TENSOR", "GRAPH", "FLOATS", "INTS", "STRINGS", "TENSORS", "GRAPHS",
    "SPARSE_TENSOR", "SPARSE_TENSORS", "TYPE_PROTO", "TYPE_PROTOS",
  ]
}

extension ONNXSignature.Ports {
  /// From a letter for the kind of each and the least number, and a letter for the type of each.
  fileprivate init(_ word: Substring, _ letters: Substring) {
    kinds = word.utf8.compactMap { Kind(rawValue: $0) }
    least = Int(word.drop { $0.isLetter }) ?? 0
    types = letters.utf8.map { $0 == UInt8(ascii: ".") ? nil : Int($0 &- UInt8(ascii: "a")) }
  }
}
