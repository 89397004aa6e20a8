internal import Base

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
}
