public import Base
internal import Glibc

/// The library of another runtime as it stands on the disk: its version is the end of its file's name.
public struct RuntimeFile: Sendable {
  private let stem: String
  private let folders: [String]

  /// `stem` is its name up to the version: `libonnxruntime.so.`.
  public init(_ stem: String, in folders: [String]) { (self.stem, self.folders) = (stem, folders) }

  /// Beside OpenVINO where the program is installed, in a folder of its own where it was built.
  public static func folders(_ name: String) -> [String] {
    [EngineLibrary.folder, "\(EngineLibrary.folder)/../../\(name)"]
  }

  /// In the first folder that has one; the last of several there.
  public var path: String? {
    for folder in folders {
      guard let names = try? FileSystem.list(folder) else { continue }
      if let name = names.filter({ $0.hasPrefix(stem) && $0.count > stem.count }).max() { return "\(folder)/\(name)" }
    }
    return nil
  }

  public var version: String? { path.map { String(FileSystem.name(of: $0).dropFirst(stem.count)) } }

  /// Opens the library at a path, for as long as the program runs; `name` is what people call the runtime.
  ///
  /// - Throws: `unavailable` with the system's reason.
  @unsafe
  public static func load(_ path: String, of name: String) throws(Fault) -> UnsafeMutableRawPointer {
    guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw unusable(
        path, of: name, unsafe dlerror().map { unsafe String(cString: $0) } ?? "the system gives no reason")
    }
    return unsafe handle
  }

  /// Why the library at a path does not do, without its folder.
  public static func unusable(_ path: String, of name: String, _ words: String) -> Fault {
    let reason = words.replacing("\(FileSystem.folder(of: path))/", with: "")
    return Fault(
      .unavailable,
      "\(name) (\(FileSystem.name(of: path))) cannot be used: \(reason); run ./bootstrap, or install ridley again")
  }
}

/// A runtime's library, opened by whoever comes first.
///
/// What it failed with stays, for a library does not come while a program runs. Any thread.
public final class RuntimeOpener<Library: Sendable>: Sendable {
  private let name: String
  private let file: RuntimeFile
  private let open: @Sendable (_ path: String, _ version: String) throws(Fault) -> Library
  private let library = Monitor<Result<Library, Fault>?>(nil)

  /// `name` is what people call the runtime.
  public init(
    _ name: String, _ file: RuntimeFile,
    open: @escaping @Sendable (_ path: String, _ version: String) throws(Fault) -> Library
  ) { (self.name, self.file, self.open) = (name, file, open) }

  /// - Throws: `unavailable` where it is not installed, or does not do.
  public func opened() throws(Fault) -> Library {
    let result = library.update { library in
      if let library { return library }
      let made = Result { () throws(Fault) in
        guard let path = file.path, let version = file.version else {
          throw Fault(
            .unavailable,
            "\(name) is not installed: run ./bootstrap in a checkout, or install a ridley that has it")
        }
        return try open(path, version)
      }
      library = made
      return made
    }
    return try result.get()
  }
}
