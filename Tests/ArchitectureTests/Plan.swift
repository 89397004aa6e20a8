import Foundation

/// The plan of the house as a page shows it: storeys from the top, then who sees whom.
struct Plan {
  let text: String

  /// Headings of Package.swift from the ground up; rooms of one row may see each other.
  static let storeys = [
    ["Cellar"], ["Ground"], ["Engine rooms", "Thinking rooms"], ["Doing"], ["Services"], ["Bulk"], ["Outposts"],
    ["Door"], ["Upstairs"], ["Tests"],
  ]

  static func height(_ storey: String) -> Int {
    storeys.firstIndex { $0.contains(storey) } ?? .max
  }

  /// Whether a room of this storey may see others of it.
  static func hasNeighbours(_ storey: String) -> Bool {
    ["Engine rooms", "Thinking rooms", "Doing", "Door", "Tests"].contains(storey)
  }

  init(_ house: House) {
    var lines: [String] = []
    let shipped = Self.storeys.dropLast().flatMap { $0 }.reversed()
    for storey in shipped {
      let names = house.rooms.filter { $0.storey == storey && !$0.isTest }.map(\.name)
      lines += Self.wrapped(storey.lowercased(), names)
    }
    lines.append("")
    for storey in shipped where storey != "Cellar" {
      for room in house.rooms where room.storey == storey {
        lines += Self.wrapped(room.name, room.sees.sorted())
      }
    }
    text = "```\n" + lines.joined(separator: "\n") + "\n```"
  }

  /// The page with the plan between its two marks.
  func replaced(in page: String) throws -> String {
    let (begin, end) = ("<!-- plan -->\n", "\n<!-- end of plan -->")
    guard let from = page.range(of: begin)?.upperBound, let to = page.range(of: end)?.lowerBound, from <= to else {
      throw CocoaError(.fileReadCorruptFile)
    }
    return String(page[..<from]) + text + String(page[to...])
  }

  /// A name in a column of its own, and behind it words in lines of at most 100 characters.
  private static func wrapped(_ name: String, _ words: [String]) -> [String] {
    let column = 18
    var lines = [name.padding(toLength: column, withPad: " ", startingAt: 0)]
    for word in words {
      if lines[lines.count - 1].count + word.count > 100 { lines.append(String(repeating: " ", count: column)) }
      lines[lines.count - 1] += word + " "
    }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
  }
}
