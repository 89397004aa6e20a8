public import Base
public import Inference

/// The runtime that TensorFlow Lite comes from; its library stands in the engine's folder, or in the checkout's `.deps/litert`.
public final class LiteRT: NetworkRuntime {
  private let file: RuntimeFile
  /// Opened once; what it failed with stays, for a library does not come while a program runs.
  private let library = Monitor<Result<LiteLibrary, Fault>?>(nil)

  /// Looks for the library in the folders, in their order.
  public init(folders: [String] = RuntimeFile.folders("litert")) { file = RuntimeFile("libLiteRt.so.", in: folders) }

  public var choice: EngineChoice { .litert }
  public var name: String { "LiteRT" }

  /// As the library's file has it in its name: `libLiteRt.so.2.3.0`.
  public var installedVersion: String? { file.version }

  public func open(_ path: String) throws(Fault) -> any OpenNetwork { try LiteNetwork(path, in: try opened()) }

  /// The library, opened by whoever comes first.
  func opened() throws(Fault) -> LiteLibrary {
    let result = library.update { library in
      if let library { return library }
      let made = Result { () throws(Fault) in
        guard let path = file.path, let version = file.version else {
          throw Fault(
            .unavailable, "LiteRT is not installed: run ./bootstrap in a checkout, or install a ridley that has it")
        }
        return try LiteLibrary(path, version)
      }
      library = made
      return made
    }
    return try result.get()
  }
}
