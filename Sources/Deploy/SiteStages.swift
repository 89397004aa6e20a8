public import Base
public import YAML

/// The stages of a blueprint: what stands in `stages` under a name is laid over all the rest.
///
/// A group over a group is merged key by key. Anything else replaces what was there as a whole, lists too. A key without a value
/// (`key:`, or `null`) is taken away.
public enum SiteStages {
  /// The key of the overlays.
  public static let key = "stages"

  /// The names of the stages, in the order of the document.
  ///
  /// - Throws: `badInput` where `stages` is no group, or a name is none.
  public static func names(_ document: YAMLDocument) throws(Fault) -> [String] {
    var names: [String] = []
    for stage in try stages(document) {
      guard PlainName.isValid(stage.key) else {
        throw YAMLValue(YAMLNode(stage.node.kind, at: stage.place), what: key, document: document.name)
          .fault("'\(stage.key)' is no name for a stage: letters, digits, '-', '_' and '.', at most 64")
      }
      guard stage.key != Site.usualStage else {
        throw YAMLValue(YAMLNode(stage.node.kind, at: stage.place), what: key, document: document.name)
          .fault("'\(stage.key)' stands for a document without stages: name this one otherwise")
      }
      names.append(stage.key)
    }
    return names
  }

  /// The document with one stage laid over it; without `stages`.
  ///
  /// `nil` is for a document that has none: one that has stages means nothing without them.
  ///
  /// - Throws: `usage` where the stage is not there, or one has to be named.
  public static func merge(_ document: YAMLDocument, stage: String?) throws(Fault) -> YAMLNode {
    guard case .map(let entries) = document.root.kind else {
      throw document.value("the blueprint").unfit("a group of keys")
    }
    let base = YAMLNode(.map(entries.filter { $0.key != key }), at: document.root.place)
    let known = try names(document)
    guard let stage else {
      guard known.isEmpty else {
        throw Fault(.usage, "\(document.name) has stages: say which one, --stage \(known.joined(separator: " or "))")
      }
      return base
    }
    guard let overlay = try stages(document).first(where: { $0.key == stage }) else {
      let there = known.isEmpty ? "it has none" : "there are \(known.joined(separator: ", "))"
      throw Fault(
        .usage, "\(document.name) has no stage '\(stage)'\(Suggestion.hint(for: stage, among: known)): \(there)")
    }
    guard !isNothing(overlay.node) else { return base }
    guard case .map(let over) = overlay.node.kind else {
      throw YAMLValue(overlay.node, what: "the stage \(stage)", document: document.name).unfit("a group of keys")
    }
    if let inner = over.first(where: { $0.key == key }) {
      throw YAMLValue(YAMLNode(inner.node.kind, at: inner.place), what: key, document: document.name)
        .fault("a stage has no stages of its own")
    }
    return merge(base, overlay.node)
  }

  private static func stages(_ document: YAMLDocument) throws(Fault) -> [YAMLEntry] {
    guard case .map(let entries) = document.root.kind, let stages = entries.first(where: { $0.key == key }) else {
      return []
    }
    guard case .map(let found) = stages.node.kind else {
      throw YAMLValue(stages.node, what: key, document: document.name)
        .fault("stages must be a group: the name of each, and what is other there")
    }
    return found
  }

  private static func merge(_ base: YAMLNode, _ over: YAMLNode) -> YAMLNode {
    guard case .map(let below) = base.kind, case .map(let above) = over.kind else { return over }
    var result: [YAMLEntry] = []
    for entry in below {
      guard let other = above.first(where: { $0.key == entry.key }) else {
        result.append(entry)
        continue
      }
      guard !isNothing(other.node) else { continue }
      result.append(YAMLEntry(key: other.key, place: other.place, node: merge(entry.node, other.node)))
    }
    for entry in above where !isNothing(entry.node) && !below.contains(where: { $0.key == entry.key }) {
      result.append(entry)
    }
    return YAMLNode(.map(result), at: base.place)
  }

  private static func isNothing(_ node: YAMLNode) -> Bool {
    if case .scalar(let text, quoted: false) = node.kind {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }
}
