public import Base
internal import JSON
internal import Objects

/// A node of a centre's fleet, as it said last with what it computes: measured there, for a forecast that is made elsewhere.
public struct EdgeNode: Sendable, Hashable {
  public let name: String
  public let cores: Int
  /// Bytes of its machine's memory; `nil` where it does not say.
  public let memoryBytes: Int?
  /// Seconds of a processor that one inference takes there, by the digest of the model's version.
  public let inferenceSeconds: [String: Double]
  /// Bits a second that it may use of its link, both ways together; `nil` where nothing bounds that.
  public let linkRate: Double?
  /// Seconds since it said all this.
  public let quiet: Double

  private enum Key: String, CaseIterable { case report, quiet }
  private enum ReportKey: String, CaseIterable { case node, models, ledger }
  private enum MachineKey: String, CaseIterable { case cores, memory }
  private enum MemoryKey: String, CaseIterable { case bytes }
  private enum ModelsKey: String, CaseIterable { case models }
  private enum ModelKey: String, CaseIterable { case digest, inferenceSeconds = "inference_seconds" }
  private enum LedgerKey: String, CaseIterable { case rate }

  /// Reads what a centre says of a node.
  ///
  /// - Throws: `unavailable` where it never said anything, `badInput` for what no node says.
  init(_ name: String, _ value: JSONValue) throws(Fault) {
    self.name = name
    let fields = try value.fields(Key.self, others: .ignored)
    guard let report = try fields.given(.report)?.fields(ReportKey.self, others: .ignored),
      let machine = try report.given(.node)?.fields(MachineKey.self, others: .ignored)
    else { throw Fault(.unavailable, "the node '\(name)' has not said anything of its machine yet: is it running?") }
    quiet = max(0, try fields.given(.quiet)?.number() ?? 0)
    cores = try machine.required(.cores).integer(in: 1...4096)
    let memory = try machine.given(.memory)?.fields(MemoryKey.self, others: .ignored)
    memoryBytes = try memory?.given(.bytes)?.integer(in: 1...1 << 50)
    let rate = try report.given(.ledger)?.fields(LedgerKey.self, others: .ignored).given(.rate)
    linkRate = try rate.map { (rate) throws(Fault) in 8 * Double(try rate.integer(in: 1...1 << 40)) }
    var measured: [String: Double] = [:]
    let models = try report.given(.models)?.fields(ModelsKey.self, others: .ignored).given(.models)
    if let models {
      for value in try models.elements() {
        let model = try value.fields(ModelKey.self, others: .ignored)
        guard let digest = try model.given(.digest)?.string(), let said = model.given(.inferenceSeconds) else {
          continue
        }
        let seconds = try said.number()
        guard (1e-7...3600).contains(seconds) else { throw said.fault("no inference takes \(seconds) seconds") }
        measured[digest] = seconds
      }
    }
    inferenceSeconds = measured
  }
}

extension EdgeNode {
  /// - Throws: where it has not said what an inference of the model's version takes there.
  func check(_ model: String, _ digest: String) throws(Fault) {
    guard inferenceSeconds[digest] == nil else { return }
    throw Fault(
      .notFound,
      "the node '\(name)' has not reported what an inference of '\(model)' (\(digest.prefix(19))…) takes there: have it serve this version, which tries it ('ridley fleet update'), or run 'ridley place' on the node itself"
    )
  }
}

extension PlacementFigures {
  /// Puts a node in the place of this machine, by the inferences that the sample asked for, or by one of each network where it asked for none.
  ///
  /// - Throws: `unsupported` where no network was measured on both.
  mutating func put(_ node: EdgeNode) throws(Fault) {
    let isAsked = networks.contains { $0.count > 0 }
    var (here, there) = (0.0, 0.0)
    for network in networks {
      guard let own = network.processorSeconds, let other = network.nodeSeconds else { continue }
      let count = isAsked ? Double(network.count) : 1
      (here, there) = (here + count * own, there + count * other)
    }
    guard here > 0 else {
      throw Fault(
        .unsupported,
        "no network of the pipeline could be measured alone on this machine, so that nothing says how much slower the node '\(node.name)' is: run 'ridley place' on the node itself"
      )
    }
    self.node = NodeScale(
      name: node.name, cores: node.cores, memoryBytes: node.memoryBytes, ratio: there / here, quiet: node.quiet)
  }
}

extension Centre {
  /// What a node of its fleet said last.
  public func node(_ name: String) throws(Fault) -> EdgeNode {
    let value = try document("/v1/fleet/nodes/\(CentreAddress.encoded(name))") { [address] answer in
      let why = CentreAnswer.fault(answer, address)
      return answer.status == 404 ? Fault(.notFound, "\(why.message) ('ridley fleet status' lists nodes)") : why
    }
    return try EdgeNode(name, value)
  }
}

/// A node in the place of this machine, in a forecast.
public struct NodeScale: Sendable, Hashable {
  public var name: String
  public var cores: Int
  public var memoryBytes: Int?
  /// Its processor seconds for what takes one here, as the inferences of the pipeline's networks show.
  public var ratio: Double
  /// Seconds since it said so.
  public var quiet: Double

  public init(name: String, cores: Int, memoryBytes: Int? = nil, ratio: Double, quiet: Double = 0) {
    (self.name, self.cores, self.memoryBytes, self.ratio, self.quiet) = (name, cores, memoryBytes, ratio, quiet)
  }

  /// What was measured here, as it would be there: as many processors as were busy here work there at most, and no more than it has.
  func scaled(_ own: PlacementFigures.Edge) -> PlacementFigures.Edge {
    let busy = own.seconds > 0 ? own.processorSeconds / own.seconds : 0
    let longer = ratio * max(1, busy / Double(cores))
    var scaled = PlacementFigures.Edge(
      seconds: own.seconds * longer, processorSeconds: own.processorSeconds * ratio)
    scaled.paces = own.paces.map { $0 * longer }
    return scaled
  }
}
