/// A table of a FlatBuffer: flatbuffers.dev, "Internals".
///
/// `base` is where the buffer begins in the file: a buffer may lie inside another's bytes.
struct FlatTable {
  /// Entries of a vector, at most.
  static let most = 100_000

  private let place: Int

  private init(at place: Int) { self.place = place }

  static func root(at base: Int, in file: borrowing FileWindow) throws(FileWindow.Damaged) -> FlatTable {
    FlatTable(at: base + (try file.number(at: base, bytes: 4)))
  }

  /// Where a field stands, or `nil` where it has its default: the table begins with the way back to its layout.
  private func field(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> Int? {
    let back = Int(Int32(truncatingIfNeeded: try file.number(at: place, bytes: 4)))
    let (layout, entry) = (place - back, 4 + 2 * index)
    guard entry + 2 <= (try file.number(at: layout, bytes: 2)) else { return nil }
    let offset = try file.number(at: layout + entry, bytes: 2)
    return offset == 0 ? nil : place + offset
  }

  func number(_ index: Int, bytes: Int = 4, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> Int {
    guard let place = try field(index, file) else { return 0 }
    return try file.number(at: place, bytes: bytes)
  }

  func table(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> FlatTable? {
    guard let place = try field(index, file) else { return nil }
    return FlatTable(at: try Self.target(place, file))
  }

  func tables(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> [FlatTable] {
    guard let (start, count) = try vector(index, width: 4, file) else { return [] }
    var tables: [FlatTable] = []
    for entry in 0..<count { tables.append(FlatTable(at: try Self.target(start + 4 * entry, file))) }
    return tables
  }

  /// Where a vector's bytes stand.
  func bytes(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> Range<Int>? {
    guard let place = try field(index, file) else { return nil }
    let start = try Self.target(place, file)
    let count = try file.number(at: start, bytes: 4)
    guard file.has(count, at: start + 4) else { throw FileWindow.Damaged() }
    return start + 4..<start + 4 + count
  }

  func text(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> String {
    guard let bytes = try bytes(index, file) else { return "" }
    return String(decoding: try file.read(bytes.count, at: bytes.lowerBound), as: UTF8.self)
  }

  /// The 32-bit numbers of a vector.
  func numbers(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> [UInt32] {
    guard let (start, count) = try vector(index, width: 4, file) else { return [] }
    let bytes = try file.read(4 * count, at: start)
    return (0..<count).map { at in bytes[4 * at..<4 * at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
  }

  func floats(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> [Float] {
    try numbers(index, file).map { Float(bitPattern: $0) }
  }

  /// The first of a vector of 64-bit numbers.
  func firstLong(_ index: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> Int? {
    guard let (start, count) = try vector(index, width: 8, file), count > 0 else { return nil }
    let bytes = try file.read(8, at: start)
    return Int(Int64(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }))
  }

  private func vector(
    _ index: Int, width: Int, _ file: borrowing FileWindow
  ) throws(FileWindow.Damaged) -> (start: Int, count: Int)? {
    guard let place = try field(index, file) else { return nil }
    let start = try Self.target(place, file)
    let count = try file.number(at: start, bytes: 4)
    guard count <= Self.most, file.has(width * count, at: start + 4) else { throw FileWindow.Damaged() }
    return (start + 4, count)
  }

  private static func target(_ place: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) -> Int {
    place + (try file.number(at: place, bytes: 4))
  }
}
