public import Base
public import Insights

/// A catalogue in a folder of its own: one file, written beside itself and moved into place, so that readers see the old one or the new one.
public struct CatalogueStore: Sendable {
  public let folder: String

  public init(_ folder: String) { self.folder = folder }

  /// In a folder that was named; else in the one of ridley's home.
  public init(at folder: String?) throws(Fault) {
    guard let place = folder ?? Self.usualFolder else {
      throw Fault(.usage, "there is no home for a catalogue: name its folder, or set RIDLEY_HOME")
    }
    self.init(place)
  }

  public static var usualFolder: String? { Home.folder.map { "\($0)/catalogue" } }

  /// The file; it need not be there.
  public var path: String { CatalogueFile.path(in: folder) }

  /// - Throws: `notFound` where there is none, with the way to make one; `badInput` where it is damaged.
  public func read() throws(Fault) -> Catalogue { try read(CatalogueFile.read) }

  /// As people look at it, without the numbers that products are found by; faults as for ``read()``.
  public func shelf() throws(Fault) -> CatalogueShelf {
    try read { (bytes) throws(Fault) in try CatalogueShelf(bytes) }
  }

  /// `nil` where there is none.
  public func readIfThere() throws(Fault) -> Catalogue? { try readIfThere(CatalogueFile.read) }

  private func read<Value>(_ decode: ([UInt8]) throws(Fault) -> Value) throws(Fault) -> Value {
    guard let value = try readIfThere(decode) else {
      throw Fault(
        .notFound, "there is no catalogue in \(folder): 'ridley catalogue add PICTURES --catalogue \(folder)' makes one"
      )
    }
    return value
  }

  private func readIfThere<Value>(_ decode: ([UInt8]) throws(Fault) -> Value) throws(Fault) -> Value? {
    guard FileSystem.kind(of: path) != nil else { return nil }
    let bytes = try FileSystem.read(path, limit: CatalogueFile.largest)
    do { return try decode(bytes) } catch { throw error.at(path) }
  }

  /// Changes it, alone: who changes it at the same time waits.
  public func update<Result>(
    _ change: (inout Catalogue?) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try FileSystem.makeFolder(folder)
    let lock = try FolderLock(folder, against: "somebody else who changes the catalogue in \(folder)") { true }
    defer { withExtendedLifetime(lock) {} }
    var catalogue = try readIfThere()
    let result = try change(&catalogue)
    if let catalogue { try FileSystem.write(CatalogueFile.bytes(catalogue), to: path, isDurable: true) }
    return result
  }
}
