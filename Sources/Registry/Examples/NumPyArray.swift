public import Base

/// An array as NumPy's `numpy.save` writes it (NEP 1): shape, type, and the values row by row, the least byte first.
public struct NumPyArray: Sendable, Hashable {
  public let element: ElementType
  public let shape: [Int]
  public let bytes: [UInt8]

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static let types: [String: ElementType] = [
    "|b1": .bool, "|u1": .u8, "|i1": .i8, "<u2": .u16, "<i2": .i16, "<u4": .u32, "<i4": .i32, "<u8": .u64, "<i8": .i64,
    "<f2": .f16, "<f4": .f32, "<f8": .f64,
  ]

  /// Reads a file's bytes; `name` is what it is called.
  ///
  /// - Throws: `badInput` for what is no such file, or not whole; `unsupported` for values that no network takes, and for arrays in the order of
  ///   Fortran.
  public init(_ file: [UInt8], name: String) throws(Fault) {
    guard file.count >= 12, file.starts(with: Self.magic) else {
      throw Fault(.badInput, "\(name) is no array of NumPy: 'numpy.save' writes one")
    }
    let isShort = file[6] == 1
    let begin = isShort ? 10 : 12
    let length = (8..<begin).reversed().reduce(0) { $0 << 8 | Int(file[$1]) }
    guard file[6] <= 3, begin + length <= file.count else {
      throw Fault(.badInput, "\(name) ends within its head, or is of a later version of the format: write it anew")
    }
    let head = String(decoding: file[begin..<begin + length], as: UTF8.self)
    guard let type = Self.quoted("descr", head), let order = Self.word("fortran_order", head),
      let shape = Self.shape(head)
    else { throw Fault(.badInput, "the head of \(name) does not say type, order and shape: \(head.prefix(120))") }
    guard order == "False" else {
      throw Fault(
        .unsupported, "\(name) is in the order of Fortran: write it with numpy.ascontiguousarray in front of it")
    }
    guard let element = Self.types[type] else {
      throw Fault(
        .unsupported,
        "\(name) is of the type \(type), expected \(Self.types.keys.sorted().joined(separator: ", ")): convert it with astype"
      )
    }
    let rest = file.count - begin - length
    guard let count = TensorSpec.elementCount(of: shape), count * element.byteCount == rest else {
      throw Fault(.badInput, "\(name) has \(rest) bytes of values, which its shape \(shape) does not make of \(type)")
    }
    (self.element, self.shape, bytes) = (element, shape, Array(file[(begin + length)...]))
  }

  /// What stands behind a key, from the first byte that is no space.
  private static func value(_ key: String, _ head: String) -> Substring? {
    guard let place = head.firstPlace(of: "'\(key)'") else { return nil }
    return head[place...].drop { $0 == " " || $0 == ":" }
  }

  private static func quoted(_ key: String, _ head: String) -> String? {
    guard let text = value(key, head), text.first == "'" else { return nil }
    return String(text.dropFirst().prefix { $0 != "'" })
  }

  private static func word(_ key: String, _ head: String) -> String? {
    value(key, head).map { String($0.prefix { $0.isLetter }) }
  }

  private static func shape(_ head: String) -> [Int]? {
    guard let text = value("shape", head), text.first == "(" else { return nil }
    let words = text.dropFirst().prefix { $0 != ")" }.split(separator: ",")
    let sides = words.map { Int($0.filter { $0 != " " }) }
    guard sides.allSatisfy({ ($0 ?? -1) >= 0 }) else { return nil }
    return sides.compactMap(\.self)
  }
}

extension String {
  /// Behind the first place at which a text stands.
  fileprivate func firstPlace(of text: String) -> Index? {
    var place = startIndex
    while place < endIndex {
      if self[place...].hasPrefix(text) { return index(place, offsetBy: text.count) }
      place = index(after: place)
    }
    return nil
  }
}
