public import Base
internal import Crypto

/// A catalogue as the bytes of one file: magic, version, what it holds, and a checksum at the end.
///
/// All numbers are little-endian, texts are UTF-8 behind their length. Embeddings are kept in 32-bit floats, so that what is read answers
/// as what was written.
public enum CatalogueFile {
  /// In the folder of the catalogue.
  public static let name = "products.ridley"
  public static func path(in folder: String) -> String { "\(folder)/\(name)" }
  static let magic = Array("RIDLYCAT".utf8)
  /// 2 has a thumbnail behind each picture, which 1 has not.
  static let versions = 1...2
  /// More is not read: memory is what a damaged or hostile file would ask for.
  public static let largest = 2 << 30
  static let mostFeatures = 100_000
  static let longestSide = 1 << 15
  /// Bytes of a thumbnail; one of 160 pixels has about 4000.
  public static let largestThumbnail = 64 << 10

  public static func bytes(_ catalogue: Catalogue) -> [UInt8] { bytes(catalogue, version: versions.upperBound) }

  /// What decides answers, and nothing else: pictures for people change no digest.
  ///
  /// It is what version 1 kept, so that answers which were given with catalogues of it are known again.
  public static func deciding(_ catalogue: Catalogue) -> [UInt8] { bytes(catalogue, version: 1) }

  static func bytes(_ catalogue: Catalogue, version: Int) -> [UInt8] {
    var out = CatalogueWriter()
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
      for example in product.examples {
        out.put(example)
        if version > 1 { out.put(bytes: example.thumbnail) }
      }
    }
    return out.bytes + FastChecksum.of(out.bytes.span.bytes)
  }

  /// - Throws: `badInput` for what is no catalogue, damaged, or `unsupported` for one of a newer version; whatever the bytes are.
  public static func read(_ bytes: [UInt8]) throws(Fault) -> Catalogue {
    var input = try body(of: bytes)
    var catalogue = Catalogue(model: try input.text())
    let dimensions = try input.number(most: 1 << 16)
    for _ in 0..<(try input.number()) {
      let head = try input.head()
      var examples: [Catalogue.Example] = []
      for _ in 0..<(try input.number()) { examples.append(try input.example(dimensions)) }
      guard catalogue[head.id] == nil else { throw damaged }
      try catalogue.add(examples, to: head.id, name: head.name, brand: head.brand, url: head.url)
    }
    guard input.isAtEnd else { throw damaged }
    return catalogue
  }

  /// What stands between the version and the checksum, which is the right one.
  static func body(of bytes: [UInt8]) throws(Fault) -> CatalogueReader {
    guard bytes.count >= magic.count + 4 + FastChecksum.byteCount, bytes.starts(with: magic) else {
      throw Fault(.badInput, "it is no catalogue of ridley's, or only the beginning of one")
    }
    let body = bytes.dropLast(FastChecksum.byteCount)
    var input = CatalogueReader(body.dropFirst(magic.count))
    let found = try input.number()
    guard versions.contains(found) else {
      throw Fault(
        .unsupported,
        "the catalogue has version \(found), and this ridley reads up to \(versions.upperBound): make it anew with 'ridley catalogue add', or take a newer ridley"
      )
    }
    guard FastChecksum.of(bytes.span.extracting(0..<body.count).bytes) == Array(bytes.suffix(FastChecksum.byteCount))
    else {
      throw damaged
    }
    input.hasThumbnails = found > 1
    return input
  }

  /// Bytes from the front that tell the network, however large the rest is.
  public static let headLength = 4096

  /// The network that a catalogue was made with, by its name alone; nothing but the first ``headLength`` bytes is needed.
  public static func network(_ bytes: [UInt8]) throws(Fault) -> String {
    guard bytes.starts(with: magic) else { throw Fault(.badInput, "it is no catalogue of ridley's") }
    var input = CatalogueReader(bytes.dropFirst(magic.count))
    _ = try input.number()
    let model = try input.text()
    return String(model.prefix { $0 != "@" })
  }

  static let damaged = Fault(
    .badInput, "the catalogue is damaged: take a copy of it, or make it anew with 'ridley catalogue add'")
}
