import Base
import Glibc

/// What stands in a folder, with names of any bytes.
enum FolderEntries {
  struct Entry {
    /// As ``FileName`` writes it.
    var text: String
    /// A folder itself; a link to one is neither that nor a file.
    var isFolder: Bool
    var isFile: Bool
  }

  /// In the order of their bytes.
  static func list(_ folder: String) throws(Fault) -> [Entry] {
    let opened = FileName.bytes(of: folder).withCString { opendir($0) }
    guard let opened else { throw SystemError.last.fault("list", FileName.shown(folder)) }
    defer { closedir(opened) }
    var entries: [(bytes: [UInt8], entry: Entry)] = []
    while let found = readdir(opened) {
      let bytes = withUnsafeBytes(of: &found.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard bytes != [46], bytes != [46, 46] else { continue }
      let path = FileName.bytes(of: folder) + [47] + bytes
      entries.append((bytes, entry(FileName.text(bytes), path)))
    }
    return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.entry)
  }

  private static func entry(_ name: String, _ path: [UInt8]) -> Entry {
    var (own, meant) = (stat(), stat())
    guard path.withCString({ lstat($0, &own) == 0 && stat($0, &meant) == 0 }) else {
      return Entry(text: name, isFolder: false, isFile: true)
    }
    return Entry(text: name, isFolder: own.st_mode & S_IFMT == S_IFDIR, isFile: meant.st_mode & S_IFMT == S_IFREG)
  }
}

extension [UInt8] {
  /// The bytes as the system wants names: with a zero behind them.
  func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (self + [0]).withUnsafeBufferPointer { $0.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) } }
  }
}
