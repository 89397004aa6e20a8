import Base
import Glibc

/// The files that the words of a command line mean.
enum FilePattern {
  /// Words with `*`, `?` or `[` are patterns, unless a file has that very name; the rest is taken as it is.
  static func expand(_ words: [String]) throws(Fault) -> [String] {
    var files: [String] = []
    for word in words {
      let isPattern = word.contains { "*?[".contains($0) } && FileSystem.kind(of: word) == nil
      guard isPattern else {
        files.append(word)
        continue
      }
      let found = matches(word)
      guard !found.isEmpty else { throw Fault(.notFound, "no file matches '\(word)'") }
      files += found.filter { FileSystem.kind(of: $0) != .folder }
    }
    return files
  }

  private static func matches(_ pattern: String) -> [String] {
    var list = glob_t()
    defer { globfree(&list) }
    guard glob(pattern, 0, nil, &list) == 0 else { return [] }
    return (0..<Int(list.gl_pathc)).compactMap { list.gl_pathv[$0].map { String(cString: $0) } }
  }
}
