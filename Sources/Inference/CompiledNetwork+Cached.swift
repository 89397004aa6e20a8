public import Base
internal import COpenVINO
internal import Glibc

/// Compiled networks that outlive the process, found by a name that the caller vouches for.
///
/// The engine's own cache must read the whole network first to know whether it is the same; for small networks that is
/// longer than everything else before the first answer.
extension CompiledNetwork {
  /// Takes the network that was kept under `name`, or reads, compiles and keeps it.
  ///
  /// `name` stands for the network's files, what is put in front of it, the machine and the engine: the same name must
  /// mean the same, and different things different names. Without a name, or without a folder of the engine's for it,
  /// nothing is kept. What is not trusted is not taken, but made anew. `read` also says in the options what the input is made of.
  public static func load(
    _ name: String?, isTrusted: Bool = true, with options: CompileOptions, on engine: Engine,
    read: (inout CompileOptions) throws(Fault) -> Network
  ) throws(Fault) -> CompiledNetwork {
    if isTrusted, let name, let kept = kept(name, for: options, on: engine) { return kept }
    var whole = options
    let network = try read(&whole)
    let compiled = try CompiledNetwork(
      network, with: whole, cacheFolder: name == nil ? engine.cacheFolder : nil, on: engine)
    if let name { compiled.keep(as: name, for: options, on: engine) }
    return compiled
  }

  /// What ``keep(as:for:on:)`` left, ready to run; `nil` where there is nothing, or nothing of use.
  ///
  /// `name` stands for the network, its input and the machine: the same name must mean the same.
  static func kept(_ name: String, for options: CompileOptions, on engine: Engine) -> CompiledNetwork? {
    guard let blob = path(name, options, engine).flatMap(MappedFile.init) else { return nil }
    let streams = streams(options)
    do {
      // Settings go to an import through its core only, so it has one of its own; the copies keep it alive.
      let core = try Engine.makeCore()
      try Properties(options, threads: threads(options, streams: streams), cacheFolder: nil).set(
        on: core, options.device)
      guard let copy = blob.imported(options.device, on: core) else { return nil }
      let (inputs, outputs) = try (ports(of: copy, .input), ports(of: copy, .output))
      return try CompiledNetwork([copy], of: streams, inputs: inputs, outputs: outputs, options, core: core, file: blob)
    } catch {
      return nil
    }
  }

  /// Keeps it for the next process; a disk that is full is no reason to fail.
  func keep(as name: String, for options: CompileOptions, on engine: Engine) {
    guard let path = Self.path(name, options, engine) else { return }
    let staging = "\(path).part-\(getpid())"
    guard unsafe ov_compiled_model_export_model(copies[0].raw, staging) == OK else {
      try? FileSystem.remove(staging)
      return
    }
    do { try FileSystem.move(staging, to: path) } catch { try? FileSystem.remove(staging) }
  }

  private enum Side { case input, output }

  private static func ports(of model: Handle, _ side: Side) throws(EngineError) -> [TensorSpec] {
    var count = 0
    switch side {
    case .input: try unsafe check("ov_compiled_model_inputs_size", ov_compiled_model_inputs_size(model.raw, &count))
    case .output: try unsafe check("ov_compiled_model_outputs_size", ov_compiled_model_outputs_size(model.raw, &count))
    }
    return try (0..<count).map { (index) throws(EngineError) in
      var port: OpaquePointer?
      switch side {
      case .input:
        try unsafe check("ov_compiled_model_input_by_index", ov_compiled_model_input_by_index(model.raw, index, &port))
      case .output:
        try unsafe check(
          "ov_compiled_model_output_by_index", ov_compiled_model_output_by_index(model.raw, index, &port))
      }
      defer { unsafe ov_output_const_port_free(port) }
      return unsafe try Network.spec(of: port!, fallback: side == .input ? "input\(index)" : "output\(index)")
    }
  }

  private static func path(_ name: String, _ options: CompileOptions, _ engine: Engine) -> String? {
    let threads = threads(options, streams: streams(options))
    return engine.cacheFolder.map { "\($0)/\(name)-\(options.precision.rawValue)-\(threads)-\(options.batch).blob" }
  }
}

/// A file as memory, read by the system when it is touched.
///
/// What is imported from it reads its weights there, so it lives as long as they do; all copies share it.
@safe
final class MappedFile: @unchecked Sendable {  // never written
  private let bytes: UnsafeMutableRawPointer
  private let count: Int

  init?(_ path: String) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var info = stat()
    guard unsafe fstat(file, &info) == 0, info.st_size > 0 else { return nil }
    count = Int(info.st_size)
    guard let mapped = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), unsafe mapped != MAP_FAILED else {
      return nil
    }
    unsafe bytes = mapped
  }

  deinit { unsafe munmap(bytes, count) }

  /// A copy of the network in the file; `nil` where the engine refuses.
  func imported(_ device: String, on core: Handle) -> Handle? {
    var made: OpaquePointer?
    let bytes = unsafe bytes.assumingMemoryBound(to: CChar.self)
    guard unsafe ov_core_import_model(core.raw, bytes, count, device, &made) == OK, let made = unsafe made else {
      return nil
    }
    return unsafe Handle(made, free: ov_compiled_model_free)
  }
}
