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
      | \b(?<kind>room|tests|bench|target|executableTarget|testTarget|systemLibrary)\(\s*(?:(?:name|for):\s*)?"(?<name>[\w-]+)"
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
          isProgram: kind == "executableTarget" || kind == "bench",
          imports: Self.names(
            behind: "import struct|import class|import enum|import func|import", in: Self.root + folder),
          types: isTest ? [] : Self.names(behind: "struct|class|enum|actor|protocol", in: Self.root + folder)))
    }
    self.rooms = rooms
  }

  /// What stands behind a word at the beginning of a line, such as the module behind `import`; read by grep, a hundred times as quick.
  private static func names(behind words: String, in folder: String) -> Set<String> {
    let statement = "^[[:space:]]*(@\\w+[[:space:]]+)*(\\w+[[:space:]]+)*(\(words))[[:space:]]+\\w+"
    let found = shell(["grep", "-rhoE", "--include=*.swift", statement, folder]).output
    return Set(found.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) })
  }
}
