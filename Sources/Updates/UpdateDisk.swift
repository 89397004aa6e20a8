public import Base
internal import Crypto
internal import Glibc

/// The file system as updates use it: each call is one operation, so that a test can end the world after any of them.
///
/// What was written is safe from a loss of power once ``sync(file:)`` has returned, and a name once ``sync(folder:)`` has.
public protocol UpdateDisk: Sendable {
  /// One folder, whose own folder is there; one that is there stays.
  func makeFolder(_ path: String) throws(Fault)
  /// Names in a folder; none where it is missing.
  func list(_ path: String) throws(Fault) -> [String]
  /// `nil` where there is no such file.
  func byteCount(of path: String) throws(Fault) -> Int?
  func read(_ path: String) throws(Fault) -> [UInt8]
  func digest(of path: String) throws(Fault) -> String
  /// A file with these bytes, in place of one that is there.
  func create(_ path: String, _ bytes: [UInt8]) throws(Fault)
  func append(_ bytes: [UInt8], to path: String) throws(Fault)
  func makeExecutable(_ path: String) throws(Fault)
  func sync(file path: String) throws(Fault)
  func sync(folder path: String) throws(Fault)
  /// In one step, in place of a file or link that is there.
  func move(_ source: String, to target: String) throws(Fault)
  /// A second name for a file, in place of none.
  func link(_ source: String, to target: String) throws(Fault)
  /// A link that leads to a path, which is meant from the link's folder.
  func pointLink(_ path: String, to target: String) throws(Fault)
  /// Where a link leads; `nil` where there is none.
  func target(ofLink path: String) throws(Fault) -> String?
  /// A file, a link, or a folder with all that is in it; what is not there is fine.
  func remove(_ path: String) throws(Fault)
  func freeByteCount(in folder: String) throws(Fault) -> Int
  func wholeByteCount(in folder: String) throws(Fault) -> Int
}

/// The system's own.
public struct SystemDisk: UpdateDisk {
  public init() {}

  public func makeFolder(_ path: String) throws(Fault) {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError.last.fault("make the folder", path) }
  }

  public func list(_ path: String) throws(Fault) -> [String] {
    FileSystem.isThere(path) ? try FileSystem.list(path) : []
  }

  public func byteCount(of path: String) throws(Fault) -> Int? {
    FileSystem.isThere(path) ? try FileSystem.byteCount(of: path) : nil
  }

  public func read(_ path: String) throws(Fault) -> [UInt8] { try FileSystem.read(path) }
  public func digest(of path: String) throws(Fault) -> String { try SHA256.hex(ofFile: path) }

  public func create(_ path: String, _ bytes: [UInt8]) throws(Fault) {
    try write(bytes, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW)
  }

  public func append(_ bytes: [UInt8], to path: String) throws(Fault) {
    try write(bytes, path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
  }

  private func write(_ bytes: [UInt8], _ path: String, _ flags: Int32) throws(Fault) {
    let file = open(path, flags, 0o644)
    guard file >= 0 else { throw SystemError.last.fault("write", path) }
    defer { close(file) }
    do { try Descriptor.write(bytes.span.bytes, to: file) } catch { throw error.fault("write", path) }
  }

  public func makeExecutable(_ path: String) throws(Fault) {
    guard chmod(path, 0o755) == 0 else { throw SystemError.last.fault("change the mode of", path) }
  }

  public func sync(file path: String) throws(Fault) {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { throw SystemError.last.fault("write", path) }
    defer { close(file) }
    guard fsync(file) == 0 || errno == EINVAL else { throw SystemError.last.fault("write", path) }
  }

  public func sync(folder path: String) throws(Fault) { try FileSystem.sync(folder: path) }
  public func move(_ source: String, to target: String) throws(Fault) { try FileSystem.move(source, to: target) }

  public func link(_ source: String, to target: String) throws(Fault) {
    guard Glibc.link(source, target) == 0 else { throw SystemError.last.fault("write", target) }
  }

  public func pointLink(_ path: String, to target: String) throws(Fault) {
    guard symlink(target, path) == 0 else { throw SystemError.last.fault("write", path) }
  }

  public func target(ofLink path: String) throws(Fault) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  public func remove(_ path: String) throws(Fault) {
    FileSystem.removeTree(path)
    guard !FileSystem.isThere(path) else { throw Fault(.denied, "\(path) cannot be removed") }
  }

  public func wholeByteCount(in folder: String) throws(Fault) -> Int { try FileSystem.wholeByteCount(in: folder) }
  public func freeByteCount(in folder: String) throws(Fault) -> Int { try FileSystem.freeByteCount(in: folder) }
}
