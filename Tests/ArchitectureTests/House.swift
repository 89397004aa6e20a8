import Foundation
import TestKit

/// The rooms as Package.swift declares them, in its order, and what the files of each import.
struct House {
  struct Room {
    let name: String
    /// The heading it stands under in Package.swift, such as `Engine rooms`.
    let storey: String
    let sees: Set<String>
    let isTest: Bool
    let isProgram: Bool
    /// Modules that files of the room import, and types that they declare.
    let imports: Set<String>
    let types: Set<String>
  }

  static let root = URL(filePath: Program.models).deletingLastPathComponent().path
  let rooms: [Room]

  init() throws {
    let manifest = try String(contentsOfFile: Self.root + "/Package.swift", encoding: .utf8)
    let entry =
      #/
      ^\ {4}//\ (?<heading>[A-Z][\w\ ]+):
      | \b(?<kind>room|tests|target|executableTarget|testTarget|systemLibrary)\(\s*(?:(?:name|for):\s*)?"(?<name>[\w-]+)"
        (?:,\s*(?:sees|with|dependencies):\s*\[(?<sees>[^\]]*)\])?
      /#.anchorsMatchLineEndings()
    var (storey, rooms) = ("", [Room]())
    for match in manifest.matches(of: entry) {
      if let heading = match.heading { storey = String(heading) }
      guard let kind = match.kind, let name = match.name.map(String.init) else { continue }
      let isTest = kind == "tests" || kind == "testTarget"
      let folder = isTest ? "/Tests/\(name)\(kind == "tests" ? "Tests" : "")" : "/Sources/\(name)"
      let named = (match.sees ?? "").matches(of: /"([\w-]+)"/).map { String($0.1) }
      rooms.append(
        Room(
          name: String(folder.split(separator: "/")[1]), storey: storey,
          sees: Set(named + (kind == "tests" ? [name, "TestKit"] : [])), isTest: isTest,
          isProgram: kind == "executableTarget",
          imports: try Self.names(
            behind: "import struct|import class|import enum|import func|import", in: Self.root + folder),
          types: isTest ? [] : try Self.names(behind: "struct|class|enum|actor|protocol", in: Self.root + folder)))
    }
    self.rooms = rooms
  }

  /// What stands behind a word at the beginning of a line, such as the module behind `import`.
  private static func names(behind words: String, in folder: String) throws -> Set<String> {
    let statement = try Regex(
      "^\\s*(?:@\\w+\\s+)*(?:\\w+\\s+)*?(?:\(words))\\s+(\\w+)", as: (Substring, Substring).self)
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.reduce(into: []) { found, path in
      let lines = try String(contentsOfFile: folder + "/" + path, encoding: .utf8).split(separator: "\n")
      let first = words.split(separator: "|").map { $0 + " " }
      for line in lines where first.contains(where: { line.contains($0) }) {
        if let match = line.prefixMatch(of: statement) { found.insert(String(match.1)) }
      }
    }
  }
}
