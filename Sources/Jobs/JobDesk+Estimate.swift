public import Base
public import Catalog
internal import Items
internal import Library
internal import Pipelines
public import Planning
internal import Store

extension JobDesk {
  /// What a request will take, by what tasks on machines like this one took before; nothing is started.
  ///
  /// Goes through all assets of the selection, page by page; `refused` are those that the profile cannot do, with the reason of each kind, and
  /// `kept` those that have their analysis already.
  public func estimate(
    _ request: JobRequest, price: MachinePrice?, scope: ClientScope, progress: (Int) -> Void = { _ in }
  ) throws(Fault) -> (estimate: Estimate, kept: Int, refused: [String: Int]) {
    try check(request, scope)
    let profile = try TaskProfile.named(request.profile)
    let estimator = Estimator(try RateKeeper(library).rates(), profile: profile)
    let pipelines = try Self.pipelines(request.pipelines)
    var (sum, kept, refused, count) = (Estimate(), 0, [String: Int](), 0)
    try forEachAsset(of: request) { (asset) throws(Fault) in
      for (pinned, pipeline) in zip(request.pipelines, pipelines) {
        if try library.table.get(LibraryKeys.analysis(asset.id, pipeline: pinned.digest)) != nil {
          kept += 1
          continue
        }
        let item = try estimated(asset, pinned, pipeline)
        do throws(Fault) {
          try profile.check(estimator.need(item))
          sum.add(estimator.estimate(item, price: price))
        } catch { refused[error.message, default: 0] += 1 }
      }
      count += 1
      progress(count)
    }
    return (sum, kept, refused)
  }

  /// With the making of the rendition that the pipeline looks at, unless one like it is there.
  private func estimated(_ asset: Asset, _ pinned: Job.Pinned, _ pipeline: Pipeline) throws(Fault) -> EstimatedItem {
    let film = SourceFacts(asset)
    var item = EstimatedItem(film.seen(through: pipeline.proxy), pinned, pipeline)
    guard item.source != film else { return item }
    if try !library.renditions(of: asset.id).contains(where: { $0.settings == pipeline.proxy }) { item.film = film }
    return item
  }

  static func pipelines(_ pins: [Job.Pinned]) throws(Fault) -> [Pipeline] {
    var pipelines: [Pipeline] = []
    for pin in pins { pipelines.append(try PipelineFile.read(bytes: Array(pin.text.utf8), name: pin.series).pipeline) }
    return pipelines
  }

  private func forEachAsset(of request: JobRequest, _ body: (Asset) throws(Fault) -> Void) throws(Fault) {
    var random = SystemRandomNumberGenerator()
    let job = Job(
      id: ULID(milliseconds: library.now, using: &random), client: request.client, created: library.now,
      selection: request.selection, pipelines: request.pipelines)
    var cursor: String? = ""
    while let place = cursor {
      let page = try JobPages(library).page(of: job, after: place, limit: 90)
      for asset in page.assets { try body(asset) }
      cursor = page.next
    }
  }
}

extension EstimatedItem {
  init(_ source: SourceFacts, _ pinned: Job.Pinned, _ pipeline: Pipeline) {
    let digests = pinned.models.map { String($0.split(separator: "@").last ?? "") }
    self.init(source: source, pipeline: pipeline, pipelineDigest: pinned.digest, models: digests)
  }
}
