internal import CStart
internal import Glibc

/// The program that runs: where its file is, and what was said when it was started.
///
/// Holds where `/proc` is not mounted too, as in a bare chroot.
public enum Executable {
  /// The file's place, whole; where the system does not tell it, the place that it was started by.
  public static let path: String = link ?? started ?? ""

  /// What starts this very program once more: the file that is running even where another has taken its place since.
  public static let again: String = link == nil ? path : "/proc/self/exe"

  /// The words of the command line, byte for byte, the program's own name first.
  public static var words: [[UInt8]] {
    (0..<ridley_word_count()).compactMap { place in
      ridley_word(place).map { word in
        UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) }
      }
    }
  }

  private static let link: String? = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }()

  /// Its place by the name that it was started by.
  static var started: String? {
    guard let file = ridley_started_file(), let whole = realpath(file, nil) else { return nil }
    defer { free(whole) }
    return String(cString: whole)
  }
}
