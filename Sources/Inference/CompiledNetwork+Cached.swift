public import Base
internal import COpenVINO
internal import COpenVINOOperators
internal import Glibc

/// Compiled networks that outlive the process, found by a name that the caller vouches for.
///
/// The engine's own cache must read the whole network first to know whether it is the same; for small networks that is
/// longer than everything else before the first answer.
extension CompiledNetwork {
  /// Takes the network that was cached under `name`, or reads, compiles and caches it.
  ///
  /// `name` stands for the network's files, what is put in front of it, the machine and the engine: the same name must
  /// mean the same, and different things different names. Without a name, or without a folder of the engine's for it,
  /// nothing is cached. With `usesCache` false what is there is not taken, but made anew. `read` also says in the options what the
  /// input is made of. What was cached is verified before it is used; where it is damaged, that is one of the ``notes``, and it is made
  /// anew. `confirm` throws where `name` no longer stands for what was read.
  public static func load(
    _ name: String?, usesCache: Bool = true, with options: CompileOptions, on engine: Engine,
    read: (inout CompileOptions) throws(Fault) -> Network,
    confirm: () throws(Fault) -> Void = {}
  ) throws(Fault) -> CompiledNetwork {
    var (whole, note) = (options, String?.none)
    if usesCache, options.mayBeCached, let name, let cached = cached(name, for: options, on: engine, &note),
      !engine.canCheck(cached.checked)
    {
      return cached
    }
    let network = try read(&whole)
    let compiled = try verified(network, name, with: whole, on: engine, note: note)
    try compiled.checkRows()
    try confirm()
    if let name { compiled.cache(as: name, for: options, on: engine) }
    return compiled
  }

  /// What ``cache(as:for:on:)`` left, ready to run; `nil` where there is nothing, or nothing of use.
  ///
  /// `name` stands for the network, its input and the machine: the same name must mean the same.
  static func cached(
    _ name: String, for options: CompileOptions, on engine: Engine, _ note: inout String?
  ) -> CompiledNetwork? {
    guard let path = path(name, options, engine) else { return nil }
    do throws(Fault) {
      guard let blob = try CachedBlob(path) else { return nil }
      return imported(blob, options)
    } catch {
      note = "\(error.message) (the disk, or a program that wrote there): it was discarded and compiled anew"
      try? FileSystem.remove(path)
      return nil
    }
  }

  private static func imported(_ blob: CachedBlob, _ options: CompileOptions) -> CompiledNetwork? {
    let facts = blob.facts
    do {
      // Settings go to an import through its core only, so it has one of its own; the copies keep it alive.
      let core = try Engine.makeCore()
      try Properties(options, threads: facts.threads).set(on: core, options.device)
      guard let copy = blob.imported(options.device, on: core) else { return nil }
      let (inputs, outputs) = try (ports(of: copy, .input, facts.inputs), ports(of: copy, .output, facts.outputs))
      let copies = CompiledCopies([copy], options.device, core: core, file: blob)
      return try CompiledNetwork(made(copies, inputs, outputs, facts.threads, options), options, check: facts.check)
    } catch {
      return nil
    }
  }

  /// Keeps it for the next process; a disk that is full is no reason to fail.
  ///
  /// It is written under a name that no other writer has, synced, and moved into place.
  func cache(as name: String, for options: CompileOptions, on engine: Engine) {
    guard case .compiled = copies, let path = Self.path(name, options, engine) else { return }
    let staging = FileSystem.staging(for: path)
    guard write(to: staging) else {
      try? FileSystem.remove(staging)
      return
    }
    do {
      try FileSystem.move(staging, to: path)
      try FileSystem.sync(folder: FileSystem.folder(of: path))
    } catch { try? FileSystem.remove(staging) }
  }

  private func write(to staging: String) -> Bool {
    let file = unsafe open(staging, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { return false }
    defer { close(file) }
    guard export(to: file) == 0 else { return false }
    var facts = CachedBlob.Facts(threads: threads, inputs: inputs.map(\.name), outputs: outputs.map(\.name))
    facts.check = checked
    do { try CachedBlob.seal(file, facts) } catch { return false }
    return true
  }

  /// Writes the engine's part; 0, the system's error, or -1.
  func export(to descriptor: Int32) -> Int32 {
    guard case .compiled(let copies) = copies else { return -1 }
    return unsafe ridley_export(copies.ready[0].raw, descriptor)
  }

  private enum Side { case input, output }

  /// With the names that the file had: the compiled network does not tell them apart from others of the same port.
  private static func ports(of model: Handle, _ side: Side, _ names: [String]) throws(EngineError) -> [TensorSpec] {
    var count = 0
    switch side {
    case .input: try unsafe check("ov_compiled_model_inputs_size", ov_compiled_model_inputs_size(model.raw, &count))
    case .output: try unsafe check("ov_compiled_model_outputs_size", ov_compiled_model_outputs_size(model.raw, &count))
    }
    var specs: [TensorSpec] = []
    for index in 0..<count {
      var port: OpaquePointer?
      switch side {
      case .input:
        try unsafe check("ov_compiled_model_input_by_index", ov_compiled_model_input_by_index(model.raw, index, &port))
      case .output:
        try unsafe check(
          "ov_compiled_model_output_by_index", ov_compiled_model_output_by_index(model.raw, index, &port))
      }
      defer { unsafe ov_output_const_port_free(port) }
      specs.append(unsafe try Graph.spec(of: port!, fallback: side == .input ? "input\(index)" : "output\(index)"))
    }
    guard names.count == count else { return specs }
    return zip(names, specs).map { TensorSpec(name: $0, shape: $1.shape, element: $1.element) }
  }

  private static func path(_ name: String, _ options: CompileOptions, _ engine: Engine) -> String? {
    let threads = threads(options, streams: streams(options))
    return engine.cacheFolder.map { "\($0)/\(name)-\(options.precision.rawValue)-\(threads)-\(options.batch).blob" }
  }
}
