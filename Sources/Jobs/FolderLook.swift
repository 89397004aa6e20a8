internal import Base
internal import Glibc

/// A folder of this machine, with all below it.
struct FolderPlace: WatchedPlace {
  let folder: String
  let isMedia: @Sendable (String) -> Bool
  let settling: Double
  let turnSeconds = Double.infinity
  let isRemote = false

  /// All of it is one part.
  func forEachPart(
    after position: String?, tell: (Fault) -> Void, _ body: ([FoundFile]) throws(Fault) -> Bool
  ) throws(Fault) {
    let look = try FolderLook(folder, isMedia: isMedia)
    for fault in look.faults { tell(fault) }
    _ = try body(look.files)
  }

  func read(
    _ file: FoundFile, goesOn: () throws(Fault) -> Bool, _ body: (ArraySlice<UInt8>) throws(Fault) -> Void
  ) throws(Fault) -> Bool {
    try FileSystem.forEachBlock(of: shown(file.inner), body)
    return isSame(file)
  }

  func isBeingWritten(_ file: FoundFile) -> Bool { FolderLook.isBeingWritten(shown(file.inner)) }

  func isSame(_ file: FoundFile) -> Bool {
    FolderLook.file(shown(file.inner), file.inner)?.state == file.state
  }

  /// A disk that is not mounted looks as if all were gone: nothing is forgotten.
  func isGone(_ inner: String) -> Bool { false }
  func shown(_ inner: String) -> String { "\(folder)/\(inner)" }
}

/// What stands in a folder and below it.
struct FolderLook {
  typealias File = FoundFile

  private(set) var files: [File] = []
  /// What could not be looked into.
  private(set) var faults: [Fault] = []
  private let isMedia: (String) -> Bool

  private static let mostDepth = 32

  /// Hidden and temporary names are left out, and links to folders; the fault is that of the folder itself.
  init(_ folder: String, isMedia: @escaping (String) -> Bool) throws(Fault) {
    self.isMedia = isMedia
    try visit(folder, "", depth: 0)
  }

  private mutating func visit(_ folder: String, _ inside: String, depth: Int) throws(Fault) {
    for name in try FileSystem.list(folder) where !Self.isTemporary(name) {
      let (path, inner) = ("\(folder)/\(name)", inside + name)
      var (own, meant) = (stat(), stat())
      guard lstat(path, &own) == 0, stat(path, &meant) == 0 else {
        if name.unicodeScalars.contains("\u{FFFD}") {
          faults.append(
            Fault(.badInput, "a name in \(folder) is no UTF-8: '\(name)' is not taken; give it another one"))
        }
        continue
      }
      if own.st_mode & S_IFMT == S_IFDIR {
        guard depth < Self.mostDepth else { continue }
        do { try visit(path, inner + "/", depth: depth + 1) } catch { faults.append(error) }
      } else if meant.st_mode & S_IFMT == S_IFREG, isMedia(name) {
        files.append(File(inner, meant))
      }
    }
  }

  /// What copying and downloading programs call a file that is not whole.
  static func isTemporary(_ name: String) -> Bool {
    let parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    return name.hasPrefix(".") || name.hasPrefix("~") || name.hasSuffix("~")
      || parts.dropFirst().contains { Self.marks.contains(String($0)) }
  }

  private static let marks: Set<String> = [
    "part", "partial", "tmp", "temp", "crdownload", "download", "filepart", "inprogress",
  ]

  /// The file as it is now; `nil` where it is gone.
  static func file(_ path: String, _ inner: String) -> File? {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG ? File(inner, info) : nil
  }

  /// Whether a program of this machine has the file open for writing, where the system tells.
  static func isBeingWritten(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else { return false }
    defer { close(file) }
    // A lease to read is given where nothing writes. Of one that begins to write meanwhile the system tells by a signal: by one that ends no process.
    let (setSignal, setLease) = (Int32(10), Int32(1024))
    guard fcntl(file, setSignal, SIGURG) == 0 else { return false }
    guard fcntl(file, setLease, Int32(F_RDLCK)) == 0 else { return errno == EAGAIN }
    _ = fcntl(file, setLease, Int32(F_UNLCK))
    return false
  }
}

extension FoundFile {
  fileprivate init(_ inner: String, _ info: stat) {
    let nanoseconds = { (time: timespec) in time.tv_sec * 1_000_000_000 + time.tv_nsec }
    (self.inner, byteCount) = (inner, Int(info.st_size))
    content = "\(info.st_size) \(nanoseconds(info.st_mtim))"
    state = "\(content) \(info.st_dev) \(info.st_ino) \(nanoseconds(info.st_ctim))"
  }
}
