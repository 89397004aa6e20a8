internal import Base

/// Looks over the options of custom operators in a TensorFlow Lite file before the engine reads them.
///
/// The engine checks the file's tables, but follows every offset inside such options; a damaged one would end the process.
/// The file is a FlatBuffer, the options in it are a FlexBuffer: flatbuffers.dev, "Internals".
struct OperatorOptions: ~Copyable {
  /// Operators whose options the engine reads here; others have no options or are refused by their name.
  private static let names: Set<String> = ["TFLite_Detection_PostProcess"]
  /// More than options of a few numbers ever are.
  private static let most = 1 << 16

  private let file: FileHead

  private struct Damaged: Error {}

  static func check(_ path: String) throws(Fault) {
    let options = OperatorOptions(file: try FileHead(path))
    guard (try? options.areSound()) != true else { return }
    throw Fault(
      .badInput, "the TensorFlow Lite file is damaged: the options of an operator lead nowhere; export it again"
    )
  }

  private init(file: consuming FileHead) { self.file = file }

  /// Field numbers are those of TensorFlow Lite's `schema.fbs`.
  private func areSound() throws -> Bool {
    let model = try offset(at: 0)
    let codes = try list(model, field: 1)
    let wanted = try Set(codes.indices.filter { Self.names.contains(try text(codes[$0], field: 1)) })
    guard !wanted.isEmpty else { return true }
    for graph in try list(model, field: 2) {
      for node in try list(graph, field: 3) {
        let code = try field(0, of: node).map { try number(at: $0, bytes: 4) } ?? 0
        guard wanted.contains(code), let place = try field(5, of: node) else { continue }
        guard FlexMap.isSound(try bytes(of: try offset(at: place))) else { return false }
      }
    }
    return true
  }

  /// Where the tables of a field that lists tables begin.
  private func list(_ table: Int, field: Int) throws -> [Int] {
    guard let place = try self.field(field, of: table) else { return [] }
    let start = try offset(at: place)
    let count = try number(at: start, bytes: 4)
    guard file.has(4 * count, at: start + 4) else { throw Damaged() }
    return try (0..<count).map { try offset(at: start + 4 + 4 * $0) }
  }

  private func text(_ table: Int, field: Int) throws -> String {
    guard let place = try self.field(field, of: table) else { return "" }
    return String(decoding: try bytes(of: try offset(at: place)), as: UTF8.self)
  }

  private func bytes(of vector: Int) throws -> [UInt8] {
    let count = try number(at: vector, bytes: 4)
    guard count <= Self.most, file.has(count, at: vector + 4) else { throw Damaged() }
    return file.read(count, at: vector + 4)
  }

  /// Where a table's field stands, or `nil` where it has its default: the table begins with the way back to its layout.
  private func field(_ index: Int, of table: Int) throws -> Int? {
    let back = Int(Int32(truncatingIfNeeded: try number(at: table, bytes: 4)))
    let layout = table - back
    let entry = 4 + 2 * index
    guard entry + 2 <= (try number(at: layout, bytes: 2)) else { return nil }
    let place = try number(at: layout + entry, bytes: 2)
    return place == 0 ? nil : table + place
  }

  /// Where the offset at a place leads to.
  private func offset(at place: Int) throws -> Int { place + (try number(at: place, bytes: 4)) }

  private func number(at place: Int, bytes count: Int) throws -> Int {
    guard place >= 0, file.has(count, at: place) else { throw Damaged() }
    return file.read(count, at: place).reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

/// A FlexBuffer whose root is a map of names to numbers and words.
struct FlexMap {
  private let bytes: [UInt8]

  /// Every offset of the map, its names and its values leads into the buffer, and every name ends in it.
  static func isSound(_ bytes: [UInt8]) -> Bool { FlexMap(bytes: bytes).isSound }

  /// The last byte is the width of the root, the one before its type; the root stands before them.
  private var isSound: Bool {
    guard bytes.count >= 3, let width = Self.width(bytes[bytes.count - 1]) else { return false }
    guard bytes[bytes.count - 2] >> 2 == 9 else { return true }  // no map: nothing is looked up in it
    let inner = 1 << Int(bytes[bytes.count - 2] & 3)
    guard let map = target(bytes.count - 2 - width, width) else { return false }
    return isSound(map: map, width: inner)
  }

  /// A map is a vector of values with their types behind, and before its length the width and place of its names.
  private func isSound(map: Int, width: Int) -> Bool {
    guard let count = number(map - width, width), let names = target(map - 3 * width, width),
      let nameWidth = number(map - 2 * width, width).flatMap({ Self.width(UInt8(truncatingIfNeeded: $0)) }),
      number(names - nameWidth, nameWidth) == count, map + count * (width + 1) <= bytes.count
    else { return false }
    return (0..<count).allSatisfy { index in
      guard let name = target(names + index * nameWidth, nameWidth), bytes[name...].contains(0) else { return false }
      return isSound(value: map + index * width, width, type: bytes[map + count * width + index])
    }
  }

  private func isSound(value place: Int, _ width: Int, type: UInt8) -> Bool {
    let inner = 1 << Int(type & 3)
    switch type >> 2 {
    case 0...3, 26: return true  // null, numbers and truth in their place
    case 5:
      guard let text = target(place, width), let count = number(text - inner, inner) else { return false }
      return text + count < bytes.count
    case 6...8: return target(place, width).map { $0 + inner <= bytes.count } ?? false
    default: return true  // not read
    }
  }

  /// Offsets lead backwards.
  private func target(_ place: Int, _ width: Int) -> Int? {
    guard let distance = number(place, width), distance <= place else { return nil }
    return place - distance
  }

  private func number(_ place: Int, _ width: Int) -> Int? {
    guard place >= 0, place + width <= bytes.count else { return nil }
    let value = bytes[place..<place + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return value <= UInt64(bytes.count) ? Int(value) : nil
  }

  private static func width(_ byte: UInt8) -> Int? { [1, 2, 4, 8].contains(byte) ? Int(byte) : nil }
}
