public import Base

/// Keys in `keys.json`: what `ridley key` changes and a server reads.
///
/// Written whole, under a lock, for its owner's eyes alone. A file that is not there is an empty list.
public struct KeyFile: KeyStore {
  public let path: String

  public init(_ path: String) { self.path = path }

  public var place: String { path }

  public func revision() -> String { FileSystem.stamp(of: path)?.whole ?? "none" }

  public func read() throws(Fault) -> KeyList {
    guard FileSystem.isThere(path) else { return KeyList() }
    guard !FileSystem.isOpenToOthers(path) else {
      throw Fault(
        .denied, "\(path) may be written by others than its owner, who could let anybody in: run 'chmod 600 \(path)'")
    }
    return try KeyList(try FileSystem.read(path), name: path)
  }

  /// A caller that waits is asked ten times a second whether to go on.
  public func change<Result>(
    stillWanted: () -> Bool, _ body: (inout KeyList) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    let folder = FileSystem.folder(of: path)
    try FileSystem.makeFolder(folder)
    let lock = try FolderLock(folder, against: "somebody else who changes \(path)", stillWanted: stillWanted)
    FileSystem.removeLeftovers(of: path)
    var list = try read()
    let result = try body(&list)
    try FileSystem.write(list.bytes, to: path, isSecret: true)
    _ = consume lock
    return result
  }
}
