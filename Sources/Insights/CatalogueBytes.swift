internal import Base

/// Numbers, texts and pictures as the bytes of a catalogue.
struct CatalogueWriter {
  var bytes: [UInt8] = []

  mutating func put(_ number: Int) { put(bits: UInt32(number)) }

  mutating func put(bits: UInt32) {
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
  }

  mutating func put(_ text: String) {
    put(text.utf8.count)
    bytes += text.utf8
  }

  mutating func put(bytes more: [UInt8]) {
    put(more.count)
    bytes += more
  }

  mutating func put(_ example: Catalogue.Example) {
    put(example.digest)
    put(example.name)
    for value in example.embedding { put(bits: value.bitPattern) }
    put(example.features == nil ? 0 : 1)
    guard let features = example.features else { return }
    put(features.size.width)
    put(features.size.height)
    put(features.count)
    for value in features.points { put(bits: value.bitPattern) }
    bytes += features.descriptors
  }
}

/// The same read back; whatever the bytes are, it takes no more memory than they have.
struct CatalogueReader {
  private var rest: ArraySlice<UInt8>
  /// Whether a thumbnail stands behind each picture.
  var hasThumbnails = false

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) throws(Fault) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw CatalogueFile.damaged }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func bits() throws(Fault) -> UInt32 {
    try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func number(most: Int = Int(UInt32.max)) throws(Fault) -> Int {
    let number = Int(try bits())
    guard number <= most else { throw CatalogueFile.damaged }
    return number
  }

  mutating func text() throws(Fault) -> String {
    let bytes = try take(try number(most: rest.count))
    guard let text = String(validating: bytes, as: UTF8.self) else { throw CatalogueFile.damaged }
    return text
  }

  /// A damaged count does not make memory for what is not there.
  mutating func floats(_ count: Int) throws(Fault) -> [Float] {
    let bytes = try take(4 * count)
    var (floats, place) = ([Float](), bytes.startIndex)
    floats.reserveCapacity(count)
    while place < bytes.endIndex {
      let bits = (0..<4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[place + $1]) }
      floats.append(Float(bitPattern: bits))
      place += 4
    }
    return floats
  }

  /// What is said of a product.
  mutating func head() throws(Fault) -> (id: String, name: String, brand: String?, url: String?) {
    let (id, name) = (try text(), try text())
    let (brand, url) = (try text(), try text())
    return (id, name, brand.isEmpty ? nil : brand, url.isEmpty ? nil : url)
  }

  mutating func example(_ dimensions: Int) throws(Fault) -> Catalogue.Example {
    var example = Catalogue.Example(digest: try text(), name: try text(), embedding: try floats(dimensions))
    if try number(most: 1) == 1 {
      let (size, count) = try featureHead()
      let points = try floats(2 * count)
      guard points.allSatisfy(\.isFinite) else { throw CatalogueFile.damaged }
      example.features = LocalFeatures(
        size: size, points: points, descriptors: Array(try take(count * LocalFeatures.byteCount)))
    }
    example.thumbnail = try thumbnail()
    return example
  }

  /// The same without its numbers, which are passed over.
  mutating func picture(_ dimensions: Int) throws(Fault) -> (CatalogueShelf.Picture, thumbnail: [UInt8]) {
    _ = try text()
    let name = try text()
    _ = try take(4 * dimensions)
    var features = 0
    if try number(most: 1) == 1 {
      features = try featureHead().count
      _ = try take(features * (8 + LocalFeatures.byteCount))
    }
    return (CatalogueShelf.Picture(name: name, features: features), try thumbnail())
  }

  private mutating func featureHead() throws(Fault) -> (size: Size, count: Int) {
    let size = Size(
      width: try number(most: CatalogueFile.longestSide), height: try number(most: CatalogueFile.longestSide))
    return (size, try number(most: CatalogueFile.mostFeatures))
  }

  /// Whoever gets it is told that it is a JPEG, so nothing else is one.
  private mutating func thumbnail() throws(Fault) -> [UInt8] {
    guard hasThumbnails else { return [] }
    let bytes = Array(try take(try number(most: CatalogueFile.largestThumbnail)))
    guard bytes.isEmpty || bytes.starts(with: [0xff, 0xd8]) else { throw CatalogueFile.damaged }
    return bytes
  }
}
