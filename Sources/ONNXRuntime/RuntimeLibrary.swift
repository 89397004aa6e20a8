internal import Base
internal import CONNXRuntime
internal import Glibc
internal import Inference

/// The library, opened for as long as the program runs: its functions, and what all networks in it share.
@safe
final class RuntimeLibrary: @unchecked Sendable {  // set once; ONNX Runtime says that its environment is thread safe
  let functions: OrtApi
  /// `1.32.0`.
  let version: String
  let environment: OpaquePointer
  /// Says that tensors lie in ordinary memory.
  let memory: OpaquePointer
  /// Which frees the names that it gives.
  let allocator: OpaquePointer

  /// The version of its interface: ONNX Runtime 1.N has version N, and all before it.
  static let interface = 31
  /// Only what ends the process is told on standard error; all else comes back as an error.
  private static let fatalOnly: Int32 = 4

  /// - Throws: `unavailable` where it does not load, or is older than the interface that is used here.
  init(_ path: String) throws(Fault) {
    let handle = unsafe try RuntimeFile.load(path, of: Self.title)
    guard let symbol = unsafe dlsym(handle, "OrtGetApiBase") else {
      throw Self.unusable(path, "it has no OrtGetApiBase")
    }
    let base = unsafe unsafeBitCast(symbol, to: OrtGetApiBaseFunction.self)
    guard let table = unsafe base() else { throw Self.unusable(path, "it gives no interface") }
    version = unsafe table.pointee.GetVersionString().map { unsafe String(cString: $0) } ?? ""
    // Asked for a version that it does not have, it complains to standard error.
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    guard numbers.count >= 2, numbers[0] == 1, numbers[1] >= Self.interface,
      let functions = unsafe table.pointee.GetApi(UInt32(Self.interface))
    else { throw Self.unusable(path, "it is version \(version), and 1.\(Self.interface) or newer is needed") }
    self.functions = unsafe functions.pointee
    do throws(RuntimeError) {
      unsafe (environment, memory, allocator) = unsafe try Self.makeShared(functions.pointee)
    } catch { throw Self.unusable(path, error.words) }
  }

  @unsafe
  private static func makeShared(_ functions: OrtApi) throws(RuntimeError) -> (
    OpaquePointer, OpaquePointer, OpaquePointer
  ) {
    // It would send reports of its use to its maker, and keep a name of this machine in a file: the variable stops both from the start,
    // the function what versions do that do not know it. The first variable that is added leaves the list that others read in its place.
    _ = unsafe setenv("ORT_DISABLE_TELEMETRY", "1", 1)
    var (environment, memory, allocator): (OpaquePointer?, OpaquePointer?, OpaquePointer?) = (nil, nil, nil)
    unsafe try functions.check("CreateEnv", functions.CreateEnv(fatalOnly, "ridley", &environment))
    unsafe try functions.check("DisableTelemetryEvents", functions.DisableTelemetryEvents(environment))
    // An ordinary allocator, for memory of the processor's own.
    unsafe try functions.check("CreateCpuMemoryInfo", functions.CreateCpuMemoryInfo(0, 0, &memory))
    unsafe try functions.check("GetAllocatorWithDefaultOptions", functions.GetAllocatorWithDefaultOptions(&allocator))
    return unsafe (environment!, memory!, allocator!)
  }

  /// What people call it.
  static let title = "ONNX Runtime"

  private static func unusable(_ path: String, _ words: String) -> Fault {
    RuntimeFile.unusable(path, of: title, words)
  }

  var name: String { "\(Self.title) \(version)" }
}
