internal import Base
internal import Glibc

/// The word that a comparison began: a file that is gone once it ended.
///
/// A reference may crash, hang or take all memory, and then the process ends with nothing said. Whoever comes next finds the file, which
/// nobody holds any more, and how often that was so.
final class ComparisonMark: Sendable {
  private let path: String
  private let descriptor: Int32
  /// Comparisons with the same reference before this one that did not end.
  let unended: Int

  /// `nil` where another process compares the same now, or nothing can be written.
  init?(_ path: String, reference: String) {
    let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else { return nil }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      close(opened)
      return nil
    }
    let words = (try? FileSystem.read(path, limit: 1 << 12)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let lines = words.split(separator: "\n")
    unended = lines.first == reference[...] ? lines.count - 1 : 0
    (self.path, descriptor) = (path, opened)
    // Held as it is being written: nobody else looks at it.
    let begun = reference + "\n" + String(repeating: "begun\n", count: min(unended, Engine.comparisons) + 1)
    ftruncate(opened, 0)
    let bytes = Array(begun.utf8)
    _ = unsafe pwrite(opened, bytes, bytes.count, 0)
  }

  /// It ended, whatever came of it.
  func end() { try? FileSystem.remove(path) }

  deinit {
    // Let go by itself: a process that is just being started by this one still has the descriptor, and closing alone would leave the lock to it.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
