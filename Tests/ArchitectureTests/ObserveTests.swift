import Foundation
import Testing

/// What deploy/observe asks Prometheus for is what a server tells; `make check-observe` holds it to a real one, with labels and answers.
@Suite("What is watched")
struct ObserveTests {
  private static let endings = ["_bucket", "_sum", "_count"]

  @Test("every metric in deploy/observe is one that the gateway tells", arguments: ["dashboard.json", "rules.yaml"])
  func told(_ file: String) throws {
    let told = try Self.names(in: Self.gateway(), /"(ridley_[a-z_]+)"/)
    let asked = try Self.names(in: text("deploy/observe/\(file)"), /\b(ridley_[a-z_]+)\b/)
    #expect(!told.isEmpty && !asked.isEmpty)
    let unknown = asked.filter { name in
      let ending = Self.endings.first { name.hasSuffix($0) } ?? ""
      return !told.contains(name) && !told.contains(String(name.dropLast(ending.count)))
    }
    #expect(unknown.isEmpty, "\(file) asks for \(unknown.sorted()), which no server tells")
  }

  private static func gateway() throws -> String {
    let folder = House.root + "/Sources/Gateway"
    let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
    return try files.filter { $0.hasSuffix(".swift") }.map {
      try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
    }
    .joined()
  }

  private static func names(in text: String, _ pattern: Regex<(Substring, Substring)>) -> Set<String> {
    Set(text.matches(of: pattern).map { String($0.1) })
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(House.root)/\(path)", encoding: .utf8)
  }
}
