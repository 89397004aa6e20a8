public import Base
internal import Predictions
internal import Vision
internal import YAML

extension Pipeline {
  /// What a pipeline that watches nothing does not have in its canonical form, so that its digest stays what it was.
  func writeScene(into json: inout JSONWriter) {
    if !sizes.isEmpty || !scene.masks.isEmpty {
      json.array { json in
        json.string("leaves out")
        json.array { json in for mask in scene.masks { json.string(mask.text) } }
        json.array { json in
          for limit in sizes {
            json.array { json in
              json.exact(limit.least)
              json.exact(limit.most)
              json.strings(limit.labels)
            }
          }
        }
      }
    }
    guard watches else { return }
    json.array { json in
      json.string("watches")
      json.array { json in for zone in scene.zones { json.string(Self.text(zone)) } }
      json.array { json in for line in scene.lines { json.string(Self.text(line)) } }
      json.array { json in for rule in rules { json.string(text(rule, of: "\(rule.of)")) } }
    }
  }

  /// Masks and sizes, zones and lines as the document has them.
  var sceneText: String {
    var text = scene.text
    if !sizes.isEmpty { text += "size:\n" + sizes.map(Self.text).joined() }
    return text
  }

  var rulesText: String {
    rules.isEmpty
      ? "" : "rules:\n" + rules.map { "  " + text($0, of: CanonicalText.quoted(infer[$0.of].name)) + "\n" }.joined()
  }

  private static func text(_ limit: SizeLimit) -> String {
    var words = ["least: \(CanonicalText.number(limit.least))", "most: \(CanonicalText.number(limit.most))"]
    if !limit.labels.isEmpty { words.append("labels: \(CanonicalText.words(limit.labels))") }
    return "  - {\(words.joined(separator: ", "))}\n"
  }

  fileprivate static func text(_ zone: Scene.Zone) -> String {
    var words = ["polygon: \(zone.polygon.text)", "anchor: \(zone.anchor.rawValue)"]
    if !zone.labels.isEmpty { words.append("labels: \(CanonicalText.words(zone.labels))") }
    words.append("hold: \(CanonicalText.time(zone.hold))")
    return "\(CanonicalText.quoted(zone.name)): {\(words.joined(separator: ", "))}"
  }

  fileprivate static func text(_ line: Scene.Line) -> String {
    var words = ["points: [\(line.segment.from.text), \(line.segment.to.text)]", "anchor: \(line.anchor.rawValue)"]
    if !line.labels.isEmpty { words.append("labels: \(CanonicalText.words(line.labels))") }
    words.append("margin: \(CanonicalText.number(line.margin))")
    return "\(CanonicalText.quoted(line.name)): {\(words.joined(separator: ", "))}"
  }

  private func text(_ rule: Rule, of network: String) -> String {
    var words: [String] = []
    if !rule.labels.isEmpty { words.append("labels: \(CanonicalText.words(rule.labels))") }
    if let line = rule.line {
      words.append("line: \(CanonicalText.quoted(line))")
      if let direction = rule.direction { words.append("direction: \(direction.rawValue)") }
    } else {
      words.insert("of: \(network)", at: 0)
      if let zone = rule.zone { words.append("zone: \(CanonicalText.quoted(zone))") }
      if rule.dwell > 0 { words.append("dwell: \(CanonicalText.time(rule.dwell))") }
      words.append("count: \(rule.count)")
      words.append("votes: \(rule.votes.needed) of \(rule.votes.of)")
      words.append("on: \(CanonicalText.score(rule.votes.on))")
      words.append("off: \(CanonicalText.score(rule.votes.off))")
      words.append("for: \(CanonicalText.time(rule.lasting))")
    }
    words.append("hold: \(CanonicalText.time(rule.hold))")
    words.append("cool-down: \(CanonicalText.time(rule.coolDown))")
    return "\(CanonicalText.quoted(rule.name)): {\(words.joined(separator: ", "))}"
  }
}

extension Scene {
  /// The normal form as a part of a pipeline's document; read back, it is the same.
  public var text: String {
    var text = ""
    if !masks.isEmpty { text += "masks:\n" + masks.map { "  - \($0.text)\n" }.joined() }
    if !zones.isEmpty { text += "zones:\n" + zones.map { "  \(Pipeline.text($0))\n" }.joined() }
    if !lines.isEmpty { text += "lines:\n" + lines.map { "  \(Pipeline.text($0))\n" }.joined() }
    return text
  }

  /// The members of its JSON, which can be read as YAML is.
  public func write(into json: inout JSONWriter) {
    json.array("masks") { json in for mask in masks { Self.write(mask.points, into: &json) } }
    json.object("zones") { json in
      for zone in zones {
        json.object(JSONWriter.Name(zone.name)) { json in
          json.field("polygon") { Self.write(zone.polygon.points, into: &$0) }
          json.field("anchor", zone.anchor.rawValue)
          if !zone.labels.isEmpty { json.field("labels", zone.labels) }
          json.field("hold", CanonicalText.time(zone.hold))
        }
      }
    }
    json.object("lines") { json in
      for line in lines {
        json.object(JSONWriter.Name(line.name)) { json in
          json.field("points") { Self.write([line.segment.from, line.segment.to], into: &$0) }
          json.field("anchor", line.anchor.rawValue)
          if !line.labels.isEmpty { json.field("labels", line.labels) }
          json.field("margin", line.margin)
        }
      }
    }
  }

  private static func write(_ points: [Point], into json: inout JSONWriter) {
    json.array { json in
      for point in points {
        json.array { json in
          json.number(point.x, digits: 9)
          json.number(point.y, digits: 9)
        }
      }
    }
  }

  /// Reads masks, zones and lines that stand by themselves, as YAML or JSON.
  ///
  /// One fault tells everything that is wrong.
  public static func read(bytes: [UInt8], name: String) throws(Fault) -> Scene {
    var reader = PipelineReader(document: name)
    guard let document = try YAMLDocument.parseUnlessEmpty(bytes, name: name) else { return Scene() }
    return try reader.scene(document.value("the scene"))
  }
}
