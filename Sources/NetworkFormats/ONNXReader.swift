/// Walks the messages of an ONNX file.
struct ONNXReader {
  let file: FileWindow
  var found = ONNXFile()
  var checker = ONNXChecker()
  private var initialized: Set<String> = []
  /// Bytes of memory that what was read so far may take, and those that all of it may.
  private var spent = 0
  private let most: Int

  /// Protocol Buffers' own readers go no deeper either.
  private static let deepest = 100
  /// Names are short; a longer one is a mistake or an attack.
  private static let longest = 1 << 16
  /// All names of a network together: several times those of the largest known, so that memory has a bound.
  static let most = 1 << 28

  init(_ file: FileWindow, most: Int = Self.most) { (self.file, self.most) = (file, most) }

  mutating func contents() throws(Damaged) -> ONNXFile {
    var (graphs, functions): ([Range<Int>], [Range<Int>]) = ([], [])
    var (flaw, isOld): (String?, Bool) = ("it does not say its version", false)
    var fields = ProtobufFields(file, 0..<file.byteCount)
    while let field = try fields.next() {
      switch (field.number, field.value) {
      case (1, .number(let version)): (flaw, isOld) = (Self.flaw(ofFormat: version), version < 3)
      case (7, .bytes(let range)): graphs.append(range)
      case (8, .bytes(let range)): try modelOpset(range)
      case (20, .bytes(let range)): try training(range)
      case (25, .bytes(let range)): functions.append(range)
      default: break
      }
    }
    // Files of before had no versions of operators, and use the first.
    if isOld { checker.opset = checker.opset ?? 1 }
    let opset = checker.opset
    for range in functions { checker.functions.insert(try functionName(range)) }
    for range in functions { try function(range) }
    checker.opset = opset
    checker.open()
    for range in graphs { try graph(range, depth: 0, isOutermost: true) }
    checker.close()
    found.inputs.removeAll(where: initialized.contains)
    found.flaw = flaw ?? checker.flaw
    return found
  }

  private static func flaw(ofFormat version: UInt64) -> String? {
    let newest = UInt64(ONNXSignature.newest.format)
    return (1...newest).contains(version)
      ? nil : "it has version \(version) of the format, and 1 to \(newest) are known"
  }

  private mutating func modelOpset(_ range: Range<Int>) throws(Damaged) {
    guard let version = try opset(range) else { return }
    if let other = checker.opset, other != version {
      checker.fail("it uses two versions of ONNX's operators, \(other) and \(version)")
    }
    (checker.opset, found.opset) = (version, version)
  }

  /// The version of ONNX's own operators; `nil` where it is that of others.
  private mutating func opset(_ range: Range<Int>) throws(Damaged) -> Int? {
    var (domain, version, fields) = ("", 0, ProtobufFields(file, range))
    while let field = try fields.next() {
      if field.number == 1, let range = field.bytes { domain = try text(range) }
      if field.number == 2, let number = field.integer { version = Int(clamping: Int64(bitPattern: number)) }
    }
    return Self.plain(domain).isEmpty ? version : nil
  }

  /// `ai.onnx` is another name for ONNX's own set.
  private static func plain(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

  /// Runs on names of the graph proper, and never here: only its tensors count.
  private mutating func training(_ range: Range<Int>) throws(Damaged) {
    let before = checker
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      if let range = field.bytes, field.number <= 2 { try graph(range, depth: 1) }
    }
    checker = before
  }
}

// MARK: Functions

extension ONNXReader {
  private mutating func functionName(_ range: Range<Int>) throws(Damaged) -> String {
    var (name, domain, fields) = ("", "", ProtobufFields(file, range))
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      if field.number == 1 { name = try text(range) }
      if field.number == 10 { domain = Self.plain(try text(range)) }
    }
    return "\(domain).\(name)"
  }

  private mutating func function(_ range: Range<Int>) throws(Damaged) {
    var (nodes, fields): ([Range<Int>], ProtobufFields) = ([], ProtobufFields(file, range))
    checker.open()
    checker.opset = nil
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 4: checker.input(try text(range))
      case 5: checker.output(try text(range))
      case 7: nodes.append(range)
      case 9: if let version = try opset(range) { checker.opset = version }
      case 11: _ = try attribute(range, depth: 1)
      default: break
      }
    }
    for range in nodes { try node(range, depth: 1) }
    checker.close()
  }
}

// MARK: Graphs

