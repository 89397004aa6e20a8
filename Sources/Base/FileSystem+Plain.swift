internal import Glibc

extension FileSystem {
  /// Opens a plain file to be read, and tells its length; the descriptor is the caller's.
  ///
  /// Folders, pipes, sockets and devices are refused and never waited for: a reader of a pipe that stands in a file's place would wait
  /// for its writer for ever, and everything behind the reader with it.
  public static func openPlain(_ path: String) throws(Fault) -> (descriptor: Int32, byteCount: Int) {
    try checkPlain(path)
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else { throw SystemError.last.fault("read", path) }
    var info = stat()
    guard fstat(file, &info) == 0 else {
      defer { close(file) }
      throw SystemError.last.fault("read", path)
    }
    guard info.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw notPlain(path, info.st_mode & S_IFMT == S_IFDIR ? .folder : .other)
    }
    return (file, Int(info.st_size))
  }

  /// Refuses what is there and no plain file, without opening it: that alone is an act with some devices.
  public static func checkPlain(_ path: String) throws(Fault) {
    guard let kind = kind(of: path) else { throw SystemError.last.fault("read", path) }
    guard kind == .file else { throw notPlain(path, kind) }
  }

  private static func notPlain(_ path: String, _ kind: Kind) -> Fault {
    guard kind == .other else { return Fault(.badInput, "\(path) is a folder, not a file") }
    return Fault(.badInput, "\(path) is a pipe, a socket or a device, not a file: put a plain file there")
  }

  /// Whether anything has the name, a link that leads nowhere included.
  public static func isThere(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0
  }

  /// Whether others than its owner may write the file.
  public static func isOpenToOthers(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & 0o022 != 0
  }

  /// Takes away what is left beside `path` of writes whose process was killed; what one that lives is writing stays.
  public static func removeLeftovers(of path: String) {
    let (folder, start) = (folder(of: path), "\(name(of: path)).part-")
    for name in (try? list(folder)) ?? [] where name.hasPrefix(start) {
      if isWriterGone(name.dropFirst(start.count)) { unlink("\(folder)/\(name)") }
    }
  }

  /// `mark` is what a staging name has behind `.part-`: it begins with the number of the process that wrote.
  static func isWriterGone(_ mark: Substring) -> Bool {
    guard let writer = pid_t(mark.prefix { $0.isNumber }), writer > 0 else { return false }
    return kill(writer, 0) != 0 && errno == ESRCH
  }
}
