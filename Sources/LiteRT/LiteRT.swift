public import Base
public import Inference

/// The runtime that TensorFlow Lite comes from; its library stands in the engine's folder, or in the checkout's `.deps/litert`.
public final class LiteRT: NetworkRuntime {
  private let file: RuntimeFile
  private let library: RuntimeOpener<LiteLibrary>

  /// Looks for the library in the folders, in their order.
  public init(folders: [String] = RuntimeFile.folders("litert")) {
    file = RuntimeFile("libLiteRt.so.", in: folders)
    library = RuntimeOpener(LiteLibrary.title, file) { (path, version) throws(Fault) in try LiteLibrary(path, version) }
  }

  public var choice: EngineChoice { .litert }
  public var name: String { LiteLibrary.title }

  /// As the library's file has it in its name: `libLiteRt.so.2.3.0`.
  public var installedVersion: String? { file.version }

  public func open(_ path: String) throws(Fault) -> any OpenNetwork { try LiteNetwork(path, in: try opened()) }

  /// The library, opened by whoever comes first.
  func opened() throws(Fault) -> LiteLibrary { try library.opened() }
}
