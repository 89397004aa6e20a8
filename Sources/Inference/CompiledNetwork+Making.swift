internal import Base
internal import COpenVINO

/// How a network is compiled: its shapes settled, what pictures need put in front of it, one copy for each stream.
extension CompiledNetwork {
  /// Compiles with the engine that the network was read by, else with its own runtime; with what its user should know of that.
  static func made(
    _ network: consuming Network, _ options: CompileOptions, on engine: Engine
  ) throws(Fault) -> (Made, note: String?) {
    let (otherwise, note, known) = (network.otherwise, network.note, network.refusal)
    let shapes = try shapes(for: network.inputs, options)
    let fault: Fault
    do throws(Fault) { return (try made(network, shapes, options, on: engine), note) } catch { fault = error }
    guard let otherwise, OtherRuntime.takes(fault) else { throw fault }
    // OpenVINO refused it when it was read, and now the other does too.
    if let known { throw otherwise.refusal(known, fault) }
    let other = try otherwise.open(because: fault)
    let otherNote = other.note
    do throws(Fault) { return (try made(other, shapes, options, on: engine), otherNote) } catch {
      throw otherwise.refusal(fault, error)
    }
  }

  private static func made(
    _ network: consuming Network, _ shapes: [[ClosedRange<Int>]], _ options: CompileOptions, on engine: Engine
  ) throws(Fault) -> Made {
    switch consume network.content {
    case .graph(let graph): return try made(graph, shapes, options, on: engine)
    case .elsewhere(let open): return try made(open, shapes, options)
    }
  }

  /// Another runtime computes as the file says, on the processor.
  private static func made(
    _ network: any OpenNetwork, _ shapes: [[ClosedRange<Int>]], _ options: CompileOptions
  ) throws(Fault) -> Made {
    guard options.precision != .bf16 else {
      throw Fault(
        .unsupported, "\(network.engine) computes in the precision of the network's file: bf16 is for OpenVINO")
    }
    guard options.openSides == nil || network.choice != .litert else {
      throw Fault(.unsupported, "\(network.engine) wants every side of its inputs fixed, and those of texts are open")
    }
    guard options.device == "CPU" || options.cuda != nil && network.choice == .onnxruntime else {
      throw Fault(.unsupported, "\(network.engine) runs on the CPU here, and not on '\(options.device)'")
    }
    let runners = try runners(of: network, shapes, options)
    return Made(
      copies: .elsewhere(runners), inputs: runners[0].inputs, outputs: runners[0].outputs,
      threads: threads(options, streams: streams(options)), precision: "f32", runtime: network.choice,
      engine: network.engine)
  }

  /// What runs it, one for each stream.
  static func runners(of network: any OpenNetwork, _ options: CompileOptions) throws(Fault) -> [any BatchRunner] {
    try runners(of: network, try shapes(for: network.inputs, options), options)
  }

  private static func runners(
    of network: any OpenNetwork, _ shapes: [[ClosedRange<Int>]], _ options: CompileOptions
  ) throws(Fault) -> [any BatchRunner] {
    let streams = streams(options)
    var setting = RuntimeSetting(
      shapes: shapes.map { sides in sides.map { $0.count == 1 ? $0.lowerBound : nil } }, streams: streams,
      threads: threads(options, streams: streams), batch: options.batch, isPlain: options.isPlain)
    setting.cuda = options.cuda
    let runners = try network.compile(setting)
    guard let picture = options.picture else { return runners }
    return try runners.map { (runner) throws(Fault) in try PictureRunner(runner, picture) }
  }

  private static func made(
    _ network: consuming Graph, _ shapes: [[ClosedRange<Int>]], _ options: CompileOptions, on engine: Engine
  ) throws(Fault) -> Made {
    try network.reshape(shapes)
    if let picture = options.picture { try network.fix(picture.constants) }
    let whole = try prepared(network, for: options.picture)
    let streams = streams(options)
    var threads = threads(options, streams: streams)
    var copies = [try compileFirst(whole, options, threads: &threads, on: engine)]
    do throws(EngineError) {
      while copies.count < streams { copies.append(try compile(whole, options, threads: threads, on: engine)) }
    } catch { throw EngineErrorText.fault(error, step: "compile") }
    return made(
      CompiledCopies(copies, options.device, core: engine.core), whole.inputs, whole.outputs, threads, options)
  }

  static func made(
    _ copies: CompiledCopies, _ inputs: [TensorSpec], _ outputs: [TensorSpec], _ threads: Int,
    _ options: CompileOptions
  ) -> Made {
    Made(
      copies: .compiled(copies), inputs: inputs, outputs: outputs, threads: threads,
      precision: property("INFERENCE_PRECISION_HINT", of: copies.ready[0]) ?? options.precision.rawValue,
      engine: Engine.fullName)
  }

  private static func prepared(
    _ network: consuming Graph, for picture: PictureInput?
  ) throws(Fault) -> Graph {
    guard let picture else { return network }
    return try Preprocessing.wrap(network, for: picture)
  }

  /// Compiles one copy, with two threads where the engine cannot do it for one.
  ///
  /// For one thread it generates code that holds more values at once; of some quantised networks more than a processor has registers
  /// for (2026.4.1).
  private static func compileFirst(
    _ network: borrowing Graph, _ options: CompileOptions, threads: inout Int, on engine: Engine
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
    _ network: borrowing Graph, _ options: CompileOptions, threads: Int, on engine: Engine
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

  /// Nothing but the picture can be fed, and text cannot be fed at all.
  static func refuseStrayInputs(_ inputs: [TensorSpec], _ options: CompileOptions) throws(Fault) {
    for input in inputs where input.element == .string {
      throw Fault(
        .unsupported,
        "the network's input '\(input.name)' takes text or has no type, so it cannot be fed; export the network without it"
      )
    }
    guard let picture = options.picture else { return }
    let constants = inputs.indices.filter { picture.constant($0) != nil }
    guard inputs.count == constants.count + 1 else {
      let names = inputs.map(\.name).joined(separator: ", ")
      throw Fault(.unsupported, "the network takes \(inputs.count) inputs (\(names)), and a picture can feed only one")
    }
    guard constants.isEmpty || options.batch == 1 else {
      let names = constants.map { "'\(inputs[$0].name)'" }.joined(separator: ", ")
      throw Fault(
        .unsupported,
        "it takes \(names) beside the picture, which is filled in for one alone: run this network with batch 1")
    }
  }

  /// The first dimension is the batch; a picture's sides fill what the file leaves open.
  private static func shapes(for inputs: [TensorSpec], _ options: CompileOptions) throws(Fault) -> [[ClosedRange<Int>]]
  {
    try inputs.enumerated().map { (place, input) throws(Fault) in
      if let constant = options.picture?.constant(place) { return constant.sides.map { $0...$0 } }
      var shape = input.shape
      if let picture = options.picture, shape.count == picture.sides.count + 1 || shape == [nil] {
        let sides = picture.sides
        // The file may not even say how many dimensions there are.
        if shape == [nil] { shape = Array(repeating: nil, count: sides.count + 1) }
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
      let open = options.picture == nil ? options.openSides : nil
      guard !shape.contains(nil) || open != nil else { throw openSides(input, isPicture: options.picture != nil) }
      return shape.enumerated().map { index, side in
        index == 0 && options.batch > 1 ? 1...options.batch : side.map { $0...$0 } ?? open!
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

  private static func property(_ name: String, of model: Handle) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    guard unsafe ov_compiled_model_get_property(model.raw, name, &value) == OK, unsafe value != nil else { return nil }
    defer { unsafe ov_free(value) }
    return unsafe String(cString: value!)
  }
}
