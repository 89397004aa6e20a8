public import Base

/// What a TensorFlow Lite file says of its operators and of where its weights stand.
///
/// Tables and their field numbers are those of TensorFlow Lite's `schema.fbs`.
public struct TFLiteFile: Sendable, Hashable {
  /// An operator that multiplies data by weights, and the types of both.
  public struct WeightedOperator: Sendable, Hashable {
    public let name: String
    public let data: Element
    public let weights: Element
  }

  /// Numbers as `TensorType` has them; all that matter nowhere here are `other`.
  public enum Element: Int, Sendable, Hashable {
    case float32 = 0, float16 = 1, uint8 = 3, int8 = 9, float64 = 10, other = -1
  }

  /// Each combination once.
  public internal(set) var weighted: Set<WeightedOperator> = []
  /// It takes the nearest pixel by the middles of pixels, for a size that is no multiple of what comes in.
  public internal(set) var hasUnevenNearest = false
  /// It rounds numbers to 8 or 16 bits on the way.
  public internal(set) var quantizes = false
  /// Buffers whose bytes stand behind the tables, by offset and size, as files over 2 GB need it.
  public internal(set) var externalBufferCount = 0
  /// Names of operators that TensorFlow Lite itself does not have, each once, as the file has them.
  public internal(set) var customOperators: [String] = []
  /// What LiteRT would refuse it for, so that no reading of it is the right one: see ``TFLiteChecker``.
  public internal(set) var flaw: String?

  /// Which of an operator's inputs is the data and which the weights, by its number in `BuiltinOperator`.
  private static let roles: [Int: (name: String, data: Int, weights: Int)] = [
    3: ("CONV_2D", 0, 1), 4: ("DEPTHWISE_CONV_2D", 0, 1), 9: ("FULLY_CONNECTED", 0, 1), 67: ("TRANSPOSE_CONV", 2, 1),
  ]

  /// `CUSTOM`: its name stands beside it.
  private static let custom = 32
  /// `RESIZE_NEAREST_NEIGHBOR`.
  private static let resizeNearest = 97
  /// `QUANTIZE`.
  private static let quantize = 114

  /// - Throws: `badInput` where the options of an operator lead nowhere; tables that do are left to the engine, which checks them.
  public init(_ path: String) throws(Fault) {
    let tables = FlatTables(file: try FileWindow(path))
    guard (try? TFLiteOptionValidator(tables: tables).areSound()) == true else {
      throw Fault(
        .badInput, "the TensorFlow Lite file is damaged: the options of an operator lead nowhere; export it again")
    }
    try? read(tables)
    flaw = (try? TFLiteChecker(tables: tables).flaw()) ?? nil
  }

  /// Which operator an entry of the file's operators is, by its number in `BuiltinOperator`.
  static func number(of code: Int, in tables: FlatTables) throws(Damaged) -> Int {
    // The older field is one byte wide; newer files write both.
    max(try tables.number(code, field: 0, bytes: 1), try tables.number(code, field: 3, bytes: 4))
  }

  private mutating func read(_ tables: FlatTables) throws(Damaged) {
    let model = try tables.root
    for buffer in try tables.list(model, field: 4) {
      // 0 and 1 stand for bytes that are where they always were.
      if try tables.number(buffer, field: 1, bytes: 8) > 1 { externalBufferCount += 1 }
    }
    for code in try tables.list(model, field: 1) where try Self.number(of: code, in: tables) == Self.custom {
      let name = try tables.text(code, field: 1)
      if !customOperators.contains(name) { customOperators.append(name) }
    }
    let codes = try tables.list(model, field: 1).map { (code) throws(Damaged) in try Self.number(of: code, in: tables) }
    quantizes = codes.contains(Self.quantize)
    for graph in try tables.list(model, field: 2) { try read(tables, graph: graph, codes) }
  }

  /// `ResizeNearestNeighborOptions` has `align_corners`, then `half_pixel_centers`; `sides` are those of what comes in and goes out.
  private func isUneven(_ tables: FlatTables, _ node: Int, _ sides: [[Int]]) throws(Damaged) -> Bool {
    guard let options = try tables.table(node, field: 4), try tables.number(options, field: 1, bytes: 1) != 0 else {
      return false
    }
    guard try tables.number(options, field: 0, bytes: 1) == 0,
      sides.allSatisfy({ $0.count == 4 && !$0.contains { $0 < 1 } })
    else { return true }
    return zip(sides[0], sides[1]).contains { $1 % $0 != 0 }
  }

  private mutating func read(_ tables: FlatTables, graph: Int, _ codes: [Int]) throws(Damaged) {
    let tensors = try tables.list(graph, field: 0)
    func element(_ inputs: [Int], _ index: Int) throws(Damaged) -> Element? {
      guard inputs.indices.contains(index), tensors.indices.contains(inputs[index]) else { return nil }
      return Element(rawValue: try tables.number(tensors[inputs[index]], field: 1, bytes: 1)) ?? .other
    }
    for node in try tables.list(graph, field: 3) {
      let code = try tables.number(node, field: 0, bytes: 4)
      let inputs = try tables.integers(node, field: 1)
      if codes.indices.contains(code), codes[code] == Self.resizeNearest {
        let places = [inputs.first, try tables.integers(node, field: 2).first].compactMap { $0 }
        guard places.count == 2, places.allSatisfy(tensors.indices.contains) else { continue }
        let sides = try places.map { (place) throws(Damaged) in try tables.integers(tensors[place], field: 0) }
        if try isUneven(tables, node, sides) { hasUnevenNearest = true }
      }
      guard codes.indices.contains(code), let role = Self.roles[codes[code]] else { continue }
      guard let data = try element(inputs, role.data), let weights = try element(inputs, role.weights) else { continue }
      weighted.insert(WeightedOperator(name: role.name, data: data, weights: weights))
    }
  }
}
