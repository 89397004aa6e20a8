public import Base
public import Inference

/// The runtime that ONNX comes from; its library stands in the engine's folder, or in the checkout's `.deps/onnxruntime`.
public final class ONNXRuntime: NetworkRuntime {
  private let file: RuntimeFile
  private let library: RuntimeOpener<RuntimeLibrary>

  /// Looks for the library in the folders, in their order.
  public init(folders: [String] = RuntimeFile.folders("onnxruntime")) {
    file = RuntimeFile("libonnxruntime.so.", in: folders)
    library = RuntimeOpener(RuntimeLibrary.title, file) { (path, _) throws(Fault) in try RuntimeLibrary(path) }
  }

  public var choice: EngineChoice { .onnxruntime }
  public var name: String { RuntimeLibrary.title }

  /// As the library's file has it in its name: `libonnxruntime.so.1.32.0`.
  public var installedVersion: String? { file.version }

  public func open(_ path: String) throws(Fault) -> any OpenNetwork { try OpenedNetwork(path, in: try opened()) }

  /// The library, opened by whoever comes first.
  func opened() throws(Fault) -> RuntimeLibrary { try library.opened() }
}
