internal import Base

extension Parser {
  /// What `OR` sets apart.
  mutating func alternatives(depth: Int) throws(Fault) -> Node {
    var nodes = [try conjunction(depth: depth)]
    while take(.or) { nodes.append(try conjunction(depth: depth)) }
    return nodes.count == 1 ? nodes[0] : .any(nodes)
  }

  private mutating func conjunction(depth: Int) throws(Fault) -> Node {
    var nodes: [Node] = []
    repeat {
      if depth == 0 { skipZone() }
      nodes.append(try negation(depth: depth))
      if depth == 0 { skipZone() }
    } while take(.and) || isOperand
    return nodes.count == 1 ? nodes[0] : .all(nodes)
  }

  /// A condition may begin here.
  private var isOperand: Bool {
    switch token.kind {
    case .open, .minus: true
    case .close, .end: false
    case .word(let word): word.keyword == nil || word.keyword == .not
    }
  }

  private mutating func negation(depth: Int) throws(Fault) -> Node {
    guard depth <= SearchQuery.Limits.depth else {
      throw text.fault(
        at: token.start, "parentheses and negations stand more than \(SearchQuery.Limits.depth) deep: write it plainer")
    }
    switch token.kind {
    case .minus:
      next += 1
      return .not(try negation(depth: depth + 1))
    case .open: return try group(depth: depth)
    case .word(let word) where word.keyword == .not:
      next += 1
      return .not(try negation(depth: depth + 1))
    case .word(let word) where word.keyword == nil:
      next += 1
      return try leaf(word, behind: next > 1 ? tokens[next - 2] : nil)
    default: throw missing()
    }
  }

  private mutating func group(depth: Int) throws(Fault) -> Node {
    let start = token.start
    next += 1
    if case .close = token.kind {
      throw text.fault(at: start, "nothing stands in these parentheses: write a condition there, or leave them out")
    }
    let node = try alternatives(depth: depth + 1)
    if let keyword, [.then, .near, .within, .same].contains(keyword) {
      throw text.fault(
        at: token.start, "'\(spelling)' stands in parentheses: steps of a sequence stand outside all of them")
    }
    guard case .close = token.kind else {
      throw text.fault(at: start, "this '(' is not closed: write a ')' behind the conditions")
    }
    next += 1
    // its other end, if any, is within the same parentheses
    if case .bound = node { return .all([node]) }
    return node
  }

  /// A condition should stand here.
  private func missing() -> Fault {
    let quoted = "; for the label write \"\(spelling)\" in quotes"
    guard next > 0 else {
      return text.fault(at: token.start, "'\(spelling)' has nothing before it: a condition is expected first\(quoted)")
    }
    let before = spelling(at: next - 1)
    switch token.kind {
    case .end:
      return text.fault(at: token.start, "nothing stands behind '\(before)': write a condition there, or leave it out")
    case .word:
      return text.fault(
        at: token.start, "'\(spelling)' stands behind '\(before)', where a condition is expected\(quoted)")
    default:
      return text.fault(at: token.start, "'\(spelling)' stands behind '\(before)', where a condition is expected")
    }
  }
}
