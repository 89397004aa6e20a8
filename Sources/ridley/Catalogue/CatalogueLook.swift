import Base
import Crypto
import Execution
import Features
import Insights
import Media
import MediaProcess

/// Turns pictures into what a catalogue keeps of them: decoded in a media process, embedded, and their features found.
struct CatalogueLook {
  /// A sentence for a person where there is no geometry here.
  let note: String?
  /// Pictures with parts that are transparent.
  private(set) var transparent: [String] = []
  private let embedder: PictureEmbedder
  private let features: FeatureEngine?
  private let settings: ProductSettings

  init(_ model: LoadedModel, _ settings: ProductSettings = ProductSettings()) throws(Fault) {
    embedder = try PictureEmbedder(model, MediaPool(limit: 1))
    let engine = FeatureEngine()
    note = engine.note
    features = note == nil ? engine : nil
    self.settings = settings
  }

  mutating func example(_ path: String, name: String, isFromLife: Bool) throws(Fault) -> Catalogue.Example {
    do throws(Fault) {
      let seen = try see(path)
      if seen.hasAlpha { transparent.append(name) }
      guard let embedding = Embedding.unit(seen.embedding) else {
        throw Fault(.badInput, "the network made no embedding of it (all 0, or no numbers)")
      }
      return Catalogue.Example(
        digest: try SHA256.hex(ofFile: path), name: name, embedding: embedding,
        features: isFromLife ? nil : try features?.detect(in: seen.frame, .unit, settings),
        thumbnail: try Self.thumbnail(of: seen.frame))
    } catch { throw error.at(FileName.shown(path)) }
  }

  /// For people, who want to see what a product is.
  private static func thumbnail(of frame: SourceFrame) throws(Fault) -> [UInt8] {
    let (size, side) = (frame.size, Catalogue.thumbnailSide)
    let longest = max(size.width, size.height, 1)
    let small =
      longest > side
      ? Size(width: max(1, size.width * side / longest), height: max(1, size.height * side / longest)) : size
    let jpeg = try JPEG.encode(rgb: try frame.rgb(size: small), size: small, quality: 75)
    return jpeg.count <= CatalogueFile.largestThumbnail ? jpeg : []
  }

  func see(_ path: String) throws(Fault) -> PictureEmbedder.Seen {
    try embedder.look(atPath: path)
  }
}
