internal import Base

/// Which outputs hold scores, boxes and points of the levels of a network that answers for each of them by itself.
///
/// By their shapes, since levels differ in how many anchors they have, and what is told differs in how many numbers an anchor takes; by
/// their names where two could be; by their order where the file leaves the number of rows open.
struct AnchorRoles {
  /// Words that names of such outputs have.
  enum Role: String {
    case scores, boxes, points

    fileprivate var words: [String] {
      switch self {
      case .scores: ["score", "conf", "cls", "class", "prob"]
      case .boxes: ["box", "loc", "reg", "dis", "coord"]
      case .points: ["kps", "landm", "point", "lmk"]
      }
    }
  }

  let plan: DecoderPlan
  let levels: [AnchorGrid.Level]

  /// A table for each level; throws where an output is missing, or several could be it.
  func tables(_ role: Role, width: Int, besides taken: [AnchorTable] = []) throws(Fault) -> [AnchorTable] {
    let used = Set(taken.map(\.index))
    let all = levels.map { level in
      plan.outputs.indices.filter { !used.contains($0) }.flatMap { index in
        AnchorTable.readings(of: index, rows: level.count, map: level.cells, perCell: level.repeats, plan)
          .filter { $0.width == width }
      }
    }
    if let inOrder = inOrder(all, width) { return inOrder }
    return try zip(levels, all).map { (level, found) throws(Fault) in try only(found, role, level, width) }
  }

  /// Where all rows are open, levels stand in the order of their strides.
  private func inOrder(_ all: [[AnchorTable]], _ width: Int) -> [AnchorTable]? {
    let open = all.map { found in found.filter { innerShape(plan.outputs[$0.index], rank: 2)?.first == .some(nil) } }
    guard levels.count > 1, open == all, all.allSatisfy({ $0.count == levels.count }) else { return nil }
    return levels.indices.map { all[$0][$0] }
  }

  private func only(
    _ found: [AnchorTable], _ role: Role, _ level: AnchorGrid.Level, _ width: Int
  ) throws(Fault) -> AnchorTable {
    let decoder = plan.output.decoder.rawValue
    guard !found.isEmpty else {
      throw plan.mismatch(
        "no output holds \(role.rawValue) for stride \(level.stride): decoder '\(decoder)' on \(plan.network) needs [1,\(level.count),\(width)], or a map of \(level.cells.width) by \(level.cells.height) with \(width * level.repeats) channels; it has \(plan.outputs.map(\.description).joined(separator: ", "))"
      )
    }
    if found.count == 1 { return found[0] }
    let named = found.filter { table in
      let name = plan.outputs[table.index].name.lowercased()
      return role.words.contains { name.contains($0) }
    }
    if named.count == 1 { return named[0] }
    let names = Set(found.map { plan.outputs[$0.index].name }).sorted().map { "'\($0)'" }.joined(separator: " and ")
    throw plan.mismatch(
      Set(found.map(\.index)).count == 1
        ? "output \(names) can be read in two ways: say its layout, rows, columns, nchw or nhwc"
        : "\(names) can each hold \(role.rawValue) for stride \(level.stride), and their names do not tell which")
  }
}
