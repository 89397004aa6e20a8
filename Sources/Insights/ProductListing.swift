/// Which products a film shows, when and where best: what was found in its frames, in order of presentation, then ``finish(end:)``.
///
/// A frame counts for as long as it is shown: until the next one that was looked at. Memory is some 100 bytes for each instance that is kept
/// as a best frame, and 16 for each stretch. The answer depends on nothing but the frames.
public struct ProductListing: Sendable {
  public struct Settings: Sendable, Hashable {
    /// Seconds that a product may be out of sight, such as behind a hand, without its stretch ending.
    public var gap = 1.0
    /// Seconds that a stretch has to last.
    public var least = 0.0
    /// Best frames of each product.
    public var frames = 3

    public init() {}
  }

  struct Tally {
    var segments: [ClosedRange<Double>] = []
    var seconds = 0.0
    var frameCount = 0
    var best: [ProductReport.Sight] = []
  }

  private let settings: Settings
  private var tallies: [String: Tally] = [:]
  private var pending: (time: Double, number: Int, instances: [ProductInstance])?
  private var lastStep = 0.0
  private var latest = -Double.infinity
  private var seconds = 0.0
  private var frameCount = 0

  public init(_ settings: Settings = Settings()) { self.settings = settings }

  /// Takes what was found in the next frame, shown at `time`, in seconds.
  public mutating func add(_ instances: [ProductInstance], frame: Int, at moment: Double) {
    // Times that step back, as broken files have them, would make a frame last less than nothing.
    let time = max(moment, latest)
    latest = time
    settle(until: time)
    frameCount += 1
    pending = (time, frame, instances)
  }

  /// `end` is where the last frame ends, in seconds, where that is known; else it lasts as long as the one before.
  ///
  /// `catalogue` gives names; products that are not in it have their ids alone.
  public consuming func finish(_ known: KnownCatalogue, end: Double? = nil) -> ProductReport {
    let catalogue = known.catalogue
    if let last = pending {
      let usual = lastStep > 0 ? lastStep : 1
      settle(until: end.flatMap { $0 > last.time ? $0 : nil } ?? last.time + usual)
    }
    let whole = seconds
    let entries = tallies.compactMap { id, tally in entry(id, tally, catalogue[id], whole) }
    return ProductReport(
      model: catalogue.model, catalogue: known.digest, frames: frameCount,
      products: entries.sorted { ($1.seconds, $0.id) < ($0.seconds, $1.id) }
    )
  }

  private func entry(
    _ id: String, _ tally: Tally, _ product: Catalogue.Product?, _ whole: Double
  ) -> ProductReport.Entry? {
    let segments = tally.segments.filter { $0.upperBound - $0.lowerBound >= settings.least }
    guard let best = tally.best.first, !segments.isEmpty else { return nil }
    return ProductReport.Entry(
      id: id, name: product?.name ?? id, brand: product?.brand, url: product?.url, best: best.instance,
      segments: segments, seconds: tally.seconds, share: whole > 0 ? tally.seconds / whole : 0,
      frameCount: tally.frameCount, sights: tally.best)
  }

  /// The frame before lasts until here: it counts for that long.
  private mutating func settle(until time: Double) {
    guard let frame = pending else { return }
    pending = nil
    let step = time - frame.time
    if step > 0 { lastStep = step }
    seconds += step
    // Two cans of one kind in a frame are one sight of the product: the better one.
    var best: [String: ProductInstance] = [:]
    for instance in frame.instances where best[instance.product].map({ instance.isBetter(than: $0) }) ?? true {
      best[instance.product] = instance
    }
    for (id, instance) in best {
      let sight = ProductReport.Sight(time: frame.time, frame: frame.number, instance: instance)
      tallies[id, default: Tally()].add(sight, until: time, settings)
    }
  }
}

extension ProductListing.Tally {
  mutating func add(_ sight: ProductReport.Sight, until end: Double, _ settings: ProductListing.Settings) {
    if let last = segments.last, sight.time - last.upperBound <= settings.gap + 1e-9 {
      segments[segments.count - 1] = last.lowerBound...max(end, last.upperBound)
    } else {
      segments.append(sight.time...end)
    }
    seconds += end - sight.time
    frameCount += 1
    // The earlier of equals stands first.
    best.insert(sight, at: best.firstIndex { sight.instance.isBetter(than: $0.instance) } ?? best.count)
    if best.count > settings.frames { best.removeLast() }
  }
}

extension ProductInstance {
  /// A proof before an opinion, then more of it.
  func isBetter(than other: ProductInstance) -> Bool {
    if method != other.method { return method == .geometry }
    return method == .geometry ? (inliers, similarity) > (other.inliers, other.similarity) : score > other.score
  }
}
