public import Base
internal import COpenVINO
internal import COpenVINOOperators
internal import NetworkFormats

/// The inference engine: reads network files and compiles them for a device, with OpenVINO, or where that does not run a network with
/// the runtime of its format.
///
/// One for the whole process; safe to use from any thread.
public final class Engine: Sendable {
  /// The library's core object; OpenVINO says that its calls are thread safe.
  let core: Handle
  private let runtimes: [any NetworkRuntime]
  /// What was found of networks' answers.
  let checks: CheckLedger
  /// Called before answers are compared, which another runtime may not survive.
  let comparing: (@Sendable () -> Void)?

  /// Caches compiled networks in `cacheFolder` between runs; `nil` caches none, and so does a folder that cannot be made.
  ///
  /// `runtimes` run what OpenVINO does not; none is opened before a network wants it. `comparing` is called before answers of one are
  /// compared with another's, for whoever should know if the process does not survive that.
  public init(
    cacheFolder: String?, runtimes: [any NetworkRuntime] = [], comparing: (@Sendable () -> Void)? = nil
  ) throws(Fault) {
    (self.runtimes, self.comparing) = (runtimes, comparing)
    // With neither, the engine's plugin looks for processors for ever.
    guard ["/sys/devices/system/cpu/cpu0", "/proc/cpuinfo"].contains(where: { FileSystem.kind(of: $0) != nil }) else {
      throw Fault(
        .unavailable,
        "the inference engine cannot tell what processors there are: mount /sys or /proc and run this again")
    }
    do {
      core = try Self.makeCore()
      try unsafe check("ov_core_add_extension", ov_status_e(ridley_add_operators(core.raw)))
    } catch {
      throw Fault(.unavailable, "the inference engine does not start; run ./bootstrap again", cause: error.words)
    }
    self.cacheFolder = cacheFolder.flatMap { folder in (try? FileSystem.makeFolder(folder)).map { folder } }
    checks = CheckLedger(folder: self.cacheFolder)
    if let folder = self.cacheFolder { FileSystem.removeStaging(in: folder) }
  }

  static func makeCore() throws(EngineError) -> Handle {
    var made: OpaquePointer?
    try unsafe check("ov_core_create", ov_core_create(&made))
    return unsafe Handle(made!, free: ov_core_free)
  }

  /// Where compiled networks really are cached.
  public let cacheFolder: String?

  /// The library's own version and build, such as `2026.4.1-22982`.
  public static var version: String {
    var version = unsafe ov_version_t()
    guard unsafe ov_get_openvino_version(&version) == OK else { return "unknown" }
    defer { unsafe ov_version_free(&version) }
    return unsafe version.buildNumber.map { unsafe String(cString: $0) } ?? "unknown"
  }

  /// The same with its name, as notes and reports have it.
  static var fullName: String { "OpenVINO \(version)" }

  /// Every engine that may run a network here, with its version; no library is opened for it.
  public var versions: [String] {
    [Self.fullName] + runtimes.compactMap { runtime in runtime.installedVersion.map { "\(runtime.name) \($0)" } }
  }

  /// Bytes of one input or output, at most: what is made for more would not end, or end with the machine's memory.
  static let mostBytes = 1 << 32

  private static func refuseHuge(_ port: TensorSpec) throws(Fault) {
    // Open sides count once; an empty one makes the others no smaller.
    let count = TensorSpec.elementCount(of: port.shape.map { max(1, $0 ?? 1) }) ?? .max
    guard count > mostBytes / max(1, port.element.byteCount) else { return }
    throw Fault(
      .unsupported,
      "the network's '\(port.name)' is said to be \(port.shapeText), which is more than \(mostBytes >> 30) GiB: export it with the sides that it has"
    )
  }

