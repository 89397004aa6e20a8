internal import Analysis
internal import Base
internal import Catalog
internal import Crypto
internal import Execution
internal import Library
internal import Media
internal import Objects
internal import Pipelines
internal import Planning

/// What a task looks at: an asset's bytes, or a rendition that stands in for them.
struct Sight {
  let path: String
  /// The digest of what stands there.
  let object: String
  let facts: SourceFacts
  var standIn: StandIn?
  /// Where it is a rendition: the object that tells what it shows.
  var rendition: String?

  init(_ asset: Asset, at path: String) {
    (self.path, object, facts) = (path, asset.object, SourceFacts(asset))
  }

  /// A rendition that is kept, and what tells what it shows.
  init(_ object: String, _ rendition: String, at path: String, _ standIn: StandIn) throws(Fault) {
    (self.path, self.object, self.rendition, self.standIn) = (path, object, rendition, standIn)
    let (covered, count) = (standIn.rendition.covered, standIn.rendition.origins.count)
    let milliseconds = Int(((covered.upperBound - covered.lowerBound) * 1000).rounded())
    facts = SourceFacts(
      isPicture: false, byteCount: try FileSystem.byteCount(of: path), size: standIn.rendition.size, codec: "h264",
      duration: standIn.film.duration,
      frameRate: milliseconds > 0 && count > 1 ? Ratio((count - 1) * 1000, milliseconds) : standIn.film.frameRate)
  }
}

extension JobWork {
  /// What an item is looked at by: the rendition that its pipeline asks for is made where it is not there yet.
  ///
  /// Two workers that need it at once both make it, and keep it once.
  func sight(of asset: Asset, _ path: String, _ pipeline: LoadedPipeline) throws(Fault) -> Sight {
    guard let settings = pipeline.pipeline.proxy, !asset.media.isPicture, let identity = settings.identity,
      let film = try StandIn.film(path, settings)
    else { return Sight(asset, at: path) }
    let key = RenditionKey.of(object: asset.object, identity: identity)
    let kept = try desk.library.rendition(of: asset.id, key: key)
    if let kept, let sight = try sight(kept.object, kept.facts, film) { return sight }
    let made = try make(asset, path, film, settings, key, replaces: kept != nil)
    guard let sight = try sight(made.object, made.facts, film) else {
      throw Fault(
        .unavailable, "the rendition that was just made is gone, or is another one: the disk does not keep it")
    }
    return sight
  }

  /// What an item was cut for; `nil` where that was a rendition which is gone, or was changed by the disk.
  func sight(of asset: Asset, _ path: String, _ plan: TaskPlan) throws(Fault) -> Sight? {
    guard let rendition = plan.rendition else { return Sight(asset, at: path) }
    return try sight(plan.object, rendition, try MediaReader(path).info)
  }

  private func sight(_ object: String, _ rendition: String, _ film: MediaInfo) throws(Fault) -> Sight? {
    guard let name = ObjectName(object), try isSound(object), try isSound(rendition) else { return nil }
    let path = try desk.library.objects.file(of: name)
    let facts = try Rendition(bytes: try desk.library.read(rendition))
    return try Sight(object, rendition, at: path, StandIn(facts, for: film))
  }

  private func make(
    _ asset: Asset, _ path: String, _ film: MediaInfo, _ settings: RenditionSettings, _ key: String, replaces: Bool
  ) throws(Fault) -> KeptRendition {
    let made = try ScratchRendition(of: path, film, settings) { [beat, isStopped] (_) throws(Fault) in
      beat()
      guard !isStopped() else { throw Fault(.closed, "the worker ends") }
    }
    let library = desk.library
    let object = try library.put(file: made.path, digest: try SHA256.hex(ofFile: made.path, each: beat), each: beat)
    let rendition = made.standIn.rendition
    let facts = try library.put(rendition.bytes)
    let kept = KeptRendition(
      asset: asset.id, key: key, settings: settings, object: object.name.digest, byteCount: object.byteCount,
      facts: facts.name.digest, size: rendition.size, frameCount: rendition.origins.count, made: library.now)
    return try library.keep(kept, holding: [object, facts], replaces: replaces)
  }

  /// Refuses a film whose rendition cannot be made here.
  func checkEncoder(_ pipeline: LoadedPipeline, _ asset: Asset) throws(Fault) {
    guard let settings = pipeline.pipeline.proxy, !asset.media.isPicture, settings.identity == nil else { return }
    throw Fault(
      .unavailable,
      "this worker cannot write the rendition that the pipeline looks at: its FFmpeg has no encoder of H.264")
  }
}
