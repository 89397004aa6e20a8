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
