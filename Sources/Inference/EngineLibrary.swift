internal import Base
internal import COpenVINOOperators
internal import Glibc
internal import NetworkFormats

/// A library that the engine opens by name only when it needs it.
///
/// It may be missing, or miss another library, where the program itself starts; the engine then goes on as if it did not exist, and
/// calls a good network unknown. Here that is said.
struct EngineLibrary {
  /// What it is for: `the ONNX front end`.
  let name: String
  let file: String

  /// The library that compiles for the processor.
  static let processor = EngineLibrary(name: "the CPU plugin", file: "libopenvino_intel_cpu_plugin.so")

  /// Which of them read a network file with such contents; two where its contents do not tell.
  static func frontEnds(for contents: NetworkContents) -> [EngineLibrary] {
    switch contents {
    case .onnx: [frontEnd("ONNX", "onnx")]
    case .tensorFlowLite: [frontEnd("TensorFlow Lite", "tensorflow_lite")]
    case .openVINO: [frontEnd("OpenVINO IR", "ir")]
    case .other: [frontEnd("TensorFlow", "tensorflow"), frontEnd("Paddle", "paddle")]
    }
  }

  private static func frontEnd(_ format: String, _ short: String) -> EngineLibrary {
    EngineLibrary(name: "the \(format) front end", file: "libopenvino_\(short)_frontend.so\(version)")
  }

  /// Why it cannot be loaded, `nil` where it can; asked for only after the engine failed.
  ///
  /// The system's words without the folder, which is no one's business who asks over a network.
  var fault: Fault? {
    guard let handle = unsafe dlopen("\(Self.folder)/\(file)", RTLD_NOW | RTLD_LOCAL) else {
      let words = unsafe dlerror().map { unsafe String(cString: $0) } ?? "the system gives no reason"
      let reason = words.replacing("\(Self.folder)/", with: "")
      return Fault(
        .unavailable, "\(name) of the inference engine cannot be loaded: \(reason); install ridley again", cause: words)
    }
    _ = unsafe dlclose(handle)
    return nil
  }

  /// The engine's folder, and what stands behind `.so` in the names of its libraries.
  static let (folder, version): (String, String) = {
    let path = unsafe String(cString: ridley_engine_library())
    return (FileSystem.folder(of: path), path.firstRange(of: ".so").map { String(path[$0.upperBound...]) } ?? "")
  }()
}
