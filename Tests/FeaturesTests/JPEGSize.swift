import Base

extension Size {
  /// That of a baseline JPEG, by its frame header.
  init?(ofJPEG bytes: [UInt8]) {
    guard let place = bytes.indices.first(where: { $0 + 8 < bytes.count && bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 })
    else { return nil }
    let sides = [5, 7].map { Int(bytes[place + $0]) << 8 | Int(bytes[place + $0 + 1]) }
    self.init(width: sides[1], height: sides[0])
  }
}
