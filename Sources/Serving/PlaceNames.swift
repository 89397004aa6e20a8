internal import Base

/// Takes places of this machine out of sentences that clients read: what a file is called they may know, where it stands is none of their
/// business.
enum PlaceNames {
  /// Without the folders given, and with only the last part of any other path from the root of the file system.
  ///
  /// A word is taken for such a path when its first part stands in the root folder, so that addresses of the server stay as they are.
  static func removed(from message: String, of folders: [String]) -> String {
    var words = message
    // The longest first: one may stand in another.
    for folder in folders.sorted(by: { $0.count > $1.count }) where folder.count > 1 {
      words = words.replacing("\(folder.hasSuffix("/") ? String(folder.dropLast()) : folder)/", with: "")
    }
    var result = ""
    var rest = words[...]
    while let slash = rest.firstIndex(of: "/") {
      let isStart =
        slash == rest.startIndex ? result.last.map(isBoundary) ?? true : isBoundary(rest[rest.index(before: slash)])
      result += rest[..<slash]
      let path = rest[slash...].prefix { !isEnd($0) }
      rest = rest[path.endIndex...]
      result += isStart && isOfMachine(path) ? shortened(path) : String(path)
    }
    return result + rest
  }

  private static func isBoundary(_ character: Character) -> Bool { " '\"(:,=[\n\t".contains(character) }
  private static func isEnd(_ character: Character) -> Bool { " '\"(),:;\n\t".contains(character) }

  private static func isOfMachine(_ path: Substring) -> Bool {
    guard let first = path.split(separator: "/").first, !path.dropFirst().hasPrefix("/") else { return false }
    return FileSystem.isThere("/\(first)")
  }

  private static func shortened(_ path: Substring) -> String {
    path.split(separator: "/").last.map(String.init) ?? "/"
  }
}
