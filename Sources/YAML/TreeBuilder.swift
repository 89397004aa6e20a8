internal import Base

/// Builds the tree from the parser's events, and keeps the limits.
struct TreeBuilder: ~Copyable {
  private let stream: EventStream
  private let name: String
  private let limits: YAMLDocument.Limits
  private var nodeCount = 0

  init(_ bytes: [UInt8], name: String, limits: YAMLDocument.Limits) {
    stream = EventStream(bytes, name: name)
    (self.name, self.limits) = (name, limits)
  }

  /// The root, or `nil` where there is nothing but comments.
  mutating func build() throws(Fault) -> YAMLNode? {
    var (event, place) = try stream.next()
    if case .streamStart = event { (event, place) = try stream.next() }
    guard case .documentStart = event else { return nil }
    (event, place) = try stream.next()
    let root = try node(event, place, depth: 1)
    _ = try stream.next()
    (event, place) = try stream.next()
    guard case .streamEnd = event else { throw fault(name, place, "a second document begins here: keep one to a file") }
    return root
  }

  private mutating func node(_ event: YAMLEvent, _ place: YAMLPlace, depth: Int) throws(Fault) -> YAMLNode {
    nodeCount += 1
    guard nodeCount <= limits.nodes else { throw fault(name, place, "more than \(limits.nodes) values") }
    guard depth <= limits.depth else { throw fault(name, place, "nested deeper than \(limits.depth) levels") }
    switch event {
    case .scalar(let text, let quoted): return YAMLNode(.scalar(text, quoted: quoted), at: place)
    case .listStart: return YAMLNode(.list(try items(depth)), at: place)
    case .mapStart: return YAMLNode(.map(try entries(depth)), at: place)
    case .alias(let anchor):
      throw fault(name, place, "the alias '*\(anchor)' is not allowed here: write the value out")
    default: throw Fault(.bug, "\(name): the YAML parser gave its events in an impossible order")
    }
  }

  private mutating func items(_ depth: Int) throws(Fault) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while true {
      let (event, place) = try stream.next()
      if case .listEnd = event { return items }
      items.append(try node(event, place, depth: depth + 1))
    }
  }

  private mutating func entries(_ depth: Int) throws(Fault) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var lines: [String: Int] = [:]
    while true {
      let (event, place) = try stream.next()
      if case .mapEnd = event { return entries }
      guard case .scalar(let key, _) = event else { throw fault(name, place, "a key must be a word") }
      if let first = lines.updateValue(place.line, forKey: key) {
        throw fault(name, place, "the key '\(key)' stands here again, it is already in line \(first)")
      }
      let (value, valuePlace) = try stream.next()
      entries.append(YAMLEntry(key: key, place: place, node: try node(value, valuePlace, depth: depth + 1)))
    }
  }
}
