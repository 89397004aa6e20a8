internal import Glibc

/// Files and folders, with the system's refusals told as faults that name the path and the way out.
public enum FileSystem {
  public enum Kind: Sendable { case file, folder, other }

  /// What stands at `path`, or `nil` where nothing does.
  public static func kind(of path: String) -> Kind? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    switch info.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  public static func byteCount(of path: String) throws(Fault) -> Int {
    var info = stat()
    guard stat(path, &info) == 0 else { throw SystemError.last.fault("read", path) }
    return Int(info.st_size)
  }

  /// What the file system says of a file, by which it is known again.
  public struct Stamp: Sendable {
    /// Device and inode.
    public let place: String
    /// Length, time of the last write and of the last change of anything, in nanoseconds since 1970.
    public let state: String
    /// Seconds since that change.
    public let age: Double

    /// Place and state together: another where the file was written to, or another stands in its place.
    public var whole: String { "\(place) \(state)" }
  }

  /// `nil` where nothing stands at `path`.
  public static func stamp(of path: String) -> Stamp? {
    var (info, now) = (stat(), timespec())
    guard stat(path, &info) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0 else { return nil }
    let nanoseconds = { (time: timespec) in time.tv_sec * 1_000_000_000 + time.tv_nsec }
    let changed = nanoseconds(info.st_ctim)
    return Stamp(
      place: "\(info.st_dev)-\(info.st_ino)", state: "\(info.st_size) \(nanoseconds(info.st_mtim)) \(changed)",
      age: Double(nanoseconds(now) - changed) / 1e9)
  }

