/// What a name must be, with `*` for anything and `?` for one Unicode scalar.
///
/// Names are compared byte by byte: case counts, and `é` as one scalar is not `e` with an accent behind it.
public struct Pattern: Sendable, Hashable {
  enum Element: Sendable, Hashable {
    case byte(UInt8)
    case one
    case many
  }

  let elements: [Element]

  /// This name and no other, whatever characters it has.
  public init(_ name: String) { elements = name.utf8.map { .byte($0) } }

  /// Several `*` in a row are one.
  init(_ elements: [Element]) {
    self.elements = elements.enumerated().compactMap { number, element in
      element == .many && number > 0 && elements[number - 1] == .many ? nil : element
    }
  }

  /// The name, where there is no wildcard.
  public var literal: String? {
    let prefix = prefix
    return prefix.utf8.count == elements.count ? prefix : nil
  }

  /// What stands before the first wildcard: every name that fits begins with these bytes.
  public var prefix: String {
    let bytes = elements.prefix { if case .byte = $0 { true } else { false } }.compactMap(\.byte)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// At most as many steps as the name's bytes times the pattern's.
  public func matches(_ name: String) -> Bool {
    let name = Array(name.utf8)
    var (place, next) = (0, 0)
    // where the last `*` stands, and how far what it stands for reaches
    var star: (next: Int, place: Int)?
    while place < name.count || next < elements.count {
      if next < elements.count {
        switch elements[next] {
        case .many:
          star = (next, place)
          next += 1
          continue
        case .one where place < name.count:
          place = Self.end(ofScalarAt: place, in: name)
          next += 1
          continue
        case .byte(let byte) where place < name.count && name[place] == byte:
          (place, next) = (place + 1, next + 1)
          continue
        default: break
        }
      }
      guard let last = star, last.place < name.count else { return false }
      let moved = Self.end(ofScalarAt: last.place, in: name)
      star = (last.next, moved)
      (next, place) = (last.next + 1, moved)
    }
    return true
  }

  private static func end(ofScalarAt place: Int, in name: [UInt8]) -> Int {
    var end = place + 1
    while end < name.count, name[end] & 0xc0 == 0x80 { end += 1 }
    return end
  }
}

extension Pattern.Element {
  var byte: UInt8? { if case .byte(let byte) = self { byte } else { nil } }
}
