import Base
import Execution
import Features
import Gateway
import Inference
import Insights
import Loading
import MediaProcess
import ModelHub

/// Where a catalogue is, and what looks at pictures for it; shared by the commands about catalogues.
struct CataloguePlace {
  static let option = Option.value("catalogue", "FOLDER", "the folder it is kept in (default \(Self.shownFolder))")
  static let modelOption = Option.value(
    "model", "NAME",
    "the network of embeddings (default: the catalogue's own, else \(usualModels[0]) or \(usualModels[1]))"
  )
  private static let shownFolder = "catalogue in ridley's home"
  /// The first of them whose files are here.
  private static let usualModels = ["efficientnet-lite0-embedding", "mobilenet-v1-embedding"]

  let store: CatalogueStore

  init(_ arguments: Arguments) throws(Fault) {
    store = try CatalogueStore(at: arguments["catalogue"])
  }

  /// The network that was asked for, else the one that the catalogue was made with.
  ///
  /// - Throws: where that is not the catalogue's: what it makes of pictures means nothing beside it.
  static func load(_ arguments: Arguments, for catalogue: Catalogue?) throws(Fault) -> LoadedModel {
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let resolver = ModelOptions.resolver(arguments, on: engine)
    let (name, overrides) = (try name(arguments, catalogue), try ModelOptions.overrides(arguments))
    let model: Model
    do throws(Fault) { model = try resolver.find(name, overrides) } catch {
      guard catalogue != nil, arguments["model"] == nil, error.kind == .notFound else { throw error }
      throw Fault(
        .notFound,
        "the catalogue was made with \(name), which is not known by that name here: say --model, as it was made")
    }
    var options = LoadOptions()
    // Pictures of a catalogue and those of films are compared: both in full precision.
    options.precision = .f32
    let loaded = try LoadedModel(model, options: options, on: engine)
    if let catalogue, !catalogue.products.isEmpty, catalogue.model != loaded.identity {
      throw Fault(
        .conflict,
        "the catalogue was made with \(catalogue.model), and this is \(loaded.identity): take that network with the same options, or make a catalogue of its own (--catalogue FOLDER)"
      )
    }
    return loaded
  }

  private static func name(_ arguments: Arguments, _ catalogue: Catalogue?) throws(Fault) -> String {
    if let name = arguments["model"] { return name }
    if let catalogue, let name = catalogue.model.split(separator: "@").first { return String(name) }
    let hub = try Hub.standard(models: arguments["models"])
    return usualModels.first { (try? hub.look($0).isReady) ?? false } ?? usualModels[1]
  }

  /// So many, in words.
  static func products(_ count: Int) -> String { count == 1 ? "1 product" : "\(count) products" }
}

extension CatalogueDesk {
  /// The server's catalogue is the one that the commands change where none is named.
  static var ofHome: CatalogueDesk { CatalogueDesk(folder: CatalogueStore.usualFolder) }
}
