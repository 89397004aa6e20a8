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
  public func askLog(of name: NodeName, lines: Int) throws(Fault) -> NodeLog {
    guard try node(name) != nil else { throw Self.none(name) }
    if let known = try log(of: name), known.text == nil, known.lines >= lines, isFresh(known) { return known }
    let ask = NodeLog(asked: library.now, lines: min(max(1, lines), Self.mostLogLines))
    try keep(ask, of: name)
    return ask
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

  /// Keeps a node's answer to an ask that is still the newest; another one is nobody's any more, and is let go.
  public func answerLog(of name: NodeName, asked: Int, _ text: [String]) throws(Fault) {
    guard var known = try log(of: name), known.asked == asked else { return }
    known.text = Self.last(text.suffix(known.lines))
    try keep(known, of: name)
  }

  private func isFresh(_ ask: NodeLog) -> Bool { library.now - ask.asked < Self.logPatience }

  private func keep(_ log: NodeLog, of name: NodeName) throws(Fault) {
    _ = try library.table.write([.put(LibraryKeys.fleetLog(name.text), log.json)])
  }

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
