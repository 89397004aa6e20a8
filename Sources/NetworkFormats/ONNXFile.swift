public import Base

/// What an ONNX file says: the operators that it uses, the names of its ports, and the tensors that stand in other files.
///
/// Messages and their field numbers are those of `onnx.proto`, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.
public struct ONNXFile: Sendable, Hashable {
  public struct Operator: Sendable, Hashable {
    /// Empty for ONNX's own.
    public let domain: String
    public let name: String
    /// Of the attributes in ``watched`` that it sets: the number, or 1 for a list with anything but zeros in it.
    public var attributes: [String: Int] = [:]

    /// Those that decide whether the engine has the operator right.
    static let watched: Set<String> = [
      "antialias", "axes", "ceil_mode", "count_include_pad", "noop_with_empty_axes", "pads", "sampling_ratio",
    ]
  }

  /// A tensor whose bytes stand in another file.
  public struct ExternalTensor: Sendable, Hashable {
    public var name = ""
    /// As the file writes it; see ``NetworkParts`` for what may stand there.
    public var location = ""
    var offset: String?
    var length: String?
  }

  /// The version of ONNX's own operators; 0 where the file does not say.
  public internal(set) var opset = 0
  /// Each once, those in subgraphs and functions too.
  public internal(set) var operators: Set<Operator> = []
  public internal(set) var externals: [ExternalTensor] = []
  /// Of the graph, in its order; without those that have a value in the file.
  public internal(set) var inputs: [String] = []
  public internal(set) var outputs: [String] = []

  /// Reads structure alone: numbers of tensors are passed over.
  ///
  /// Takes a few milliseconds for thousands of operators.
  ///
  /// - Throws: `badInput` where the file is damaged, or nested deeper than any network.
  public init(_ path: String) throws(Fault) {
    var reader = ONNXReader(try FileWindow(path))
    do throws(Damaged) { self = try reader.contents() } catch {
      throw Fault(.badInput, "the ONNX file \(path) is damaged: a part of it leads nowhere; export it again")
    }
  }

  init() {}
}

/// Walks the messages of a file.
struct ONNXReader {
  private let file: FileWindow
  private var found = ONNXFile()
  private var initialized: Set<String> = []

  /// Protocol Buffers' own readers go no deeper either.
  private static let deepest = 100
  /// Names are short; a longer one is a mistake or an attack.
  private static let longest = 1 << 16

  init(_ file: FileWindow) { self.file = file }

  mutating func contents() throws(Damaged) -> ONNXFile {
    var fields = ProtobufFields(file, 0..<file.byteCount)
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 7: try graph(range, depth: 0, isOutermost: true)
      case 8: try opset(range)
      case 20: try training(range)
      case 25: try function(range)
      default: break
      }
    }
    found.inputs.removeAll(where: initialized.contains)
    return found
  }

  private mutating func opset(_ range: Range<Int>) throws(Damaged) {
    var (domain, version, fields) = ("", 0, ProtobufFields(file, range))
    while let field = try fields.next() {
      if field.number == 1, let range = field.bytes { domain = try text(range) }
      if field.number == 2, let number = field.integer { version = Int(clamping: number) }
    }
    if domain.isEmpty || domain == "ai.onnx" { found.opset = version }
  }

  private mutating func training(_ range: Range<Int>) throws(Damaged) {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      if let range = field.bytes, field.number <= 2 { try graph(range, depth: 1) }
    }
  }

  private mutating func function(_ range: Range<Int>) throws(Damaged) {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 7: try node(range, depth: 1)
      case 11:
        var none: [String: Int] = [:]
        try attribute(range, depth: 1, into: &none)
      default: break
      }
    }
  }

  private mutating func graph(_ range: Range<Int>, depth: Int, isOutermost: Bool = false) throws(Damaged) {
    guard depth < Self.deepest else { throw Damaged() }
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 1: try node(range, depth: depth + 1)
      case 5:
        let name = try tensor(range)
        if isOutermost { initialized.insert(name) }
      case 11 where isOutermost: found.inputs.append(try portName(range))
      case 12 where isOutermost: found.outputs.append(try portName(range))
      case 15: try sparseTensor(range)
      default: break
      }
    }
  }

  private func portName(_ range: Range<Int>) throws(Damaged) -> String {
    var (name, fields) = ("", ProtobufFields(file, range))
    while let field = try fields.next() {
      if field.number == 1, let range = field.bytes { name = try text(range) }
    }
    return name
  }

  private mutating func node(_ range: Range<Int>, depth: Int) throws(Damaged) {
    var (name, domain, fields) = ("", "", ProtobufFields(file, range))
    var attributes: [String: Int] = [:]
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 4: name = try text(range)
      case 5: try attribute(range, depth: depth, into: &attributes)
      case 7: domain = try text(range)
      default: break
      }
    }
    found.operators.insert(
      ONNXFile.Operator(domain: domain == "ai.onnx" ? "" : domain, name: name, attributes: attributes))
  }

  private mutating func attribute(
    _ range: Range<Int>, depth: Int, into found: inout [String: Int]
  ) throws(Damaged) {
    var (name, value, fields) = ("", 0, ProtobufFields(file, range))
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let range)): name = try text(range)
      case (3, .number(let number)): value = Int(truncatingIfNeeded: number)
      case (5, .bytes(let range)), (10, .bytes(let range)): _ = try tensor(range)
      case (6, .bytes(let range)), (11, .bytes(let range)): try graph(range, depth: depth + 1)
      case (8, .number(let number)): if number != 0 { value = 1 }
      case (8, .bytes(let range)): if range.contains(where: { file.byte(at: $0) != 0 }) { value = 1 }
      case (22, .bytes(let range)), (23, .bytes(let range)): try sparseTensor(range)
      default: break
      }
    }
    if ONNXFile.Operator.watched.contains(name) { found[name] = value }
  }

  private mutating func sparseTensor(_ range: Range<Int>) throws(Damaged) {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      if let range = field.bytes, field.number <= 2 { _ = try tensor(range) }
    }
  }

  /// Notes it where its bytes stand elsewhere, and gives its name.
  private mutating func tensor(_ range: Range<Int>) throws(Damaged) -> String {
    var (external, isExternal) = (ONNXFile.ExternalTensor(), false)
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (8, .bytes(let range)): external.name = try text(range)
      case (13, .bytes(let range)): try entry(range, &external)
      case (14, .number(let place)): isExternal = isExternal || place == 1
      default: break
      }
    }
    if isExternal { found.externals.append(external) }
    return external.name
  }

  /// One thing that is said twice would be read in one way here and in another there.
  private func entry(_ range: Range<Int>, _ external: inout ONNXFile.ExternalTensor) throws(Damaged) {
    var (key, value, fields) = ("", "", ProtobufFields(file, range))
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      if field.number == 1 { key = try text(range) }
      if field.number == 2 { value = try text(range) }
    }
    switch key {
    case "location":
      guard external.location.isEmpty || external.location == value else { throw Damaged() }
      external.location = value
    case "offset":
      guard external.offset == nil || external.offset == value else { throw Damaged() }
      external.offset = value
    case "length":
      guard external.length == nil || external.length == value else { throw Damaged() }
      external.length = value
    default: break
    }
  }

  private func text(_ range: Range<Int>) throws(Damaged) -> String { try file.text(range, limit: Self.longest) }
}
