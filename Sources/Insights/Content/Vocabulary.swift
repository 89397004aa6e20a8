internal import Base

/// Words that networks have for what they see, each with an id that stays, and with what it is a kind of.
///
/// A word may have several parents (a beer bottle is a bottle, a military uniform is clothing). A word that means several things is none of
/// them: `crane` is a bird and a machine, and nobody guesses which.
public struct Vocabulary: Sendable {
  public struct Entry: Sendable, Hashable {
    public let id: String
    public let name: String
    /// Positions of what it is a kind of; then all above these, each once, the nearest first.
    let parents: [Int]
    let ancestors: [Int]
  }

  public let name: String
  /// Raised with every change of what is in it; stands in each result.
  public let version: String
  public let entries: [Entry]
  private let words: [String: Int]

  /// ImageNet-1k's classes with what WordNet says above them, and the places of Places365 within doors and without.
  public static let builtIn: Vocabulary = {
    do { return try read(bytes: PackageResources.vocabulary_tsv, name: "vocabulary.tsv") } catch {
      preconditionFailure("the vocabulary that is built in cannot be read: \(error)")
    }
  }()

  init(name: String, version: String, entries: [Entry], words: [String: Int]) {
    (self.name, self.version, self.entries, self.words) = (name, version, entries, words)
  }

  /// Where the label of a network stands: by id, name or further word, as written or in small letters.
  ///
  /// A list with commas, as ImageNet's own synsets are written, counts as its words where all that are known mean the same, else by a first
  /// word that is a name.
  public func position(of label: String) -> Int? {
    if let found = word(label) { return found }
    guard label.contains(",") else { return nil }
    let parts = label.split(separator: ",").map { String($0.trimming) }
    let found = Set(parts.compactMap(word))
    if found.count == 1 { return found.first }
    // `projectile, missile`: such a list begins with the name, and other words of it may be names of others
    guard let first = parts.first, let named = word(first), entries[named].name == first else { return nil }
    return named
  }

  public func entry(of label: String) -> Entry? { position(of: label).map { entries[$0] } }

  /// Ids of everything that an entry is a kind of, the nearest first.
  public func ancestors(of entry: Entry) -> [String] { entry.ancestors.map { entries[$0].id } }

  private func word(_ text: String) -> Int? {
    guard let found = words[text] ?? words[text.lowercased()] else { return nil }
    return found == Self.ambiguous ? nil : found
  }

  /// Stands where a word means several things.
  static let ambiguous = -1
}

extension Substring {
  var trimming: Substring {
    var part = self
    while part.first == " " { part.removeFirst() }
    while part.last == " " { part.removeLast() }
    return part
  }
}
