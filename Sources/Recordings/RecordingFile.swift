internal import Base
internal import Glibc

/// A recording that is being written: fragments one behind the other, whole up to the last one at any time.
///
///     ftyp
///     free    16 bytes, which become the head of an `mdat` around all that follows
///     free    what it is: ``RecordingLabel``
///     moov    what the pictures are
///     moof mdat moof mdat …
///
/// One thread.
final class RecordingFile {
  let path: String
  private(set) var byteCount = 0
  private let descriptor: Int32

  /// `head` is that of the film: `ftyp` and `moov`; the fault leaves no file.
  init(_ path: String, _ label: RecordingLabel, head: [UInt8]) throws(Fault) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", path) }
    // Who cleans up sees that somebody writes it.
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    do throws(Fault) { try append(Self.beginning(label, head)) } catch {
      unsafe _ = unlink(path)
      throw error
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    // Let go by itself: a process that is just being started by this one still has the descriptor, and closing alone would leave the lock to it.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  static func beginning(_ label: RecordingLabel, _ head: [UInt8]) -> [UInt8] {
    let type = min(head.count, FilmScan.length(of: head, at: 0))
    var writer = BoxWriter()
    writer.add(head[..<type])
    writer.box("free") { $0.number(0, 8) }
    writer.box("free") { $0.add(label.json) }
    writer.add(head[type...])
    return writer.bytes
  }

  /// Writes behind what is there; where that fails, what was there stays whole.
  func append(_ bytes: [UInt8]) throws(Fault) {
    do { unsafe try Descriptor.write(bytes.span.bytes, to: descriptor) } catch {
      if ftruncate(descriptor, off_t(byteCount)) == 0 { lseek(descriptor, off_t(byteCount), SEEK_SET) }
      throw error.fault("write", path)
    }
    byteCount += bytes.count
  }
}
