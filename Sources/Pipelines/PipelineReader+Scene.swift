internal import Base
internal import Vision
internal import YAML

extension PipelineReader {
  enum SceneKey: String, CaseIterable { case masks, zones, lines }
  enum ZoneKey: String, CaseIterable { case polygon, anchor, labels, hold }
  enum LineKey: String, CaseIterable { case points, anchor, labels, margin }
  enum SizeKey: String, CaseIterable { case least, most, labels }

  /// Masks, zones and lines by themselves.
  mutating func scene(_ root: YAMLValue) throws(Fault) -> Scene {
    let fields = DiagnosticFields<SceneKey>(root, &diagnostics)
    var scene = Scene()
    if let value = fields[.masks] { scene.masks = masks(value) }
    if let value = fields[.zones] { scene.zones = zones(value) }
    if let value = fields[.lines] { scene.lines = lines(value) }
    if let fault = diagnostics.fault { throw fault }
    return scene
  }

  mutating func masks(_ value: YAMLValue) -> [Polygon] {
    guard let items = diagnostics.attempt(value, { (value) throws(Fault) in try value.items() }) else { return [] }
    guard fits(items.count, value) else { return [] }
    let masks = items.enumerated().compactMap { number, item in
      polygon(YAMLValue(item.node, what: "mask \(number + 1)", document: document))
    }
    return masks.sorted { $0.text < $1.text }
  }

  mutating func zones(_ value: YAMLValue) -> [Scene.Zone] {
    named(value, "zone") { reader, name, value in
      reader.places[.zone(name)] = value.node.place
      guard case .map = value.node.kind else {
        return reader.polygon(value).map { Scene.Zone(name: name, polygon: $0) }
      }
      let fields = DiagnosticFields<ZoneKey>(value, &reader.diagnostics)
      var zone = Scene.Zone(name: name, polygon: Polygon([Point(0, 0), Point(1, 0), Point(1, 1)]))
      fields.set(&zone.anchor, .anchor, &reader.diagnostics) { (value) throws(Fault) in try value.choice() }
      fields.set(&zone.labels, .labels, &reader.diagnostics, ValueReaders.words)
      fields.set(&zone.hold, .hold, &reader.diagnostics) { (value) throws(Fault) in
        try ValueReaders.seconds(value, in: 0...600)
      }
      guard let polygon = reader.shape(.polygon, fields, { $0.polygon($1) }) else { return nil }
      zone.polygon = polygon
      return zone
    }.sorted { $0.name < $1.name }
  }

  mutating func lines(_ value: YAMLValue) -> [Scene.Line] {
    named(value, "line") { reader, name, value in
      reader.places[.line(name)] = value.node.place
      guard case .map = value.node.kind else {
        return reader.segment(value).map { Scene.Line(name: name, segment: $0) }
      }
      let fields = DiagnosticFields<LineKey>(value, &reader.diagnostics)
      var line = Scene.Line(name: name, segment: Segment(Point(0, 0), Point(1, 1)))
      fields.set(&line.anchor, .anchor, &reader.diagnostics) { (value) throws(Fault) in try value.choice() }
      fields.set(&line.labels, .labels, &reader.diagnostics, ValueReaders.words)
      fields.set(&line.margin, .margin, &reader.diagnostics) { (value) throws(Fault) in
        try ValueReaders.share(value, in: 0...0.5)
      }
      guard let segment = reader.shape(.points, fields, { $0.segment($1) }) else { return nil }
      line.segment = segment
      return line
    }.sorted { $0.name < $1.name }
  }

  mutating func sizes(_ value: YAMLValue) -> [Pipeline.SizeLimit] {
    places[.size] = value.node.place
    let values: [YAMLValue]
    if case .list = value.node.kind { values = (try? value.items()) ?? [] } else { values = [value] }
    guard fits(values.count, value) else { return [] }
    return values.map { value in
      let value = YAMLValue(value.node, what: "size", document: document)
      let fields = DiagnosticFields<SizeKey>(value, &diagnostics)
      var limit = Pipeline.SizeLimit()
      fields.set(&limit.least, .least, &diagnostics) { (value) throws(Fault) in
        try ValueReaders.share(value, in: 0...1)
      }
      fields.set(&limit.most, .most, &diagnostics) { (value) throws(Fault) in try ValueReaders.share(value, in: 0...1) }
      fields.set(&limit.labels, .labels, &diagnostics, ValueReaders.words)
      if fields.isGroup, fields[.least] == nil, fields[.most] == nil {
        diagnostics.add(value, "size says nothing: expected least, most or both, as shares of the picture's area")
      }
      if limit.least > limit.most {
        diagnostics.add(
          value,
          "least (\(CanonicalText.number(limit.least))) must not be above most (\(CanonicalText.number(limit.most)))")
      }
      return limit
    }
  }

