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
    for case let file as String in files where file.hasSuffix(".swift") {
      let path = "\(folder)/\(file)"
      let text = try String(contentsOfFile: "\(Checkout.path)/\(path)", encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count - 1 <= Self.fileCeiling, "\(path)")
      guard !Self.known.contains(path) else { continue }
      for start in lines.indices {
        let count = Self.bodyLength(in: lines, from: start)
        #expect(count <= Self.functionCeiling, "\(path):\(start + 1) has \(count) lines")
      }
    }
  }

  /// Lines between the braces of the function that begins at a line; 0 where none does.
  ///
  /// Files are formatted, so a body ends at the first brace that stands under its beginning.
  private static func bodyLength(in lines: [Substring], from start: Int) -> Int {
    let first = lines[start]
    let modifiers =
      /^( *)((@\w+(\([^)]*\))? )*)((public|private|fileprivate|package|internal|static|mutating|final|override) )*/
    guard let head = first.prefixMatch(of: modifiers), !first.hasSuffix("}") else { return 0 }
    let rest = first[head.range.upperBound...]
    guard
      ["func ", "init(", "init?(", "init<", "deinit ", "subscript"].contains(where: rest.hasPrefix)
        || rest.hasPrefix("var ") && rest.hasSuffix("{")
    else { return 0 }
    let end = head.output.1 + "}"
    guard let opening = lines[start...].prefix(8).firstIndex(where: { $0.hasSuffix("{") }),
      let closing = lines[opening...].dropFirst().firstIndex(where: { $0.hasPrefix(end) })
    else { return 0 }
    return closing - opening - 1
  }
}
