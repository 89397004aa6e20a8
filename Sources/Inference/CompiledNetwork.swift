public import Base
internal import COpenVINO
internal import Glibc

/// A network compiled for a device: immutable, shared by whoever runs it.
public final class CompiledNetwork: Sendable {
  /// One compiled copy for each stream: see `docs/decisions/one-stream-a-copy.md`.
  ///
  /// Of a cached network only the first is there from the start; ``addCopy()`` brings the others.
  private let list: Monitor<[Handle]>
  /// Held by whoever makes a copy.
  private let making = Monitor(())
  /// Kept alive as long as what was compiled with it.
  private let core: Handle
  /// Where the weights are and further copies come from, if the network was cached.
  let file: CachedBlob?
  private let device: String
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
  /// What the device computes in, as the engine reports it.
  public let precision: String
  /// What its user should know of how it was compiled; each a sentence for a person.
  public let notes: [String]
  /// Which values it does not carry; the same.
  public var limits: [String] { ValueRange.limits(inputs: inputs, outputs: outputs) }

  /// Compiles; the network's shapes are settled here.
  ///
  /// - Throws: `unsupported` with the operator's or the input's name where it cannot run.
  public convenience init(_ network: consuming Network, with options: CompileOptions, on engine: Engine) throws(Fault) {
    try self.init(network, with: options, on: engine, note: nil)
  }

  /// `note` stands first among the ``notes``.
  convenience init(
    _ network: consuming Network, with options: CompileOptions, on engine: Engine, note: String?
  ) throws(Fault) {
    if let defect = network.defect { throw defect }
    try Self.refuseStrayInputs(network.inputs, pictureOnly: options.picture != nil)
    let shapes = try Self.shapes(for: network.inputs, options)
    try network.reshape(shapes)
    let whole = try Self.prepared(network, for: options.picture)
    let streams = Self.streams(options)
    var threads = Self.threads(options, streams: streams)
    var copies = [try Self.compileFirst(whole, options, threads: &threads, on: engine)]
    do throws(EngineError) {
      while copies.count < streams { copies.append(try Self.compile(whole, options, threads: threads, on: engine)) }
    } catch { throw EngineErrorText.fault(error, step: "compile") }
    try self.init(
      copies, of: streams, threads: threads, inputs: whole.inputs, outputs: whole.outputs, options, core: engine.core,
      note: note)
  }

  init(
    _ copies: [Handle], of streams: Int, threads: Int, inputs: [TensorSpec], outputs: [TensorSpec],
    _ options: CompileOptions, core: Handle, file: CachedBlob? = nil, note: String? = nil
  ) throws(Fault) {
    list = Monitor(copies)
    (self.streams, self.threads, self.core, self.file, device) = (streams, threads, core, file, options.device)
    (self.inputs, self.outputs, batch) = (inputs, outputs, options.batch)
    notes =
      (note.map { [$0] } ?? [])
      + Self.notes(threads: threads, asked: Self.threads(options, streams: streams))
    hasOpenOutputs = outputs.contains(where: \.isDynamic)
    precision = Self.property("INFERENCE_PRECISION_HINT", of: copies[0]) ?? options.precision.rawValue
    try refuseMixedBatch()
  }

  /// The copies that are there.
  var copies: [Handle] { list.update { $0 } }

  /// Copies that can run now.
  public var readyCopies: Int { copies.count }

  /// It was kept by an earlier compilation, and not compiled by this one.
  public var isFromCache: Bool { file != nil }

  /// Makes the next copy, if one is missing and can be made, and says which it is; others use those that are there.
  func addCopy() -> Int? {
    making.update { _ in
      guard let file, copies.count < streams, let copy = file.imported(device, on: core) else { return nil }
      return list.update { list in
        list.append(copy)
        return list.count - 1
      }
    }
  }

  static func streams(_ options: CompileOptions) -> Int {
    options.streams ?? CompileOptions.usualStreams(cores: Processor.count)
  }

  /// Threads of each copy.
  static func threads(_ options: CompileOptions, streams: Int) -> Int {
    max(1, (options.threads ?? Processor.count) / streams)
  }

  private static func prepared(
    _ network: consuming Network, for picture: PictureInput?
  ) throws(Fault) -> Network {
    guard let picture else { return network }
    return try Preprocessing.wrap(network, for: picture)
  }

  /// Compiles one copy, with two threads where the engine cannot do it for one.
  ///
  /// For one thread it generates code that holds more values at once; of some quantised networks more than a processor has registers
  /// for (2026.4.1).
  private static func compileFirst(
    _ network: borrowing Network, _ options: CompileOptions, threads: inout Int, on engine: Engine
  ) throws(Fault) -> Handle {
    do throws(EngineError) {
      do throws(EngineError) { return try compile(network, options, threads: threads, on: engine) } catch {
        guard threads == 1, error.words.contains("Not enough gp registers") else { throw error }
        threads = 2
        return try compile(network, options, threads: threads, on: engine)
      }
    } catch { throw EngineErrorText.fault(error, step: "compile") }
  }