  /// The entries of a map by their names, each read by `read`.
  mutating func named<Part>(
    _ value: YAMLValue, _ kind: String, read: (inout PipelineReader, String, YAMLValue) -> Part?
  ) -> [Part] {
    switch value.node.kind {
    case .map(let entries):
      guard fits(entries.count, value) else { return [] }
      return entries.compactMap { entry in
        let shown = String(entry.key.unicodeScalars.prefix(64).map { Self.isPrintable($0) ? Character($0) : "?" })
        if let flaw = Self.flaw(ofName: entry.key) {
          diagnostics.add(entry.place, "'\(shown)' is no name for a \(kind): \(flaw)")
        }
        return read(&self, entry.key, YAMLValue(entry.node, what: "\(kind) '\(shown)'", document: document))
      }
    case .scalar("", quoted: false), .scalar("~", quoted: false), .scalar("null", quoted: false): return []
    default:
      diagnostics.add(value, "\(value.what) must be a group of names, expected e.g. \(value.what): {yard: …}")
      return []
    }
  }

  private mutating func fits(_ count: Int, _ value: YAMLValue) -> Bool {
    guard count > Scene.most else { return true }
    diagnostics.add(value, "\(count) \(value.what): at most \(Scene.most) can be had")
    return false
  }

  private static func flaw(ofName name: String) -> String? {
    guard (1...64).contains(name.utf8.count) else { return "it has 1 to 64 bytes" }
    guard name.unicodeScalars.allSatisfy(isPrintable) else { return "it holds something that cannot be printed" }
    return name.first == " " || name.last == " " ? "it begins or ends with a space" : nil
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}

extension PipelineReader {
  /// What stands under a key of a zone or line, which has to be there.
  private mutating func shape<Key, Shape>(
    _ key: Key, _ fields: DiagnosticFields<Key>, _ read: (inout PipelineReader, YAMLValue) -> Shape?
  ) -> Shape? {
    let owner = fields.owner
    guard let points = fields[key] else {
      if fields.isGroup { diagnostics.add(owner, "the key '\(key.rawValue)' is missing in \(owner.what)") }
      return nil
    }
    return read(&self, YAMLValue(points.node, what: owner.what, document: document))
  }

  /// A list of points; `nil` and diagnostics where it is none.
  private mutating func points(_ value: YAMLValue, _ count: ClosedRange<Int>, _ example: String) -> [Point]? {
    guard case .list(let nodes) = value.node.kind, count.contains(nodes.count) else {
      let range = count.lowerBound == count.upperBound ? "" : "\(count.lowerBound) to \(count.upperBound) points, "
      diagnostics.add(value, "\(value.what) is no list of points, expected \(range)e.g. \(example)")
      return nil
    }
    let points = nodes.enumerated().compactMap { number, node in
      point(YAMLValue(node, what: "point \(number + 1) of \(value.what)", document: document))
    }
    return points.count == nodes.count ? points : nil
  }

  private mutating func point(_ value: YAMLValue) -> Point? {
    guard case .list(let sides) = value.node.kind, sides.count == 2 else {
      diagnostics.add(
        value, "\(value.what) is no point, expected x and y as fractions of the picture, e.g. [0.25, 0.5]")
      return nil
    }
    let numbers = zip(sides, ["x", "y"]).compactMap { side, name in
      diagnostics.attempt(YAMLValue(side, what: "\(name) of \(value.what)", document: document)) {
        (value) throws(Fault) in try ValueReaders.number(value, in: 0...1)
      }
    }
    return numbers.count == 2 ? Point(numbers[0], numbers[1]) : nil
  }

  private mutating func polygon(_ value: YAMLValue) -> Polygon? {
    let example = "[[0.1, 0.5], [0.6, 0.5], [0.6, 1], [0.1, 1]]"
    guard let points = points(value, 3...Scene.mostPoints, example) else { return nil }
    let polygon = Polygon(points)
    switch polygon.flaw {
    case nil: return polygon
    case .repeated(let index):
      let next = (index + 1) % points.count
      let advice = next == 0 ? "; the last point is joined with the first by itself" : ""
      diagnostics.add(value, "points \(index + 1) and \(next + 1) of \(value.what) are the same\(advice)")
    case .crossing(let first, let second):
      diagnostics.add(
        value,
        "the sides of \(value.what) that begin at points \(first + 1) and \(second + 1) cross: list the points in the order in which they go round"
      )
    case .flat: diagnostics.add(value, "all points of \(value.what) lie on a line: it has nothing inside")
    }
    return nil
  }

  private mutating func segment(_ value: YAMLValue) -> Segment? {
    guard let points = points(value, 2...2, "two points: [[0, 0.6], [1, 0.6]]") else { return nil }
    let (dx, dy) = (points[0].x - points[1].x, points[0].y - points[1].y)
    guard dx * dx + dy * dy >= 1e-6 else {
      diagnostics.add(value, "both points of \(value.what) are the same, or nearly so: it goes nowhere")
      return nil
    }
    return Segment(points[0], points[1])
  }
}

extension Polygon {
  /// As YAML has it.
  var text: String { "[" + points.map(\.text).joined(separator: ", ") + "]" }
}

extension Point {
  var text: String { "[\(CanonicalText.number(x)), \(CanonicalText.number(y))]" }
}
