import Foundation
import TestKit
import Testing

/// The ceilings of the house style: a function that is longer does two things, a file that is longer has chapters.
struct LengthTests {
  private static let functionCeiling = 40
  private static let fileCeiling = 300
  /// Longer than that for now.
  private static let known = [
    "Tests/BatchingTests/IntakeTests.swift", "Tests/InferenceTests/AnyOrderTests.swift",
  ]

  @Test(arguments: ["Sources", "Tests"])
  func `no function and no file is longer than its ceiling`(folder: String) throws {
    let files = try #require(FileManager.default.enumerator(atPath: "\(Checkout.path)/\(folder)"))
    let heads = Self.heads(in: folder)
    #expect(heads.count > 100)
    for case let file as String in files where file.hasSuffix(".swift") {
      let path = "\(folder)/\(file)"
      let text = try String(contentsOfFile: "\(Checkout.path)/\(path)", encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count - 1 <= Self.fileCeiling, "\(path)")
      guard !Self.known.contains(path) else { continue }
      for start in heads[path] ?? [] {
        let count = Self.bodyLength(in: lines, from: start)
        #expect(count <= Self.functionCeiling, "\(path):\(start + 1) has \(count) lines")
      }
    }
  }

  /// Places of lines at which functions begin, by file; found by grep, which takes a hundredth of the time.
  private static func heads(in folder: String) -> [String: [Int]] {
    let modifiers = "public|private|fileprivate|package|internal|static|mutating|final|override"
    let head =
      #"^ *(@\w+(\([^)]*\))? )*((\#(modifiers)) )*(func |init\(|init\?\(|init<|deinit |subscript|var .*\{$)"#
    let found = shell(["grep", "-rnE", "--include=*.swift", head, folder], in: Checkout.path).output
    var heads: [String: [Int]] = [:]
    for line in found.split(separator: "\n") where !line.hasSuffix("}") {
      let parts = line.split(separator: ":", maxSplits: 2)
      guard parts.count == 3, let number = Int(parts[1]) else { continue }
      heads[String(parts[0]), default: []].append(number - 1)
    }
    return heads
  }

  /// Lines between the braces of the function that begins at a line; 0 where it has none.
  ///
  /// Files are formatted, so a body ends at the first brace that stands under its beginning.
  private static func bodyLength(in lines: [Substring], from start: Int) -> Int {
    let end = lines[start].prefix { $0 == " " } + "}"
    guard let opening = lines[start...].prefix(8).firstIndex(where: { $0.hasSuffix("{") }),
      let closing = lines[opening...].dropFirst().firstIndex(where: { $0.hasPrefix(end) })
    else { return 0 }
    return closing - opening - 1
  }
}
