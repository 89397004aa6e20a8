import Base
import Catalog
import DeployTargets
import Jobs
import Pipelines
import Planning

/// What a site costs by its price file, and by rates of a file or of a library.
struct RenderedCosts {
  let text: String
  /// As JSON, so that another rendering tells the same without the library.
  private let rates: [UInt8]?

  /// Files that the site names are meant from its own folder.
  init(
    _ site: RenderedSite, on target: RenderTarget, _ question: CostQuestion, beside file: String,
    _ arguments: Arguments
  ) throws(Fault) {
    let folder = FileSystem.folder(of: file)
    let path = Self.path(question.prices, in: folder)
    let prices = try PriceFile(bytes: try FileSystem.read(path, limit: 1 << 20), name: path)
    let known = try Self.rates(arguments)
    rates = known?.bytes
    let work = question.pipelines.map { Self.work(Self.path($0, in: folder), question, arguments) }
    text = try CostStatement(site, on: target, question, prices: prices, rates: known, work: work).text
  }

  var files: [RenderedFile] {
    let kept = rates.map { [RenderedFile("rates.json", String(decoding: $0, as: UTF8.self))] } ?? []
    return [RenderedFile("costs.md", text)] + kept
  }

  private static func path(_ named: String, in folder: String) -> String {
    named.hasPrefix("/") || folder == "." ? named : "\(folder)/\(named)"
  }

  private static func rates(_ arguments: Arguments) throws(Fault) -> Rates? {
    if let file = arguments["rates"] {
      guard arguments["library"] == nil else {
        throw arguments.refusal("rates are of a file or of a library: not both")
      }
      return try Rates(bytes: try FileSystem.read(file, limit: 64 << 20), name: file)
    }
    guard arguments["library"] != nil || arguments["store"] != nil else { return nil }
    return try RateKeeper(try LibraryPlace.open(arguments)).rates()
  }

  /// A pipeline whose models are not here is told so in the table, beside those that are.
  private static func work(_ path: String, _ question: CostQuestion, _ arguments: Arguments) -> CostStatement.Work {
    let name = FileSystem.name(of: path)
    do throws(Fault) {
      let pinned = try JobPlace.pin(path, models: arguments["models"])
      let pipeline = try PipelineFile.read(bytes: Array(pinned.text.utf8), name: pinned.series).pipeline
      let models = pinned.models.map { String($0.split(separator: "@").last ?? "") }
      let film = CostStatement.hour(question)
      var item = EstimatedItem(
        source: film.seen(through: pipeline.proxy), pipeline: pipeline, pipelineDigest: pinned.digest, models: models)
      if item.source != film { item.film = film }
      return CostStatement.Work(name: name, item: item)
    } catch { return CostStatement.Work(name: name, item: nil, obstacle: error.message) }
  }
}
