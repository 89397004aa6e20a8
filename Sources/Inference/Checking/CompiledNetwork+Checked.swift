internal import Base

/// Engines are checked, not believed: see `docs/decisions/checked-engines.md`.
extension CompiledNetwork {
  /// Compiles a network, and lets its own runtime answer a few inputs beside the engine, where that was not done before on this machine.
  ///
  /// Where the answers are apart the engine is not used: the network's own runtime takes its place, or where that is what runs it, runs
  /// it as the file says, without its optimisations. `name` stands for the network, its input and the machine.
  ///
  /// - Throws: `unsupported` with the figures where the engine was asked for by its name.
  static func verified(
    _ network: consuming Network, _ name: String?, with options: CompileOptions, on engine: Engine, note: String?
  ) throws(Fault) -> CompiledNetwork {
    let (own, isOpen) = (network.own, network.otherwise != nil)
    if options.cuda != nil, network.isOfOpenVINO {
      guard isOpen, let own, own.runtime.choice == .onnxruntime else {
        throw Fault(.unsupported, "NVIDIA's devices run ONNX networks alone, by ONNX Runtime")
      }
      let other = Network(try own.runtime.open(own.path), own: own)
      return try verified(other, name, with: options, on: engine, note: note)
    }
    let kept = name.flatMap { engine.checks.find(key($0, options, .openvino)) }
      .flatMap { $0.isOf(Engine.fullName, own) ? $0 : nil }
    if let kept, kept.verdict == .wrong, network.isOfOpenVINO {
      return try elsewhere(isOpen ? own : nil, kept, name, with: options, on: engine, note: note)
    }
    let compiled = try CompiledNetwork(network, with: options, on: engine, note: note)
    let check = compiled.compared(name, own, options, on: engine)
    guard check.verdict == .wrong, let own else { return compiled.with(check) }
    if compiled.runtime != .openvino {
      return try plain(own, check, with: options, on: engine, note: note, compiled.notes)
    }
    return try elsewhere(isOpen ? own : nil, check, name, with: options, on: engine, note: note)
  }

  /// What was found before, or is found now.
  private func compared(
    _ name: String?, _ own: OtherRuntime?, _ options: CompileOptions, on engine: Engine
  ) -> NetworkCheck {
    let key = name.map { Self.key($0, options, runtime) }
    if let kept = key.flatMap({ engine.checks.find($0) }), kept.isOf(self.engine, own) { return kept }
    guard let own, own.isInstalled else { return CheckRun(self, own, options, on: engine).result() }
    let mark = key.flatMap { engine.checks.begin($0, with: own.fullName) }
    if let mark, mark.unended >= Engine.comparisons {
      return .unchecked(
        self.engine, own.fullName,
        because: "comparing it with \(own.fullName) did not end, several times: it crashed, hung or took all memory")
    }
    engine.comparing?()
    let check = CheckRun(self, own, options, on: engine).result()
    if let key, check.verdict != .unchecked { engine.checks.keep(check, as: key) }
    mark?.end()
    return check
  }

  private static func key(_ name: String, _ options: CompileOptions, _ runtime: EngineChoice) -> String {
    "\(name)-\(options.precision.rawValue)-\(options.batch)-\(runtime.rawValue)"
  }

  /// OpenVINO was found wrong: in the network's own runtime, where the choice is open.
  private static func elsewhere(
    _ own: OtherRuntime?, _ check: NetworkCheck, _ name: String?, with options: CompileOptions, on engine: Engine,
    note: String?
  ) throws(Fault) -> CompiledNetwork {
    guard let own else { throw check.fault }
    return try verified(try own.open(because: check.fault), name, with: options, on: engine, note: note)
  }

  /// As the file says: slower, and right by what is called right here.
  private static func plain(
    _ own: OtherRuntime, _ check: NetworkCheck, with options: CompileOptions, on engine: Engine, note: String?,
    _ notes: [String]
  ) throws(Fault) -> CompiledNetwork {
    var options = options
    options.isPlain = true
    let network = Network(try own.runtime.open(own.path), own: own)
    let compiled = try CompiledNetwork(network, with: options, on: engine, note: note)
    let told = "it runs without \(own.runtime.name)'s optimisations, with which \(check.reason)"
    // Its answers are those that it was compared with.
    var right = NetworkCheck(.right, "\(compiled.engine) without optimisations")
    (right.reference, right.probes, right.output) = (check.reference, check.probes, check.output)
    return compiled.with(right, notes: notes + [told])
  }
}

extension NetworkCheck {
  /// It is about this version of an engine, and if its own runtime was what it was compared with, about the version that is here.
  fileprivate func isOf(_ engine: String, _ own: OtherRuntime?) -> Bool {
    guard self.engine == engine else { return false }
    guard let own, reference.hasPrefix(own.runtime.name), let version = own.runtime.installedVersion else {
      return true
    }
    return reference.hasPrefix("\(own.runtime.name) \(version)")
  }
}
