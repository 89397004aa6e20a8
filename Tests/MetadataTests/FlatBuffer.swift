/// The bytes of a FlatBuffer, written front to back: flatbuffers.dev, "Internals".
///
/// A slot is where four bytes stand that lead to what is written later.
struct FlatBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: Int, width: Int = 4) {
    for index in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
  }

  mutating func slot() -> Int {
    defer { add(0) }
    return bytes.count
  }

  mutating func set(_ slot: Int, _ number: Int) {
    for index in 0..<4 { bytes[slot + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
  }

  /// A list of bytes of any kind; gives where they begin.
  @discardableResult
  mutating func list(_ slot: Int, count: Int, _ content: [UInt8] = []) -> Int {
    set(slot, bytes.count - slot)
    add(count)
    defer { bytes += content }
    return bytes.count
  }

  mutating func text(_ slot: Int, _ text: String) { list(slot, count: text.utf8.count, Array(text.utf8)) }

  mutating func floats(_ slot: Int, _ values: [Float]) {
    list(slot, count: values.count)
    for value in values { add(Int(value.bitPattern)) }
  }

  /// A table with these fields; gives the slot of each.
  mutating func table(_ slot: Int, _ fields: Int...) -> [Int: Int] { table(slot, of: fields) }

  /// The same as the one entry of a list.
  mutating func tables(_ slot: Int, _ fields: Int...) -> [Int: Int] {
    list(slot, count: 1)
    let entry = self.slot()
    return table(entry, of: fields)
  }

  private mutating func table(_ slot: Int, of fields: [Int]) -> [Int: Int] {
    let (layout, last) = (bytes.count, fields.max() ?? 0)
    add(4 + 2 * (last + 1), width: 2)
    add(4 + 4 * fields.count, width: 2)
    for field in 0...last { add(fields.firstIndex(of: field).map { 4 + 4 * $0 } ?? 0, width: 2) }
    set(slot, bytes.count - slot)
    add(bytes.count - layout)
    var slots: [Int: Int] = [:]
    for field in fields { slots[field] = self.slot() }
    return slots
  }
}
