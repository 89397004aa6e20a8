internal import Base
internal import CONNXRuntime
internal import Glibc
internal import Inference

/// A network in the library, ready to run; any number of threads may.
@safe
final class Session: @unchecked Sendable {  // ONNX Runtime says that sessions run on any thread, several at a time
  /// Of what it is made for.
  struct Settings {
    /// Threads of one inference.
    var threads = 1
    /// Left out where the network is only looked at.
    var isOptimized = true
    /// Sides that the file gives a name, such as `batch`, and what they are.
    var sides: [String: Int] = [:]
    /// The number of NVIDIA's device; `nil` is the processor.
    var cuda: Int?
  }

  /// One input or output, with the names of its open sides.
  struct Port: Sendable {
    let spec: TensorSpec
    let sideNames: [String]
  }

  let library: RuntimeLibrary
  let raw: OpaquePointer
  let inputs: [Port]
  let outputs: [Port]

  init(_ path: String, _ settings: Settings, in library: RuntimeLibrary) throws(Fault) {
    self.library = library
    do throws(RuntimeError) { unsafe raw = try Self.make(path, settings, library) } catch {
      throw error.isOfDevice ? error.ofDevice(settings.cuda ?? 0, library.name) : error.fault(in: library.name)
    }
    do throws(Fault) {
      inputs = unsafe try Self.ports(of: raw, .input, library)
      outputs = unsafe try Self.ports(of: raw, .output, library)
    } catch {
      unsafe library.functions.ReleaseSession(raw)
      throw error
    }
  }

  deinit { unsafe library.functions.ReleaseSession(raw) }

