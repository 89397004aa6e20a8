/// How models, their versions and the aliases of versions may be called.
///
/// Safe in paths, addresses, metrics and logs: no name is an option, a hidden file, or leads anywhere else.
public enum NameGrammar {
  /// A folder of a repository, and so a model or version that is served: letters, digits, `-`, `_` and `.`, which does not
  /// stand in front.
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 128 && text.first != "."
      && text.utf8.allSatisfy { isSmall($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
  }

  /// What a manifest may call its model: a name that is the same on every file system and command line.
  public static func isModelName(_ text: String) -> Bool {
    isName(text) && text.utf8.count <= 80 && text.first != "-" && text.utf8.allSatisfy(isSmall)
  }

  /// Another name of a version; never a number, which would hide the version of that number.
  public static func isAlias(_ text: String) -> Bool { isName(text) && Int(text) == nil }

  /// Orders versions as people count: 2 before 10, numbers before words.
  public static func isOlder(_ left: String, _ right: String) -> Bool {
    switch (Int(left), Int(right)) {
    case (let first?, let second?) where first != second: first < second
    case (_?, nil), (nil, _?): Int(left) != nil
    default: left < right
    }
  }

  private static func isSmall(_ byte: UInt8) -> Bool {
    "abcdefghijklmnopqrstuvwxyz0123456789._-".utf8.contains(byte)
  }
}