  /// The whole file; refused when it is longer than `limit` bytes.
  public static func read(_ path: String, limit: Int = 64 << 20) throws(Fault) -> [UInt8] {
    let (file, byteCount) = try openPlain(path)
    defer { close(file) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(limit, byteCount))
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count: Int
      do { count = try Descriptor.read(file, into: &chunk) } catch { throw error.fault("read", path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= limit else { throw Fault(.badInput, "\(path) is longer than \(limit) bytes") }
    }
  }

  /// Writes beside the target, then moves into place: afterwards the old file stands there or the whole new one, also where
  /// several threads or processes write it.
  ///
  /// What is durable outlives a loss of power that comes after the answer; a secret is durable too, and for its owner's
  /// eyes alone.
  public static func write(
    _ bytes: [UInt8], to path: String, isDurable: Bool = false, isSecret: Bool = false
  ) throws(Fault) {
    try write(bytes, to: path, by: staging(for: path), isDurable: isDurable, isSecret: isSecret)
  }

  static func write(
    _ bytes: [UInt8], to path: String, by staging: String, isDurable: Bool = false, isSecret: Bool = false
  ) throws(Fault) {
    do {
      let sink = try FileSink(staging, named: path, mode: isSecret ? 0o600 : 0o666)
      try sink.write(bytes)
      try sink.finish(syncing: isDurable || isSecret)
      try move(staging, to: path)
    } catch {
      unlink(staging)
      throw error
    }
    if isDurable || isSecret { try sync(folder: folder(of: path)) }
  }

  /// A name beside `path` that no other writer has, for what is moved there once it is whole.
  ///
  /// It says which process made it, so that what a process left that ended in the middle is found: ``removeStaging(in:)``.
  public static func staging(for path: String) -> String {
    "\(path).part-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
  }

  /// Takes away what writers left in a folder that ended in the middle: of processes that are gone, or older than an hour.
  public static func removeStaging(in folder: String) {
    for name in (try? list(folder)) ?? [] {
      guard let mark = name.firstRange(of: ".part-") else { continue }
      let path = "\(folder)/\(name)"
      guard isWriterGone(name[mark.upperBound...]) || stamp(of: path).map({ $0.age > 3600 }) ?? false else { continue }
      unlink(path)
    }
  }

  /// Waits until the disk has the names of a folder; file systems that know no such thing have them at once.
  public static func sync(folder: String) throws(Fault) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw SystemError.last.fault("write", folder) }
  }

  /// Bytes that the file system of a folder still takes.
  public static func freeByteCount(in folder: String) throws(Fault) -> Int {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { throw SystemError.last.fault("write", folder) }
    let free = Int(clamping: facts.f_bavail).multipliedReportingOverflow(by: Int(clamping: facts.f_frsize))
    return free.overflow ? .max : free.partialValue
  }

  /// Bytes that the file system of a folder has, free or not.
  public static func wholeByteCount(in folder: String) throws(Fault) -> Int {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { throw SystemError.last.fault("read", folder) }
    let all = Int(clamping: facts.f_blocks).multipliedReportingOverflow(by: Int(clamping: facts.f_frsize))
    return all.overflow ? .max : all.partialValue
  }

  /// Makes the folder and the folders above it.
  public static func makeFolder(_ path: String) throws(Fault) {
    var partial = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + part
      if mkdir(partial, 0o777) == 0 { continue }
      guard errno == EEXIST else { throw SystemError.last.fault("make the folder", partial) }
      guard kind(of: partial) == .folder else {
        throw Fault(.badInput, "\(partial) is a file, and a folder is needed there: choose another place")
      }
    }
  }

  /// Names inside a folder, sorted, without `.` and `..`.
  public static func list(_ path: String) throws(Fault) -> [String] {
    guard let folder = opendir(path) else { throw SystemError.last.fault("list", path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Hands the whole file on, piece by piece.
  public static func copy(_ path: String, into sink: FileSink) throws(Fault) {
    try forEachBlock(of: path) { (block) throws(Fault) in try sink.write(Array(block)) }
  }

  /// Reads the whole file from front to back, up to a mebibyte at a time.
  public static func forEachBlock(
    of path: String, _ body: (ArraySlice<UInt8>) throws(Fault) -> Void
  ) throws(Fault) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw SystemError.last.fault("read", path) }
    defer { close(file) }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count: Int
      do { count = try Descriptor.read(file, into: &chunk) } catch { throw error.fault("read", path) }
      if count == 0 { return }
      try body(chunk[..<count])
    }
  }

  /// Reads so many bytes of a file, from one place on.
  ///
  /// - Throws: `badInput` where it ends before them.
  public static func read(_ path: String, part: Range<Int>) throws(Fault) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw SystemError.last.fault("read", path) }
    defer { close(file) }
    guard lseek(file, part.lowerBound, SEEK_SET) >= 0 else { throw SystemError.last.fault("read", path) }
    var (bytes, block) = ([UInt8](), [UInt8](repeating: 0, count: min(part.count, 1 << 20)))
    bytes.reserveCapacity(part.count)
    while bytes.count < part.count {
      let count: Int
      do { count = try Descriptor.read(file, into: &block) } catch { throw error.fault("read", path) }
      guard count > 0 else { throw Fault(.badInput, "\(path) ends before byte \(part.upperBound)") }
      bytes += block[..<min(count, part.count - bytes.count)]
    }
    return bytes
  }

  /// Moves within one file system, replacing what stands there, in one step.
  public static func move(_ source: String, to target: String) throws(Fault) {
    guard rename(source, target) == 0 else { throw SystemError.last.fault("write", target) }
  }

  /// Takes one file away; what is not there is fine.
  public static func remove(_ path: String) throws(Fault) {
    guard unlink(path) == 0 || errno == ENOENT else { throw SystemError.last.fault("remove", path) }
  }

  /// Takes a folder away with all that is in it, as far as that may be; links go, and not what they lead to.
  public static func removeTree(_ path: String) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFDIR else { return _ = unlink(path) }
    for name in (try? list(path)) ?? [] { removeTree("\(path)/\(name)") }
    rmdir(path)
  }

  /// The path from the root, without links.
  ///
  /// An empty one is this folder; one that is not there stays as it is.
  public static func absolute(_ path: String) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard realpath(path.isEmpty ? "." : path, &buffer) != nil else { return path }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Last part of a path: `a/b.mp4` gives `b.mp4`.
  public static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    let name = path[path.index(after: slash)...]
    return name.isEmpty ? path.split(separator: "/").last.map(String.init) ?? path : String(name)
  }

  /// Everything before the last part, `.` where there is nothing before it.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
