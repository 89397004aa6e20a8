public import Base

/// A text file with one label a line.
public enum LabelFile {
  static let limit = 100_000

  /// The lines in order; spaces are kept (a space can be a label), the end of the last line opens no further one.
  public static func read(_ path: String) throws(Fault) -> [String] {
    let bytes = try FileSystem.read(path, limit: 8 << 20)
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(.badInput, "\(path) is not text in UTF-8: labels stand one a line")
    }
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
    if lines.last == "" { lines.removeLast() }
    guard !lines.isEmpty else { throw Fault(.badInput, "\(path) is empty: labels stand one a line") }
    guard lines.count <= limit else { throw Fault(.badInput, "\(path) has more than \(limit) lines of labels") }
    return lines
  }
}
