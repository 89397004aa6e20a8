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
    /// Modules that files of the room import.
    let imports: Set<String>
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
          isProgram: kind == "executableTarget", imports: try Self.imports(of: Self.root + folder)))
    }
    self.rooms = rooms
  }

  private static func imports(of folder: String) throws -> Set<String> {
    let statement = #/^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let)\s+)?(\w+)/#
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.reduce(into: []) { found, path in
      let lines = try String(contentsOfFile: folder + "/" + path, encoding: .utf8).split(separator: "\n")
      for line in lines where line.contains("import ") {
        if let match = line.prefixMatch(of: statement) { found.insert(String(match.1)) }
      }
    }
  }
}
