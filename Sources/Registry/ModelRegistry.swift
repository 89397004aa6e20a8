public import Base
public import Catalog
internal import Items
public import Library
internal import ModelHub
internal import Store

/// The registry of models in a library: what was published, and what pointed where, when.
///
/// For any thread that may block, and several processes at a time.
public struct ModelRegistry: Sendable {
  public let library: Library

  public init(_ library: Library) { self.library = library }

  var table: any Table { library.table }

  /// The names of all models that have a version.
  public func models() throws(Fault) -> [String] {
    var names: [String] = []
    try table.forEach(Query(LibraryKeys.models)) { names.append($0.key.sort) }
    return names
  }

  /// All versions of a model, the oldest first; none where there is no such model.
  public func versions(of model: String) throws(Fault) -> [RegisteredVersion] {
    guard NameGrammar.isModelName(model) else { return [] }
    var versions: [RegisteredVersion] = []
    try table.forEach(Query(LibraryKeys.modelPartition(model), .prefix(LibraryKeys.modelVersions))) {
      (item) throws(Fault) in versions.append(try RegisteredVersion(item))
    }
    return versions
  }

  /// A version by its number.
  public func version(_ number: Int, of model: String) throws(Fault) -> RegisteredVersion? {
    guard NameGrammar.isModelName(model), number > 0 else { return nil }
    return try table.get(LibraryKeys.modelVersion(model, number)).map { (item) throws(Fault) in
      try RegisteredVersion(item)
    }
  }

  /// A version by its number, by an alias as it points now, or by the beginning of its digest, eight digits or more.
  ///
  /// - Throws: `notFound` where there is none, or no such model; `conflict` where several digests begin so.
  public func find(_ word: String, of model: String) throws(Fault) -> RegisteredVersion {
    let known = try versions(of: model)
    guard !known.isEmpty else {
      let hint = Suggestion.hint(for: model, among: try models())
      throw Fault(.notFound, "the registry has no model '\(model.prefix(80))'\(hint): 'ridley model publish' adds one")
    }
    if let number = Int(word), let found = known.first(where: { $0.number == number }) { return found }
    if let number = try alias(word, of: model)?.to, let found = known.first(where: { $0.number == number }) {
      return found
    }
    let digits = word.hasPrefix("sha256:") ? String(word.dropFirst(7)) : word
    let alike = digits.utf8.count < 8 ? [] : known.filter { $0.digest.hasPrefix("sha256:" + digits) }
    guard alike.count < 2 else {
      throw Fault(.conflict, "the digests of several versions of '\(model)' begin with \(digits): say more of it")
    }
    guard let found = alike.first else {
      throw Fault(
        .notFound,
        "'\(model)' has no version '\(word.prefix(80))': it has 1 to \(known.count), and aliases; see 'ridley model versions \(model)'"
      )
    }
    return found
  }
}
