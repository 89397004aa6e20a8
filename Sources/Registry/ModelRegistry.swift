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
  ///
  /// Those that were removed are told only where they are asked for: what is said of them is there, and their files are not.
  public func versions(of model: String, withRemoved: Bool = false) throws(Fault) -> [RegisteredVersion] {
    guard NameGrammar.isModelName(model) else { return [] }
    var versions: [RegisteredVersion] = []
    try table.forEach(Query(LibraryKeys.modelPartition(model), .prefix(LibraryKeys.modelVersions))) {
      (item) throws(Fault) in
      let version = try RegisteredVersion(item)
      if withRemoved || version.removed == nil { versions.append(version) }
    }
    return versions
  }

  /// A version by its number, also one that was removed.
  public func version(_ number: Int, of model: String) throws(Fault) -> RegisteredVersion? {
    guard NameGrammar.isModelName(model), number > 0 else { return nil }
    return try table.get(LibraryKeys.modelVersion(model, number)).map { (item) throws(Fault) in
      try RegisteredVersion(item)
    }
  }

  /// A version by its number, by an alias as it points now, or by the beginning of its digest, eight digits or more.
  ///
  /// - Throws: `notFound` where there is none, or it was removed, or there is no such model; `conflict` where several digests begin so.
  public func find(_ word: String, of model: String) throws(Fault) -> RegisteredVersion {
    let all = try known(model)
    if let gone = Int(word).flatMap({ number in all.first { $0.number == number } }), let removed = gone.removed {
      throw Self.gone(gone, removed)
    }
    let known = all.filter { $0.removed == nil }
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
        "'\(model)' has no version '\(word.prefix(80))': it has \(Self.numbers(known)), and aliases; see 'ridley model versions \(model)'"
      )
    }
    return found
  }

  /// All versions of a model, also those that were removed.
  ///
  /// - Throws: `notFound` where it has none, with a name that is close.
  @discardableResult public func known(_ model: String) throws(Fault) -> [RegisteredVersion] {
    let all = try versions(of: model, withRemoved: true)
    guard !all.isEmpty else {
      let hint = Suggestion.hint(for: model, among: try models())
      throw Fault(.notFound, "the registry has no model '\(model.prefix(80))'\(hint): 'ridley model publish' adds one")
    }
    return all
  }

  /// As people say them: `1 to 3, 7`.
  private static func numbers(_ versions: [RegisteredVersion]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in versions.map(\.number).sorted() {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    let words = runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
    return words.isEmpty ? "none any more" : words.joined(separator: ", ")
  }

  static func gone(_ version: RegisteredVersion, _ removed: RegisteredVersion.Removal) -> Fault {
    Fault(
      .notFound,
      "version \(version.number) of '\(version.model)' was removed at \(CompositeKey.time(milliseconds: removed.at)) by \(removed.by)\(removed.reason.map { ": \($0)" } ?? "")"
    )
  }
}
