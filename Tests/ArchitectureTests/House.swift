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
      | \b(?<kind>room|bench|target|executableTarget|testTarget|systemLibrary)\(\s*(?:name:\s*)?"(?<name>[\w-]+)"
        (?:,\s*(?:sees|dependencies):\s*\[(?<sees>[^\]]*)\])?
      /#.anchorsMatchLineEndings()
    var (storey, rooms) = ("", [Room]())
    for match in manifest.matches(of: entry) {
      if let heading = match.heading { storey = String(heading) }
      guard let kind = match.kind, let name = match.name.map(String.init) else { continue }
      let named = (match.sees ?? "").matches(of: /"([\w-]+)"/).map { String($0.1) }
      rooms.append(
        Self.room(
          name, storey, sees: Set(named), isTest: kind == "testTarget",
          isProgram: kind == "executableTarget" || kind == "bench"))
    }
    self.rooms = rooms + Self.tests(in: manifest)
  }

  /// The tests that stand in the table of the manifest.
  private static func tests(in manifest: String) -> [Room] {
    let table = manifest.firstMatch(of: /let testTable = """\n([\s\S]*?)\n *"""/)?.1 ?? ""
    return table.matches(of: /(\w+)\*?:([^|\n]*)/).map { line in
      let named = line.2.split(separator: " ").map(String.init)
      return room("\(line.1)Tests", "Tests", sees: Set(named + [String(line.1), "TestKit"]), isTest: true)
    }
  }

  private static func room(
    _ name: String, _ storey: String, sees: Set<String>, isTest: Bool, isProgram: Bool = false
  ) -> Room {
    let folder = "\(root)/\(isTest ? "Tests" : "Sources")/\(name)"
    return Room(
      name: name, storey: storey, sees: sees, isTest: isTest, isProgram: isProgram,
      imports: names(behind: "import struct|import class|import enum|import func|import", in: folder),
      types: isTest ? [] : names(behind: "struct|class|enum|actor|protocol", in: folder))
  }

  /// What stands behind a word at the beginning of a line, such as the module behind `import`; read by grep, a hundred times as quick.
  private static func names(behind words: String, in folder: String) -> Set<String> {
    let statement = "^[[:space:]]*(@\\w+[[:space:]]+)*(\\w+[[:space:]]+)*(\(words))[[:space:]]+\\w+"
    let found = shell(["grep", "-rhoE", "--include=*.swift", statement, folder]).output
    return Set(found.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) })
  }
}
