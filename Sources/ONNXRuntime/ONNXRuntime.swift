public import Base
public import Inference

/// The runtime that ONNX comes from; its library stands in the engine's folder, or in the checkout's `.deps/onnxruntime`.
public final class ONNXRuntime: NetworkRuntime {
  private let file: RuntimeFile
  /// Opened once; what it failed with stays, for a library does not come while a program runs.
  private let library = Monitor<Result<RuntimeLibrary, Fault>?>(nil)

  /// Looks for the library in the folders, in their order.
  public init(folders: [String] = RuntimeFile.folders("onnxruntime")) {
    file = RuntimeFile("libonnxruntime.so.", in: folders)
  }

  public var choice: EngineChoice { .onnxruntime }
  public var name: String { "ONNX Runtime" }

  /// As the library's file has it in its name: `libonnxruntime.so.1.32.0`.
  public var installedVersion: String? { file.version }

  public func open(_ path: String) throws(Fault) -> any OpenNetwork { try OpenedNetwork(path, in: try opened()) }

  /// The library, opened by whoever comes first.
  func opened() throws(Fault) -> RuntimeLibrary {
    let result = library.update { library in
      if let library { return library }
      let made = Result { () throws(Fault) in
        guard let path = file.path else {
          throw Fault(
            .unavailable,
            "ONNX Runtime is not installed: run ./bootstrap in a checkout, or install a ridley that has it")
        }
        return try RuntimeLibrary(path)
      }
      library = made
      return made
    }
    return try result.get()
  }
}
