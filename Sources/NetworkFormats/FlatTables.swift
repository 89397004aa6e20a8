/// The tables of a FlatBuffer in a file; every offset is checked before it is followed.
///
/// A table begins with the way back to its layout, which says where each field stands: flatbuffers.dev, "Internals".
package struct FlatTables {
  package let file: FileWindow
  /// Entries of one list, at most.
  private let most: Int

  /// `most` entries are more than any network has, and few enough to be read.
  package init(file: FileWindow, most: Int = 1 << 22) { (self.file, self.most) = (file, most) }

  package var root: Int { get throws(Damaged) { try offset(at: 0) } }

  /// Where the tables of a field that lists tables begin.
  package func list(_ table: Int, field: Int) throws(Damaged) -> [Int] {
    try each(table, field, width: 4) { (place) throws(Damaged) in try offset(at: place) }
  }

  /// What is read at the place of each entry of a list.
  private func each<Value>(
    _ table: Int, _ field: Int, width: Int, _ read: (Int) throws(Damaged) -> Value
  ) throws(Damaged) -> [Value] {
    guard let (start, count) = try entries(table, field, width: width, most) else { return [] }
    var found: [Value] = []
    found.reserveCapacity(count)
    for index in 0..<count { found.append(try read(start + width * index)) }
    return found
  }

  /// The numbers of a field that lists numbers of 32 bits.
  package func integers(_ table: Int, field: Int) throws(Damaged) -> [Int] {
    try each(table, field, width: 4) { (place) throws(Damaged) in
      Int(Int32(truncatingIfNeeded: try file.number(at: place, bytes: 4)))
    }
  }

  package func floats(_ table: Int, field: Int) throws(Damaged) -> [Float] {
    try integers(table, field: field).map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
  }

  package func firstFloat(_ table: Int, field: Int) throws(Damaged) -> Float? {
    guard let (start, count) = try entries(table, field, width: 4, most), count > 0 else { return nil }
    return Float(bitPattern: UInt32(truncatingIfNeeded: try file.number(at: start, bytes: 4)))
  }

  /// The first of a field that lists numbers of 64 bits.
  package func firstLong(_ table: Int, field: Int) throws(Damaged) -> Int64? {
    guard let (start, count) = try entries(table, field, width: 8, most), count > 0 else { return nil }
    return try long(at: start)
  }

  /// The numbers of a field that lists numbers of 64 bits.
  package func longs(_ table: Int, field: Int) throws(Damaged) -> [Int64] {
    try each(table, field, width: 8) { (place) throws(Damaged) in try long(at: place) }
  }

  private func long(at place: Int) throws(Damaged) -> Int64 {
    let (low, high) = (try file.number(at: place, bytes: 4), try file.number(at: place + 4, bytes: 4))
    return Int64(truncatingIfNeeded: high << 32 | low)
  }

  /// The table that a field leads to.
  package func table(_ table: Int, field: Int) throws(Damaged) -> Int? {
    guard let place = try self.field(field, of: table) else { return nil }
    return try offset(at: place)
  }

  /// Where the bytes of a field that lists bytes stand, however many.
  package func range(_ table: Int, field: Int) throws(Damaged) -> Range<Int>? {
    guard let (start, count) = try entries(table, field, width: 1, file.byteCount) else { return nil }
    return start..<start + count
  }

  private func entries(
    _ table: Int, _ field: Int, width: Int, _ most: Int
  ) throws(Damaged) -> (start: Int, count: Int)? {
    guard let place = try self.field(field, of: table) else { return nil }
    let start = try offset(at: place)
    let count = try file.number(at: start, bytes: 4)
    guard count <= most, file.has(width * count, at: start + 4) else { throw Damaged() }
    return (start + 4, count)
  }

  package func text(_ table: Int, field: Int) throws(Damaged) -> String {
    guard let place = try self.field(field, of: table) else { return "" }
    return String(decoding: try bytes(of: try offset(at: place), limit: 1 << 16), as: UTF8.self)
  }

  func bytes(of vector: Int, limit: Int) throws(Damaged) -> [UInt8] {
    let (start, count) = (vector + 4, try file.number(at: vector, bytes: 4))
    return try file.bytes(start..<start + count, limit: limit)
  }

  /// The number in a field, or what it is where the field is not written.
  package func number(_ table: Int, field: Int, bytes count: Int, otherwise: Int = 0) throws(Damaged) -> Int {
    guard let place = try self.field(field, of: table) else { return otherwise }
    return try file.number(at: place, bytes: count)
  }

  /// Where a table's field stands, or `nil` where it has its default.
  func field(_ index: Int, of table: Int) throws(Damaged) -> Int? {
    let back = Int(Int32(truncatingIfNeeded: try file.number(at: table, bytes: 4)))
    let layout = table - back
    let entry = 4 + 2 * index
    guard entry + 2 <= (try file.number(at: layout, bytes: 2)) else { return nil }
    let place = try file.number(at: layout + entry, bytes: 2)
    return place == 0 ? nil : table + place
  }

  /// Where the offset at a place leads to.
  package func offset(at place: Int) throws(Damaged) -> Int { place + (try file.number(at: place, bytes: 4)) }
}