  /// Reads a network: an ONNX, TFLite, IR (`.xml`), frozen TensorFlow (`.pb`) or Paddle file, or a SavedModel folder.
  ///
  /// With ``EngineChoice/auto``, one that OpenVINO does not read or computes wrongly is left to the runtime of its format. What the
  /// chosen engine computes wrongly is known then, and told by ``Network/defect``.
  /// - Throws: `notFound`, `badInput` where the file is damaged, `unsupported` where it holds what cannot run here.
  public func read(_ path: String, by choice: EngineChoice = .auto) throws(Fault) -> Network {
    let contents = try NetworkFile.inspect(path)
    guard choice == .auto || choice == .openvino else { return try open(path, contents, by: choice) }
    let own = own(path, contents)
    let otherwise = choice == .auto ? own : nil
    let reason: Fault
    do throws(Fault) {
      let graph = try graph(path, contents)
      // Weights that are damaged are so for every engine.
      guard let otherwise, otherwise.isInstalled, let defect = graph.defect, defect.kind == .unsupported else {
        return Network(graph, own: own, isOpen: choice == .auto)
      }
      reason = defect
    } catch {
      guard OtherRuntime.takes(error) else { throw error }
      reason = error
    }
    guard let otherwise else { throw reason }
    return try checked(try otherwise.open(because: reason))
  }

  /// OpenVINO's reading.
  private func graph(_ path: String, _ contents: NetworkContents) throws(Fault) -> Graph {
    if case .tensorFlowLite(let file) = contents { try NetworkFile.refuseExternalBuffers(file) }
    var made: OpaquePointer?
    do {
      try checkAlone("ov_core_read_model") { unsafe ov_core_read_model(core.raw, path, nil, &made) }
    } catch {
      let missing = error.isUnread ? EngineLibrary.frontEnds(for: contents).lazy.compactMap(\.fault).first : nil
      throw missing ?? EngineErrorText.fault(error, step: "read")
    }
    let graph = unsafe try Graph(adopting: made!, contents)
    for port in graph.inputs + graph.outputs { try Self.refuseHuge(port) }
    return graph
  }

  /// The runtime that a format comes from.
  private func runtime(for contents: NetworkContents) -> (any NetworkRuntime)? {
    switch contents {
    case .onnx: runtimes.first { $0.choice == .onnxruntime }
    case .tensorFlowLite: runtimes.first { $0.choice == .litert }
    case .openVINO, .other: nil
    }
  }

  private func own(_ path: String, _ contents: NetworkContents) -> OtherRuntime? {
    runtime(for: contents).map { OtherRuntime(runtime: $0, path: path, arithmetic: NetworkArithmetic(contents)) }
  }

  /// A network was not checked for want of a runtime, or by the fault of a version of it, and another is here now.
  func canCheck(_ check: NetworkCheck?) -> Bool {
    guard let check, check.verdict == .unchecked else { return false }
    return runtimes.contains { runtime in
      guard check.reference.hasPrefix(runtime.name), let version = runtime.installedVersion else { return false }
      return check.reference != "\(runtime.name) \(version)"
    }
  }

  /// The engines that run files of a network's format and are installed, OpenVINO first.
  public func choices(for path: String) throws(Fault) -> [EngineChoice] {
    let own = runtime(for: try NetworkFile.inspect(path))
    return [.openvino] + [own].compactMap(\.self).filter { $0.installedVersion != nil }.map(\.choice)
  }

  /// In the engine that was asked for.
  private func open(_ path: String, _ contents: NetworkContents, by choice: EngineChoice) throws(Fault) -> Network {
    guard let wanted = runtimes.first(where: { $0.choice == choice }) else {
      throw Fault(.unsupported, "this program cannot run networks with \(choice.rawValue)")
    }
    guard let own = own(path, contents), own.runtime.choice == choice else {
      throw Fault(
        .unsupported, "\(wanted.name) does not run networks of this format: leave the engine out, or say openvino")
    }
    return try checked(Network(try wanted.open(path), own: own))
  }

  private func checked(_ network: consuming Network) throws(Fault) -> Network {
    for port in network.inputs + network.outputs { try Self.refuseHuge(port) }
    return network
  }
}

/// One object of the library that is freed once, when nobody uses it any more.
@safe
final class Handle: @unchecked Sendable {  // set once; the library guards what it points to
  let raw: OpaquePointer
  private let free: (OpaquePointer?) -> Void

  @unsafe
  init(_ raw: OpaquePointer, free: @escaping (OpaquePointer?) -> Void) {
    unsafe (self.raw, self.free) = (raw, free)
  }

  deinit { unsafe free(raw) }
}