  private static func make(
    _ path: String, _ settings: Settings, _ library: RuntimeLibrary
  ) throws(RuntimeError) -> OpaquePointer {
    let functions = library.functions
    var options: OpaquePointer?
    unsafe try functions.check("CreateSessionOptions", functions.CreateSessionOptions(&options))
    defer { unsafe functions.ReleaseSessionOptions(options) }
    unsafe try functions.check("SetSessionLogSeverityLevel", functions.SetSessionLogSeverityLevel(options, 4))
    // Everything (99), or nothing (0).
    unsafe try functions.check(
      "SetSessionGraphOptimizationLevel",
      functions.SetSessionGraphOptimizationLevel(options, settings.isOptimized ? 99 : 0))
    unsafe try functions.check("SetIntraOpNumThreads", functions.SetIntraOpNumThreads(options, Int32(settings.threads)))
    unsafe try functions.check("SetInterOpNumThreads", functions.SetInterOpNumThreads(options, 1))
    // Its threads sleep while they wait: others want the processor.
    unsafe try functions.check(
      "AddSessionConfigEntry", functions.AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"))
    for (name, side) in settings.sides {
      unsafe try functions.check(
        "AddFreeDimensionOverrideByName", functions.AddFreeDimensionOverrideByName(options, name, Int64(side)))
    }
    if let cuda = settings.cuda { unsafe try append(cuda: cuda, to: options, functions) }
    var made: OpaquePointer?
    unsafe try functions.check("CreateSession", functions.CreateSession(library.environment, path, options, &made))
    return unsafe made!
  }

  /// Operators that the device has run there, and the others on the processor.
  @unsafe
  private static func append(
    cuda number: Int, to options: OpaquePointer?, _ functions: OrtApi
  ) throws(RuntimeError) {
    var own: OpaquePointer?
    unsafe try functions.check("CreateCUDAProviderOptions", functions.CreateCUDAProviderOptions(&own))
    defer { unsafe functions.ReleaseCUDAProviderOptions(own) }
    // TF32 would keep ten bits of each number.
    let settings = [("device_id", "\(number)"), ("use_tf32", "0")]
    let (keys, values) = unsafe (settings.map { unsafe strdup($0.0) }, settings.map { unsafe strdup($0.1) })
    defer { unsafe (keys + values).forEach { unsafe free($0) } }
    let (names, words) = unsafe (
      keys.map { unsafe UnsafePointer<CChar>($0) }, values.map { unsafe UnsafePointer<CChar>($0) }
    )
    unsafe try functions.check(
      "UpdateCUDAProviderOptions", functions.UpdateCUDAProviderOptions(own, names, words, settings.count))
    unsafe try functions.check(
      "SessionOptionsAppendExecutionProvider_CUDA_V2",
      functions.SessionOptionsAppendExecutionProvider_CUDA_V2(options, own))
  }

  private enum Side { case input, output }

  private static func ports(of session: OpaquePointer, _ side: Side, _ library: RuntimeLibrary) throws(Fault) -> [Port]
  {
    var ports: [Port?] = []
    do throws(RuntimeError) {
      for index in unsafe 0..<(try count(of: session, side, library.functions)) {
        unsafe ports.append(try port(index, of: session, side, library))
      }
    } catch { throw error.asBug }
    let numbers = ports.compactMap { $0 }
    guard numbers.count == ports.count else {
      throw Fault(
        .unsupported,
        "one of its \(side == .input ? "inputs" : "outputs") is no tensor of numbers but a list, a map or text; export it without"
      )
    }
    return numbers
  }

  private static func count(of session: OpaquePointer, _ side: Side, _ functions: OrtApi) throws(RuntimeError) -> Int {
    var count = 0
    switch side {
    case .input: unsafe try functions.check("SessionGetInputCount", functions.SessionGetInputCount(session, &count))
    case .output: unsafe try functions.check("SessionGetOutputCount", functions.SessionGetOutputCount(session, &count))
    }
    return count
  }

  /// `nil` for one that is no tensor.
  private static func port(
    _ index: Int, of session: OpaquePointer, _ side: Side, _ library: RuntimeLibrary
  ) throws(RuntimeError) -> Port? {
    let functions = library.functions
    var (name, type): (UnsafeMutablePointer<CChar>?, OpaquePointer?) = (nil, nil)
    switch side {
    case .input:
      unsafe try functions.check("SessionGetInputTypeInfo", functions.SessionGetInputTypeInfo(session, index, &type))
    case .output:
      unsafe try functions.check("SessionGetOutputTypeInfo", functions.SessionGetOutputTypeInfo(session, index, &type))
    }
    defer { unsafe functions.ReleaseTypeInfo(type) }
    switch side {
    case .input:
      unsafe try functions.check(
        "SessionGetInputName", functions.SessionGetInputName(session, index, library.allocator, &name))
    case .output:
      unsafe try functions.check(
        "SessionGetOutputName", functions.SessionGetOutputName(session, index, library.allocator, &name))
    }
    let text = unsafe String(cString: name!)
    unsafe try functions.check("AllocatorFree", functions.AllocatorFree(library.allocator, name))
    var tensor: OpaquePointer?
    unsafe try functions.check("CastTypeInfoToTensorInfo", functions.CastTypeInfoToTensorInfo(type, &tensor))
    guard let tensor = unsafe tensor else { return nil }
    return try unsafe port(named: text, tensor, functions)
  }

  @unsafe
  private static func port(
    named name: String, _ tensor: OpaquePointer, _ functions: OrtApi
  ) throws(RuntimeError) -> Port? {
    var element: Int32 = 0
    unsafe try functions.check("GetTensorElementType", functions.GetTensorElementType(tensor, &element))
    guard let known = ElementType(onnx: element), known != .string else { return nil }
    let sides = try unsafe functions.sides(of: tensor)
    var names = unsafe [UnsafePointer<CChar>?](repeating: nil, count: sides.count)
    unsafe try functions.check(
      "GetSymbolicDimensions", functions.GetSymbolicDimensions(tensor, &names, names.count))
    let texts = unsafe names.map { unsafe $0.map { unsafe String(cString: $0) } ?? "" }
    return Port(
      spec: TensorSpec(name: name, shape: sides.map { $0 < 0 ? nil : Int($0) }, element: known), sideNames: texts)
  }
}

extension OrtApi {
  /// Sides of a tensor, -1 where one is open.
  @unsafe
  func sides(of tensor: OpaquePointer) throws(RuntimeError) -> [Int64] {
    var count = 0
    unsafe try check("GetDimensionsCount", GetDimensionsCount(tensor, &count))
    var sides = [Int64](repeating: 0, count: count)
    unsafe try check("GetDimensions", GetDimensions(tensor, &sides, count))
    return sides
  }
}

extension ElementType {
  /// ONNX's numbers for what a tensor holds (`TensorProto.DataType`).
  private static let onnx: [Int32: ElementType] = [
    1: .f32, 2: .u8, 3: .i8, 4: .u16, 5: .i16, 6: .i32, 7: .i64, 8: .string, 9: .bool, 10: .f16, 11: .f64, 12: .u32,
    13: .u64, 16: .bf16,
  ]

  init?(onnx number: Int32) {
    guard let known = Self.onnx[number] else { return nil }
    self = known
  }

  var onnx: Int32 { Self.onnx.first { $0.value == self }?.key ?? 0 }
}
