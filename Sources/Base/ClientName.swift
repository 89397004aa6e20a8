/// What clients of a server are called.
public enum ClientName {
  /// Small letters, digits, `.`, `_` and `-`, at most 80, and no mark in front: fit for a path, a log and an index.
  public static func isValid(_ text: String) -> Bool {
    let letters = "abcdefghijklmnopqrstuvwxyz0123456789._-".utf8
    guard let first = text.utf8.first, !"._-".utf8.contains(first), text.utf8.count <= 80 else { return false }
    return text.utf8.allSatisfy { letters.contains($0) }
  }
}
