import Base
import Glibc
import Isolation
import Objects

/// An input as a file that can be opened by its path, as long as this lives.
///
/// What comes from a server or from standard input is copied first to a file without a name, which goes with the process.
final class OpenedInput {
  let path: String
  /// It is the file that the command line names, and not a copy.
  let isOriginal: Bool
  private let descriptor: Int32?

  private init(_ path: String) { (self.path, isOriginal, descriptor) = (path, true, nil) }

  private init(_ descriptor: Int32, isOriginal: Bool) {
    (self.descriptor, self.isOriginal) = (descriptor, isOriginal)
    path = "/proc/self/fd/\(descriptor)"
  }

  deinit { if let descriptor, descriptor > STDERR_FILENO { close(descriptor) } }

  /// Opens or fetches.
  ///
  /// Copies are at most `limit` bytes long; `bar` shows how far that is.
  static func open(_ input: InputFile, limit: Int, bar: ProgressBar) throws(Fault) -> OpenedInput {
    switch input.source {
    case .file(let path):
      if let plain = input.plainPath { return OpenedInput(plain) }
      let descriptor = FileName.bytes(of: path).withCString { Glibc.open($0, O_RDONLY | O_CLOEXEC) }
      guard descriptor >= 0 else { throw SystemError.last.fault("read", input.shown) }
      return OpenedInput(descriptor, isOriginal: true)
    case .address(let address): return try fetch(address, input, limit: limit, bar: bar)
    case .standardInput: return try readStandardInput(limit: limit, bar: bar)
    }
  }

  private static func fetch(
    _ address: String, _ input: InputFile, limit: Int, bar: ProgressBar
  ) throws(Fault) -> OpenedInput {
    let copy = OpenedInput(try UnnamedFile.make(), isOriginal: false)
    var limits = Download.Limits()
    (limits.byteCount, limits.wayOut) = (limit, "say --fetch-limit SIZE to fetch longer files")
    try Download(address, limits: limits).fetch(into: copy.path) { progress in
      SharedFlags.beat()
      bar.show(
        share: progress.total.flatMap { $0 > 0 ? Double(progress.received) / Double($0) : nil },
        detail: "fetched \(NumberFormat.measure(Double(progress.received) / 1e6)) MB")
      return !Interrupt.isAsked
    }
    bar.clear()
    guard try FileSystem.byteCount(of: copy.path) > 0 else {
      throw Fault(.badInput, "\(input.shown): the server sent an empty file")
    }
    return copy
  }

  /// A file that a shell opened is read where it is; what a pipe gives is copied.
  private static func readStandardInput(limit: Int, bar: ProgressBar) throws(Fault) -> OpenedInput {
    guard isatty(STDIN_FILENO) == 0 else {
      throw Fault(.usage, "standard input is a terminal: send a file, such as with cat clip.mp4 | ridley analyze -")
    }
    var info = stat()
    if fstat(STDIN_FILENO, &info) == 0, info.st_mode & S_IFMT == S_IFREG, lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 {
      return OpenedInput(STDIN_FILENO, isOriginal: true)
    }
    let copy = try UnnamedFile.make()
    let input = OpenedInput(copy, isOriginal: false)
    var (block, count) = ([UInt8](repeating: 0, count: 1 << 16), 0)
    while try waitForMore() {
      let read: Int
      do { read = try Descriptor.read(STDIN_FILENO, into: &block) } catch {
        throw error.fault("read", "standard input")
      }
      if read == 0 { break }
      count += read
      guard count <= limit else {
        throw Fault(.badInput, "standard input is longer than \(limit) bytes: say --fetch-limit SIZE for more")
      }
      do { try Descriptor.write(block.span.bytes.extracting(first: read), to: copy) } catch {
        throw error.fault("write", "a copy of standard input")
      }
      bar.show(share: nil, detail: "read \(NumberFormat.measure(Double(count) / 1e6)) MB")
    }
    bar.clear()
    guard count > 0 else { throw Fault(.badInput, "standard input is empty: nothing was sent") }
    return input
  }

  /// Waits for bytes or the end; a slow sender is no hang.
  private static func waitForMore() throws(Fault) -> Bool {
    while !Interrupt.isAsked {
      SharedFlags.beat()
      var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, 250) > 0 { return true }
    }
    throw Fault(.closed, "stopped reading standard input")
  }
}
