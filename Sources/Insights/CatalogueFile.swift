public import Base
internal import Crypto

/// A catalogue as the bytes of one file: magic, version, what it holds, and a checksum at the end.
///
/// All numbers are little-endian, texts are UTF-8 behind their length. Embeddings are kept in 32-bit floats, so that what is read answers
/// as what was written.
public enum CatalogueFile {
  /// In the folder of the catalogue.
  public static let name = "products.ridley"
  private static let magic = Array("RIDLYCAT".utf8)
  private static let version = 1
  /// More is not read: memory is what a damaged or hostile file would ask for.
  public static let largest = 2 << 30
  private static let mostFeatures = 100_000
  private static let longestSide = 1 << 15

  public static func bytes(_ catalogue: Catalogue) -> [UInt8] {
    var out = Writer()
    out.bytes += magic
    out.put(version)
    out.put(catalogue.model)
    out.put(catalogue.dimensions)
    out.put(catalogue.products.count)
    for product in catalogue.products {
      out.put(product.id)
      out.put(product.name)
      out.put(product.brand ?? "")
      out.put(product.url ?? "")
      out.put(product.examples.count)
      for example in product.examples { out.put(example) }
    }
    return out.bytes + FastChecksum.of(out.bytes.span.bytes)
  }

  /// - Throws: `badInput` for what is no catalogue, damaged, or `unsupported` for one of a newer version; whatever the bytes are.
  public static func read(_ bytes: [UInt8]) throws(Fault) -> Catalogue {
    guard bytes.count >= magic.count + 4 + FastChecksum.byteCount, bytes.starts(with: magic) else {
      throw Fault(.badInput, "it is no catalogue of ridley's, or only the beginning of one")
    }
    let body = bytes.dropLast(FastChecksum.byteCount)
    var input = Reader(body.dropFirst(magic.count))
    let found = try input.number()
    guard found == version else {
      throw Fault(
        .unsupported,
        "the catalogue has version \(found), and this ridley reads \(version): make it anew with 'ridley catalogue add', or take a newer ridley"
      )
    }
    guard FastChecksum.of(bytes.span.extracting(0..<body.count).bytes) == Array(bytes.suffix(FastChecksum.byteCount))
    else {
      throw damaged
    }
    var catalogue = Catalogue(model: try input.text())
    let dimensions = try input.number(most: 1 << 16)
    for _ in 0..<(try input.number()) {
      let (id, name) = (try input.text(), try input.text())
      let (brand, url) = (try input.text(), try input.text())
      var examples: [Catalogue.Example] = []
      for _ in 0..<(try input.number()) { examples.append(try input.example(dimensions)) }
      guard catalogue[id] == nil else { throw damaged }
      try catalogue.add(
        examples, to: id, name: name, brand: brand.isEmpty ? nil : brand, url: url.isEmpty ? nil : url)
    }
    guard input.isAtEnd else { throw damaged }
    return catalogue
  }

  /// The network that a catalogue was made with, by its name alone; nothing but its beginning is looked at.
  public static func network(_ bytes: [UInt8]) throws(Fault) -> String {
    guard bytes.starts(with: magic) else { throw Fault(.badInput, "it is no catalogue of ridley's") }
    var input = Reader(bytes.dropFirst(magic.count))
    _ = try input.number()
    let model = try input.text()
    return String(model.prefix { $0 != "@" })
  }

  static let damaged = Fault(
    .badInput, "the catalogue is damaged: take a copy of it, or make it anew with 'ridley catalogue add'")

  private struct Writer {
    var bytes: [UInt8] = []

    mutating func put(_ number: Int) { put(bits: UInt32(number)) }

    mutating func put(bits: UInt32) {
      for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
    }

    mutating func put(_ text: String) {
      put(text.utf8.count)
      bytes += text.utf8
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

  private struct Reader {
    private var rest: ArraySlice<UInt8>

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

    mutating func example(_ dimensions: Int) throws(Fault) -> Catalogue.Example {
      var example = Catalogue.Example(digest: try text(), name: try text(), embedding: try floats(dimensions))
      guard try number(most: 1) == 1 else { return example }
      let size = Size(width: try number(most: longestSide), height: try number(most: longestSide))
      let count = try number(most: mostFeatures)
      let points = try floats(2 * count)
      guard points.allSatisfy(\.isFinite) else { throw CatalogueFile.damaged }
      example.features = LocalFeatures(
        size: size, points: points, descriptors: Array(try take(count * LocalFeatures.byteCount)))
      return example
    }
  }
}
