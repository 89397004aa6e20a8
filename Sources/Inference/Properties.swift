internal import Base
internal import COpenVINO
internal import Glibc

/// Compile options in the library's form: names and values as C strings, alive for one call.
struct Properties {
  private var pairs: [(String, String)]

  init(_ options: CompileOptions, threads: Int) {
    pairs = [("PERFORMANCE_HINT", "LATENCY"), ("NUM_STREAMS", "1"), ("INFERENCE_NUM_THREADS", "\(threads)")]
    // Copies know nothing of each other: pinned, they would all sit on the first cores.
    pairs.append(("ENABLE_CPU_PINNING", "NO"))
    // Weights that are kept in few bits: else the engine cuts what they are multiplied by to eight bits as well.
    if options.precision == .f32, options.device == "CPU" { pairs.append(("DYNAMIC_QUANTIZATION_GROUP_SIZE", "0")) }
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
