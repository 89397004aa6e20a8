public import Base
public import Catalog
internal import Library

/// All that is known of one version.
extension ModelRegistry {
  public struct VersionFacts: Sendable {
    public let version: RegisteredVersion
    /// What points to it now.
    public let aliases: [AliasMove]
    /// The tags and metrics that hold.
    public let notes: [ModelNote]
    public let signatures: [ModelSignature]
    public let examples: [ModelExamples]
    /// What people should know of it.
    public let card: String?

    /// The members that are its JSON on every surface: the version, its card as text, and lists of the others.
    public func write(into json: inout JSONWriter) {
      json.object("version", version.write)
      json.field("card", ifKnown: card)
      json.array("aliases") { json in for move in aliases { json.object(move.write) } }
      json.array("notes") { json in for note in notes { json.object(note.write) } }
      json.array("signatures") { json in for signature in signatures { json.object(signature.write) } }
      json.array("examples") { json in for set in examples { json.object(set.write) } }
    }
  }

  public func facts(of version: RegisteredVersion) throws(Fault) -> VersionFacts {
    let card = try version.removed == nil ? version.card.map { (card) throws(Fault) in try library.read(card) } : nil
    return VersionFacts(
      version: version, aliases: try aliases(of: version.model).filter { $0.to == version.number },
      notes: Self.holding(try notes(of: version.model, version: version.number)),
      signatures: try signatures(of: version),
      examples: try examples(of: version.model, version: version.number),
      card: card.map { String(decoding: $0, as: UTF8.self) })
  }

  /// As ``find(_:of:)``, also one that was removed, by its number.
  public func any(_ word: String, of model: String) throws(Fault) -> RegisteredVersion {
    if let number = Int(word), let found = try version(number, of: model) { return found }
    return try find(word, of: model)
  }
}