extension ONNXReader {
  private mutating func graph(_ range: Range<Int>, depth: Int, isOutermost: Bool = false) throws(Damaged) {
    guard depth < Self.deepest else { throw Damaged() }
    // Nodes come first in files, and are understood when the rest is known.
    let before = found.externals
    found.externals = []
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      if let range = field.bytes, field.number != 1 { try part(field.number, range, isOutermost) }
    }
    let own = found.externals
    found.externals = before
    fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      if let range = field.bytes, field.number == 1 { try node(range, depth: depth + 1) }
    }
    found.externals += own
  }

  /// A part of a graph that is no node.
  private mutating func part(_ field: Int, _ range: Range<Int>, _ isOutermost: Bool) throws(Damaged) {
    switch field {
    case 5:
      let (name, element, sides, isPositive) = try tensor(range)
      checker.weight(name, element: element)
      checker.know(name, sides: sides)
      if !isPositive { checker.know(notPositive: name) }
      if isOutermost { initialized.insert(name) }
    case 11:
      let (name, element, sides) = try port(range)
      checker.input(name, element: element)
      if !initialized.contains(name) { checker.know(input: name, sides: sides) }
      if isOutermost { found.inputs.append(name) }
    case 12:
      let (name, element, _) = try port(range)
      checker.output(name, element: element)
      if isOutermost { found.outputs.append(name) }
    case 15:
      let (name, element) = try sparseTensor(range)
      checker.weight(name, element: element)
    default: break
    }
  }

  /// An input or output: its name, the type of its numbers, and its shape; 0 and `nil` where they are not said.
  private mutating func port(_ range: Range<Int>) throws(Damaged) -> (name: String, element: Int, sides: [Int?]?) {
    try spend(0)
    var (name, element, fields) = ("", 0, ProtobufFields(file, range))
    var sides: [Int?]?
    while let field = try fields.next() {
      if field.number == 1, let range = field.bytes { name = try text(range) }
      guard field.number == 2, let range = field.bytes else { continue }
      var types = ProtobufFields(file, range)
      while let type = try types.next() {
        guard type.number == 1, let range = type.bytes else { continue }
        (element, sides) = (try number(1, in: range), try shape(in: range))
      }
    }
    return (name, element, sides)
  }

  /// Of a `TypeProto.Tensor`; `nil` where it has none, or one longer than any.
  private func shape(in range: Range<Int>) throws(Damaged) -> [Int?]? {
    var (sides, fields): ([Int?]?, ProtobufFields) = (nil, ProtobufFields(file, range))
    while let field = try fields.next() {
      guard field.number == 2, let range = field.bytes else { continue }
      var (found, dimensions): ([Int?], ProtobufFields) = ([], ProtobufFields(file, range))
      while let dimension = try dimensions.next() {
        guard dimension.number == 1, let range = dimension.bytes else { continue }
        let side = try number(1, in: range, otherwise: -1)
        found.append(side < 0 ? nil : side)
        guard found.count <= ONNXNode.Attribute.most else { return nil }
      }
      sides = found
    }
    return sides
  }

  /// The number in a field of a message.
  private func number(_ wanted: Int, in range: Range<Int>, otherwise: Int = 0) throws(Damaged) -> Int {
    var (found, fields) = (otherwise, ProtobufFields(file, range))
    while let field = try fields.next() {
      if field.number == wanted, let number = field.integer { found = Int(clamping: Int64(bitPattern: number)) }
    }
    return found
  }

  private mutating func node(_ range: Range<Int>, depth: Int) throws(Damaged) {
    var (node, fields) = (ONNXNode(), ProtobufFields(file, range))
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      switch field.number {
      case 1: node.inputs.append(try text(range))
      case 2: node.outputs.append(try text(range))
      case 3: node.name = try text(range)
      case 4: node.kind = try text(range)
      case 5: node.attributes.append(try attribute(range, depth: depth))
      case 7: node.domain = Self.plain(try text(range))
      default: break
      }
    }
    checker.add(node)
    if let table = checker.table(of: node) {
      found.tables[table.input] = min(table.count, found.tables[table.input] ?? .max)
    }
    var known = ONNXFile.Operator(domain: node.domain, name: node.kind)
    for attribute in node.attributes where ONNXFile.Operator.watched.contains(attribute.name) {
      known.attributes[attribute.name] = attribute.value
    }
    found.operators.insert(known)
  }

  /// A graph inside is looked through on the way.
  private mutating func attribute(_ range: Range<Int>, depth: Int) throws(Damaged) -> ONNXNode.Attribute {
    try spend(0)
    var (read, fields) = (ONNXNode.Attribute(), ProtobufFields(file, range))
    while let field = try fields.next() {
      if let type = Self.types[field.number] { read.filled |= 1 << UInt32(type) }
      switch (field.number, field.value) {
      case (1, .bytes(let range)): read.name = try text(range)
      case (3, .number(let number)): read.value = Int(truncatingIfNeeded: number)
      case (5, .bytes(let range)), (10, .bytes(let range)): read.element = try tensor(range).element
      case (6, .bytes(let range)), (11, .bytes(let range)):
        checker.open()
        try graph(range, depth: depth + 1)
        checker.close()
      case (8, .number(let number)):
        if number != 0 { read.value = 1 }
        if read.list.count < ONNXNode.Attribute.most { read.list.append(Int(truncatingIfNeeded: number)) }
      case (8, .bytes(let range)):
        if range.contains(where: { file.byte(at: $0) != 0 }) { read.value = 1 }
        if read.list.count < ONNXNode.Attribute.most { read.list += numbers(range) }
      case (4, .bytes(let range)) where range.count < 32:
        read.value = ONNXFile.Operator.words[try text(range)] ?? read.value
      case (20, .number(let type)): read.type = Int(clamping: Int64(bitPattern: type))
      case (21, .bytes(let range)): read.isReference = !range.isEmpty
      case (22, .bytes(let range)), (23, .bytes(let range)): _ = try sparseTensor(range)
      default: break
      }
    }
    return read
  }

  /// Types of attributes by the fields that hold their values.
  private static let types = [
    2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6, 8: 7, 9: 8, 10: 9, 11: 10, 14: 13, 15: 14, 22: 11, 23: 12,
  ]

  mutating func text(_ range: Range<Int>) throws(Damaged) -> String {
    try spend(range.count)
    return try file.text(range, limit: Self.longest)
  }

  /// Counts something that is kept, with so many bytes of text.
  mutating func spend(_ byteCount: Int) throws(Damaged) {
    spent += byteCount + 64
    guard spent <= most else { throw Damaged() }
  }
}
