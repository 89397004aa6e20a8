public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// The last lines of a node's log, as somebody asked for them.
public struct NodeLog: Sendable, Hashable {
  /// When they were asked for, in milliseconds since 1970: the ask's name.
  public var asked: Int
  public var lines: Int
  /// What the node answered, the oldest first; `nil` until then.
  public var text: [String]?

  private enum Key: String, CaseIterable { case asked, lines, text }

  init(asked: Int, lines: Int, text: [String]? = nil) { (self.asked, self.lines, self.text) = (asked, lines, text) }

  var json: [UInt8] {
    JSONWriter.object { json in
      json.field("asked", asked)
      json.field("lines", lines)
      if let text { json.field("text", text) }
    }
  }

  init(_ item: Item) throws(Fault) {
    let fields = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root.fields(Key.self)
    asked = try fields.required(.asked).integer()
    lines = try fields.required(.lines).integer()
    text = try fields[.text]?.texts()
  }
}

/// Logs of nodes, on demand: somebody asks, the node hears of it with its next beat and answers at the door, and only the last answer is kept.
extension FleetBook {
  /// Lines that may be asked for, and bytes of what is answered.
  public static let mostLogLines = 1000
  public static let logByteCount = 128 << 10
  /// Milliseconds after which an ask that was not answered is none any more.
  static let logPatience = 120_000

  /// Asks for the last lines of a node's log, or goes on with an ask that waits; gives it.
  ///
  /// A later ask has a greater name, and no fewer lines than one of the last minutes: who asked before takes its answer too. The fault is `conflict` where
  /// the node was revoked.
  public func askLog(of name: NodeName, lines: Int) throws(Fault) -> NodeLog {
    try library.change("what is asked of the node '\(name.text)'") { () throws(Fault) in
      let keys = [LibraryKeys.fleetNode(name.text), LibraryKeys.fleetLog(name.text)]
      let found = try library.table.get(keys)
      guard let node = found[0] else { throw Self.none(name) }
      guard try FleetNode(node).state == .enrolled else {
        throw Fault(.conflict, "the node '\(name.text)' was revoked: it is asked nothing any more")
      }
      var ask = NodeLog(asked: library.now, lines: min(max(1, lines), Self.mostLogLines))
      if let known = try found[1].map({ (item) throws(Fault) in try NodeLog(item) }) {
        if isFresh(known) {
          if known.text == nil, known.lines >= ask.lines { return ([], known) }
          ask.lines = max(ask.lines, known.lines)
        }
        ask.asked = max(ask.asked, known.asked + 1)
      }
      let condition = found[1].map { Write.Condition.version($0.version) } ?? .absent
      return ([.put(keys[1], ask.json, if: condition), .check(keys[0], if: .version(node.version))], ask)
    }
  }

  /// What was asked last, answered or not.
  public func log(of name: NodeName) throws(Fault) -> NodeLog? {
    try library.table.get(LibraryKeys.fleetLog(name.text)).map { (item) throws(Fault) in try NodeLog(item) }
  }

  /// What a node is to answer now.
  public func logWanted(of name: NodeName) throws(Fault) -> NodeLog? {
    guard let known = try log(of: name), known.text == nil, isFresh(known) else { return nil }
    return known
  }

  /// Keeps a node's answer to an ask that is still the newest; another one is nobody's any more, and is let go, also where it stops to be so meanwhile.
  public func answerLog(of name: NodeName, asked: Int, _ text: [String]) throws(Fault) {
    let key = LibraryKeys.fleetLog(name.text)
    guard let item = try library.table.get(key) else { return }
    var known = try NodeLog(item)
    guard known.asked == asked else { return }
    known.text = Self.last(text.suffix(known.lines))
    _ = try library.table.write([.put(key, known.json, if: .version(item.version))])
  }

  private func isFresh(_ ask: NodeLog) -> Bool { library.now - ask.asked < Self.logPatience }

  /// As many of the last lines as there is room for.
  public static func last(_ lines: ArraySlice<String>) -> [String] {
    var room = logByteCount
    let kept = lines.reversed().prefix { line in
      room -= line.utf8.count + 4
      return room >= 0
    }
    return kept.reversed()
  }
}