  private static func compile(
    _ network: borrowing Network, _ options: CompileOptions, threads: Int, on engine: Engine
  ) throws(EngineError) -> Handle {
    let properties = Properties(options, threads: threads)
    var made: OpaquePointer?
    try checkAlone("ov_core_compile_model_props") {
      unsafe properties.lend { list in
        unsafe ov_core_compile_model_props(
          engine.core.raw, network.raw, options.device, list.count, list.baseAddress, &made)
      }
    }
    return unsafe Handle(made!, free: ov_compiled_model_free)
  }

  private static func notes(threads: Int, asked: Int) -> [String] {
    let more = "each copy runs on \(threads) threads, because the engine cannot compile this network for one"
    return threads > asked ? [more] : []
  }

  /// Nothing but the picture can be fed, and text cannot be fed at all.
  private static func refuseStrayInputs(_ inputs: [TensorSpec], pictureOnly: Bool) throws(Fault) {
    for input in inputs where input.element == .string {
      throw Fault(
        .unsupported,
        "the network's input '\(input.name)' takes text or has no type, so it cannot be fed; export the network without it"
      )
    }
    guard !pictureOnly || inputs.count == 1 else {
      let names = inputs.map(\.name).joined(separator: ", ")
      throw Fault(.unsupported, "the network takes \(inputs.count) inputs (\(names)), and a picture can feed only one")
    }
  }

  /// The first dimension is the batch; a picture's sides fill what the file leaves open.
  private static func shapes(for inputs: [TensorSpec], _ options: CompileOptions) throws(Fault) -> [[ClosedRange<Int>]]
  {
    try inputs.map { (input) throws(Fault) in
      var shape = input.shape
      if let picture = options.picture, shape.count == 4 || shape == [nil] {
        if shape == [nil] { shape = [nil, nil, nil, nil] }  // the file does not even say how many dimensions
        let sides =
          picture.channelsFirst
          ? [picture.channels, picture.height, picture.width] : [picture.height, picture.width, picture.channels]
        for (offset, side) in sides.enumerated() { shape[1 + offset] = side }
      }
      guard let first = shape.first else {
        guard options.batch == 1 else {
          throw Fault(
            .unsupported, "input '\(input.name)' is one number for a whole batch: run this network with batch 1")
        }
        return []
      }
      if options.picture != nil || first == nil { shape[0] = 1 }
      guard !shape.contains(nil) else { throw openSides(input, isPicture: options.picture != nil) }
      return shape.enumerated().map { index, side in
        index == 0 && options.batch > 1 ? 1...options.batch : side!...side!
      }
    }
  }

  private static func openSides(_ input: TensorSpec, isPicture: Bool) -> Fault {
    let what = "the network leaves dimensions of '\(input.name)' open (\(input.shapeText))"
    guard !isPicture else { return Fault(.badInput, "\(what): say its width and height") }
    return Fault(
      .badInput,
      "\(what), and of a plain tensor only the first side may be: export it with the other sides fixed, or where it takes pictures say its width and height in a manifest"
    )
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

  private static func property(_ name: String, of model: Handle) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    guard unsafe ov_compiled_model_get_property(model.raw, name, &value) == OK, unsafe value != nil else { return nil }
    defer { unsafe ov_free(value) }
    return unsafe String(cString: value!)
  }
}

/// Compile options in the library's form: names and values as C strings, alive for one call.
struct Properties {
  private var pairs: [(String, String)]

  init(_ options: CompileOptions, threads: Int) {
    pairs = [("PERFORMANCE_HINT", "LATENCY"), ("NUM_STREAMS", "1"), ("INFERENCE_NUM_THREADS", "\(threads)")]
    // Copies know nothing of each other: pinned, they would all sit on the first cores.
    pairs.append(("ENABLE_CPU_PINNING", "NO"))
    if options.precision != .auto { pairs.append(("INFERENCE_PRECISION_HINT", options.precision.rawValue)) }
  }

  /// Makes them the settings of whatever a core does with a device from now on.
  func set(on core: Handle, _ device: String) throws(EngineError) {
    let status = unsafe lend { unsafe ov_core_set_properties(core.raw, device, $0.count, $0.baseAddress) }
    try check("ov_core_set_properties", status)
  }

  func lend<Result>(_ body: (UnsafeBufferPointer<ov_property_t>) -> Result) -> Result {
    let names = unsafe pairs.map { unsafe (strdup($0.0), strdup($0.1)) }
    defer {
      for index in unsafe names.indices {
        unsafe free(names[index].0)
        unsafe free(names[index].1)
      }
    }
    let list = unsafe names.map { unsafe ov_property_t(key: $0.0, value: $0.1) }
    return unsafe list.withUnsafeBufferPointer(body)
  }
}
