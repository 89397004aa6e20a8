public import Base

/// A network compiled for a device: immutable, shared by whoever runs it.
public final class CompiledNetwork: Sendable {
  /// What runs it.
  enum Copies: Sendable {
    case compiled(CompiledCopies)
    /// Another runtime's, one for each stream.
    case elsewhere([any BatchRunner])
    /// One for each device; each has all of its copies.
    case several([CompiledNetwork])
  }

  /// What compiling a network gives.
  struct Made {
    var copies: Copies
    var inputs: [TensorSpec]
    var outputs: [TensorSpec]
    /// Of each copy.
    var threads: Int
    var precision: String
    var runtime = EngineChoice.openvino
    var engine: String
  }

  let copies: Copies
  /// What it takes: for a picture `[N, height, width, channels]` bytes.
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  /// The shape of some output is known only once it has run.
  let hasOpenOutputs: Bool
  /// Inferences at the same time.
  public let streams: Int
  public let batch: Int
  /// Of each copy.
  let threads: Int
  /// The engine that runs it, never `auto`; and its name with the version: `OpenVINO 2026.4.1-22982`.
  public let runtime: EngineChoice
  public let engine: String
  /// What the device computes in, as the engine reports it.
  public let precision: String
  /// What its user should know of how it was compiled; each a sentence for a person.
  public let notes: [String]
  /// How its answers compare with those of the network's own runtime; `nil` where nobody looked.
  public let checked: NetworkCheck?
  /// Which values it does not carry; the same.
  public var limits: [String] { runtime.carriesWholeNumbers ? [] : ValueRange.limits(inputs: inputs, outputs: outputs) }

  /// Compiles; the network's shapes are settled here.
  ///
  /// One that was read for ``EngineChoice/auto``, and that OpenVINO does not compile, is compiled by the runtime of its format.
  /// - Throws: `unsupported` with the operator's or the input's name where it cannot run.
  public convenience init(_ network: consuming Network, with options: CompileOptions, on engine: Engine) throws(Fault) {
    try self.init(network, with: options, on: engine, note: nil)
  }

  /// `note` stands first among the ``notes``.
  convenience init(
    _ network: consuming Network, with options: CompileOptions, on engine: Engine, note: String?
  ) throws(Fault) {
    if let defect = network.defect { throw network.otherwise?.missing(defect) ?? defect }
    try Self.refuseStrayInputs(network.inputs, options)
    let (made, own) = try Self.made(network, options, on: engine)
    try self.init(made, options, notes: [note, own].compactMap { $0 })
  }

  init(_ made: Made, _ options: CompileOptions, notes: [String] = [], check: NetworkCheck? = nil) throws(Fault) {
    checked = check
    (copies, inputs, outputs, threads) = (made.copies, made.inputs, made.outputs, made.threads)
    (precision, runtime, engine, batch) = (made.precision, made.runtime, made.engine, options.batch)
    streams = Self.streams(options)
    self.notes = notes + Self.notes(threads: threads, asked: Self.threads(options, streams: streams))
    hasOpenOutputs = outputs.contains(where: \.isDynamic)
    try refuseMixedBatch()
  }

  /// The same, with what was found of its answers.
  func with(_ check: NetworkCheck, notes: [String]? = nil) -> CompiledNetwork {
    CompiledNetwork(self, check, notes ?? self.notes)
  }

  private init(_ other: CompiledNetwork, _ check: NetworkCheck, _ notes: [String]) {
    (copies, inputs, outputs, hasOpenOutputs) = (other.copies, other.inputs, other.outputs, other.hasOpenOutputs)
    (streams, batch, threads, runtime) = (other.streams, other.batch, other.threads, other.runtime)
    (engine, precision, self.notes, checked) = (other.engine, other.precision, notes, check)
  }

  /// One network on several devices, which run it at the same time: each keeps its copies, in their order.
  ///
  /// All of them are made now. `notes` stand first.
  public init(together networks: [CompiledNetwork], notes: [String]) {
    precondition(!networks.isEmpty, "a network runs somewhere")
    for network in networks { while network.addCopy() != nil {} }
    let first = networks[0]
    copies = networks.count == 1 ? first.copies : .several(networks)
    (inputs, outputs, batch, threads) = (first.inputs, first.outputs, first.batch, first.threads)
    (precision, engine) = (first.precision, Self.together(networks.map(\.engine)))
    hasOpenOutputs = networks.contains(where: \.hasOpenOutputs)
    streams = networks.reduce(0) { $0 + $1.streams }
    // What one of them does not carry cannot be promised.
    runtime = networks.first { !$0.runtime.carriesWholeNumbers }?.runtime ?? first.runtime
    checked = networks.compactMap(\.checked).first { $0.verdict != .right } ?? first.checked
    self.notes = notes + Self.together(networks.flatMap(\.notes), as: [])
  }

  private static func together(_ names: [String]) -> String { together(names, as: []).joined(separator: ", ") }

  /// Each once, in their order.
  private static func together(_ words: [String], as kept: [String]) -> [String] {
    words.reduce(into: kept) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Copies that can run now.
  public var readyCopies: Int {
    switch copies {
    case .compiled(let copies): copies.ready.count
    case .elsewhere(let runners): runners.count
    case .several(let networks): networks.reduce(0) { $0 + $1.readyCopies }
    }
  }

  /// It was kept by an earlier compilation, and not compiled by this one.
  public var isFromCache: Bool {
    switch copies {
    case .compiled(let copies): copies.file != nil
    case .elsewhere: false
    case .several(let networks): networks.allSatisfy(\.isFromCache)
    }
  }

  /// Makes the next copy, if one is missing and can be made, and says which it is; others use those that are there.
  func addCopy() -> Int? { if case .compiled(let copies) = copies { copies.add(upTo: streams) } else { nil } }

  /// What runs batches on a copy, for one thread at a time.
  func runner(copy: Int) throws(Fault) -> CopyRunner.Engine {
    switch copies {
    case .compiled(let copies): return .here(try InferenceSlot(self, on: copies.ready[copy]))
    case .elsewhere(let runners): return .elsewhere(runners[copy])
    case .several:
      let (network, own) = place(of: copy)
      return try network.runner(copy: own)
    }
  }

  /// Which network a copy is of, and its number there.
  func place(of copy: Int) -> (network: CompiledNetwork, copy: Int) {
    guard case .several(let networks) = copies else { return (self, copy) }
    var rest = copy
    for network in networks {
      if rest < network.readyCopies { return (network, rest) }
      rest -= network.readyCopies
    }
    preconditionFailure("a copy has a network")
  }

  static func streams(_ options: CompileOptions) -> Int {
    options.streams ?? CompileOptions.usualStreams(cores: Processor.count)
  }

  /// Threads of each copy.
  static func threads(_ options: CompileOptions, streams: Int) -> Int {
    max(1, (options.threads ?? Processor.count) / streams)
  }

  private static func notes(threads: Int, asked: Int) -> [String] {
    let more = "each copy runs on \(threads) threads, because the engine cannot compile this network for one"
    return threads > asked ? [more] : []
  }

  private func refuseMixedBatch() throws(Fault) {
    guard batch > 1 else { return }
    // The batch is open, so what has a fixed first dimension does not follow it.
    for output in outputs where output.shape.isEmpty || output.shape[0] != nil {
      throw Fault(
        .unsupported,
        "output '\(output.name)' \(output.shapeText) is not one row an input: run this network with batch 1")
    }
  }
}
