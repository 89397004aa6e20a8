/// The tables of a TensorFlow Lite file with one operator over two tensors.
enum TFLiteBytes {
  /// Field numbers and types are those of TensorFlow Lite's `schema.fbs`.
  static func network(code: Int, data: Int, weights: Int, bufferOffset: Int = 0) -> [UInt8] {
    let node = FlatValue.table([0: .number(0), 1: .numbers([0, 1])])
    let graph = FlatValue.table([0: .list([data, weights].map { .table([1: .number($0)]) }), 3: .list([node])])
    let buffer = FlatValue.table(bufferOffset > 0 ? [1: .number(bufferOffset), 2: .number(8)] : [:])
    let model = FlatValue.table([
      1: .list([.table([0: .number(code), 3: .number(code)])]), 2: .list([graph]), 4: .list([buffer]),
    ])
    var bytes = [UInt8](repeating: 0, count: 4) + Array("TFL3".utf8)
    model.write(to: &bytes, linkedFrom: 0)
    return bytes
  }
}

/// A value of a FlatBuffer; a table begins with the way back to its layout, and what it refers to stands behind it.
indirect enum FlatValue {
  case number(Int)
  case numbers([Int])
  case longs([Int])
  case floats([Float])
  case text(String)
  case list([FlatValue])
  case table([Int: FlatValue])

  func write(to bytes: inout [UInt8], linkedFrom link: Int) {
    func put(_ value: Int, _ count: Int) { for index in 0..<count { bytes.append(UInt8(value >> (8 * index) & 255)) } }
    var layout: Int?
    if case .table(let fields) = self {
      layout = bytes.count
      let count = (fields.keys.max() ?? -1) + 1
      put(4 + 2 * count, 2)
      put(4 + 8 * count, 2)
      for index in 0..<count { put(fields[index] == nil ? 0 : 4 + 8 * index, 2) }
    }
    let start = bytes.count
    for index in 0..<4 { bytes[link + index] = UInt8((start - link) >> (8 * index) & 255) }
    switch self {
    case .number: preconditionFailure("a number stands in its table")
    case .numbers(let values):
      put(values.count, 4)
      for value in values { put(value, 4) }
    case .longs(let values):
      put(values.count, 4)
      for value in values { put(value, 8) }
    case .floats(let values):
      put(values.count, 4)
      for value in values { put(Int(value.bitPattern), 4) }
    case .text(let text):
      put(text.utf8.count, 4)
      bytes += Array(text.utf8)
    case .list(let values):
      put(values.count, 4)
      for _ in values { put(0, 4) }
      for (index, value) in values.enumerated() { value.write(to: &bytes, linkedFrom: start + 4 + 4 * index) }
    case .table(let fields):
      let count = (fields.keys.max() ?? -1) + 1
      put(start - (layout ?? start), 4)
      for index in 0..<count { if case .number(let value)? = fields[index] { put(value, 8) } else { put(0, 8) } }
      for (index, value) in fields.sorted(by: { $0.key < $1.key }) {
        if case .number = value { continue }
        value.write(to: &bytes, linkedFrom: start + 4 + 8 * index)
      }
    }
  }
}
