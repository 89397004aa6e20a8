import Base
import Execution
import Features
import Inference
import Insights
import Loading
import Media
import MediaProcess
import ModelHub
import Predictions
import Vision

/// The Grocery Store Dataset, or the part of it that is there: a catalogue picture and five shop photographs a product, and others to ask about.
struct Trial {
  struct Picture {
    let path: String
    let product: String
    let isPackage: Bool
  }

  /// What is known of a picture that is asked about, once it was looked at.
  struct Asked {
    let picture: Picture
    let embedding: [Float]
    let features: LocalFeatures?
  }

  let identity: String
  let features = FeatureEngine()
  private let embedder: PictureEmbedder
  let icons: [Picture]
  let support: [Picture]
  let queries: [Picture]

  init(network: String, material: String) throws(Fault) {
    let engine = try Engine(cacheFolder: nil)
    var said = RecipeOverrides()
    (said.task, said.decoder, said.scores) = (.embedding, .vector, "embedding")
    (said.mean, said.scale, said.resize, said.color) = ([127], [128], .stretch, .rgb)
    let model = try ModelResolver(engine: { engine }).find(network, said)
    var options = LoadOptions()
    options.precision = .f32
    let loaded = try LoadedModel(model, options: options, on: engine)
    identity = loaded.identity
    embedder = try PictureEmbedder(loaded, MediaPool(limit: 1))
    let rows = try Self.lines(material + "/classes.csv").dropFirst().map { $0.split(separator: ",").map(String.init) }
    let paths = Dictionary(uniqueKeysWithValues: rows.map { ($0[1], String($0[4].drop { $0 == "/" })) })
    let isPackage = { (id: String) in paths[id]?.contains("/Packages/") ?? false }
    icons = rows.map { Picture(path: material + "/" + paths[$0[1]]!, product: $0[1], isPackage: isPackage($0[1])) }
    let list = { (name: String) throws(Fault) in
      try Self.lines(material + "/" + name).map { line in
        let parts = line.split(separator: ",").map { $0.drop { $0 == " " } }
        return Picture(
          path: material + "/" + parts[0], product: String(parts[1]), isPackage: isPackage(String(parts[1])))
      }
    }
    (support, queries) = (try list("support_5.txt"), try list("query_4.txt"))
  }

  private static func lines(_ path: String) throws(Fault) -> [Substring] {
    String(decoding: try FileSystem.read(path), as: UTF8.self).split(whereSeparator: \.isNewline)
  }

  func look(_ picture: Picture, withFeatures: Bool = true) throws(Fault) -> Asked {
    let seen = try embedder.look(at: try MediaFile(picture.path))
    return Asked(
      picture: picture, embedding: seen.embedding,
      features: withFeatures && features.isThere ? try features.detect(in: seen.frame) : nil)
  }

  /// `proving` says of which products the catalogue picture has features.
  func catalogue(
    _ icons: [Asked], _ support: [Asked], without left: String? = nil, proving: (Picture) -> Bool = { _ in true }
  ) throws(Fault) -> Catalogue {
    var catalogue = Catalogue(model: identity)
    for (number, one) in (icons + support).enumerated() where one.picture.product != left {
      let isIcon = number < icons.count
      let example = Catalogue.Example(
        digest: String(number), name: FileSystem.name(of: one.picture.path), embedding: Embedding.unit(one.embedding)!,
        features: isIcon && proving(one.picture) ? one.features : nil)
      try catalogue.add([example], to: one.picture.product)
    }
    return catalogue
  }
}
