public import Base
public import Planning

/// What an hour of video costs where a site runs: on a machine, on all machines of the site, and by functions.
///
/// Only what tasks measured is counted. Where the work on frames was never measured there is no amount, and the text says so.
public struct CostStatement: Sendable {
  /// One pipeline of the site, as an estimate sees an hour of video under it.
  public struct Work: Sendable {
    /// As people call it.
    public var name: String
    /// `nil` where the pipeline or its models are not here; `obstacle` says why.
    public var item: EstimatedItem?
    public var obstacle: String?

    public init(name: String, item: EstimatedItem?, obstacle: String? = nil) {
      (self.name, self.item, self.obstacle) = (name, item, obstacle)
    }
  }

  let site: RenderedSite
  let target: RenderTarget
  let question: CostQuestion
  let prices: PriceFile
  let rates: Rates?
  let work: [Work]
  let machine: MachinePrice
  let function: MachinePrice?
  let gpu: MachinePrice?

  /// `rates` are as tasks measured them, `nil` where none are at hand.
  ///
  /// - Throws: `notFound` for a machine that the price file does not have, `badInput` for one that is paid in another way.
  public init(
    _ site: RenderedSite, on target: RenderTarget, _ question: CostQuestion, prices: PriceFile, rates: Rates?,
    work: [Work]
  ) throws(Fault) {
    (self.target, self.question, self.prices, self.work) = (target, question, prices, work)
    self.site = site.fitted(to: target)
    self.rates = rates.flatMap { $0.isEmpty ? nil : $0 }
    machine = try prices.machine(question.machine)
    function = try question.function.map { (name) throws(Fault) in try prices.machine(name) }
    gpu = try question.gpu.map { (name) throws(Fault) in try prices.machine(name) }
    guard machine.hour > 0 else {
      throw Fault(
        .badInput,
        "the machine '\(machine.name)' of \(question.prices) is not paid by the hour, so no server runs on it")
    }
    if let function, function.hour > 0 {
      throw Fault(.badInput, "'\(function.name)' of \(question.prices) is paid by the hour, and is no function")
    }
    if let gpu, gpu.hour <= 0 {
      throw Fault(.badInput, "the machine '\(gpu.name)' of \(question.prices) is not paid by the hour")
    }
  }

  /// An hour of the video that the site expects.
  public static func hour(_ question: CostQuestion) -> SourceFacts {
    SourceFacts(
      isPicture: false, byteCount: 0, size: question.size, codec: question.codec, duration: 3600,
      frameRate: Ratio(Int((question.fps * 1000).rounded()), 1000))
  }
}

/// What is known of one pipeline's hour under one profile.
struct KnownCost: Sendable, Hashable {
  var cpuSeconds: Double
  var money: Double
  var certainty: String
  /// Work that no task measured, and that is not in the amount.
  var leftOut: [String]
}

/// Why there is no amount.
enum CostGap: Error, Sendable, Hashable {
  case text(String)
}

extension CostStatement {
  /// The share of the seconds, by what is assumed of them, that may be left out of an amount and is named beside it.
  private static let mostUnknown = 0.05

  /// Work that goes with the length of a video; what comes once a task or a video is left out and named, however much it may be.
  private static func isOfFrames(_ what: String) -> Bool {
    !what.hasPrefix("each ") && !what.hasPrefix("load ")
  }

  /// An hour of one pipeline on one machine that does nothing else.
  func cost(_ work: Work, on price: MachinePrice, _ profile: TaskProfile) throws(CostGap) -> KnownCost {
    guard let item = work.item else { throw .text(work.obstacle ?? "this pipeline is not here") }
    guard let rates else { throw .text("no rate measured") }
    // A rendition is encoded frame by frame, which no task measures.
    guard item.film == nil else { throw .text("no rate measured: encode the rendition of 'proxy:'") }
    let estimator = Estimator(rates, profile: profile)
    do throws(Fault) { try profile.check(estimator.need(item)) } catch { throw .text(error.message) }
    var estimate = estimator.estimate(item)
    let unknown = estimate.lines.filter { $0.confidence == .assumed }
    let missing = unknown.filter { Self.isOfFrames($0.what) }
    guard missing.reduce(0, { $0 + $1.cpuSeconds }) <= Self.mostUnknown * estimate.cpuSeconds else {
      throw .text("no rate measured: \(missing.map(\.what).joined(separator: ", "))")
    }
    estimate.lines.removeAll { $0.confidence == .assumed }
    return KnownCost(
      cpuSeconds: estimate.cpuSeconds, money: price.money(for: estimate, profile), certainty: estimate.certainty,
      leftOut: unknown.map(\.what))
  }

  var functionProfile: TaskProfile {
    .lambda(memoryBytes: site.function.memory << 20, diskBytes: site.function.disk << 20)
  }

  /// One server more for live streams.
  var rendersStreams: Bool { target == .kubernetes && site.isShared && site.watchesStreams }

  /// Cores of all servers, and of workers that are always there; and those that are at work at the same time, one of each worker.
  ///
  /// `nil` where no machine is rendered.
  var cores: (all: Double, working: Double)? {
    guard target != .aws else { return nil }
    let workers = site.mostWorkers == nil ? Double(site.worker.replicas) : 0
    let servers = Double(site.server.replicas + (rendersStreams ? 1 : 0)) * site.server.cores
    guard site.isShared else { return (servers, min(servers, Double(site.worker.replicas))) }
    return (servers + workers * site.worker.cores, workers * min(1, site.worker.cores))
  }
}
