public import Base
public import Catalog
internal import Items
internal import Library
internal import ModelHub
internal import Store

/// One number that was measured of a version.
public struct ModelMetric: Sendable, Hashable {
  /// Such as `map` or `f1`.
  public let name: String
  public let value: Double
  /// The part of the data that it was measured on, such as `label:cup`; `nil` for all of it.
  public let slice: String?

  public init(name: String, value: Double, slice: String? = nil) {
    (self.name, self.value, self.slice) = (name, value, slice)
  }
}

/// Tags and metrics of versions: never changed, and of several of one name the last holds.
extension ModelRegistry {
  /// All that was ever said of a version, the oldest first; `nil` for all versions of the model.
  public func notes(of model: String, version number: Int?) throws(Fault) -> [ModelNote] {
    guard NameGrammar.isModelName(model) else { return [] }
    var notes: [ModelNote] = []
    let query = Query(LibraryKeys.modelPartition(model), .prefix(LibraryKeys.modelNotes(of: number)))
    try table.forEach(query) { (item) throws(Fault) in notes.append(try ModelNote(item)) }
    return notes
  }

  /// Writes down what was measured of a version.
  ///
  /// - Throws: `badInput` for a name, a slice or a number that cannot be kept; `notFound` where the version is not there.
  public func note(_ metrics: [ModelMetric], of model: String, version number: Int, by who: String) throws(Fault) {
    for metric in metrics where !metric.value.isFinite || metric.value.magnitude > 1e15 {
      throw Fault(.badInput, "the metric '\(metric.name)' is \(metric.value), and a number up to 10^15 is kept")
    }
    try note(metrics.map { ($0.name, .metric($0.value, slice: $0.slice)) }, of: model, version: number, by: who)
  }

  /// Says a word of a version, such as `stage=proven`.
  ///
  /// - Throws: as ``note(_:of:version:by:)``.
  public func tag(
    _ name: String, _ text: String, of model: String, version number: Int, by who: String
  ) throws(Fault) {
    try note([(name, .tag(text))], of: model, version: number, by: who)
  }

  private static let notesOfStep = ItemLimits.writeCount / 2

  private func note(
    _ notes: [(name: String, content: ModelNote.Content)], of model: String, version number: Int, by who: String
  ) throws(Fault) {
    try Self.check(who, nil)
    for note in notes { try Self.check(note.name, note.content) }
    var rest = notes[...]
    while !rest.isEmpty {
      let some = rest.prefix(Self.notesOfStep)
      rest = rest.dropFirst(some.count)
      try write(Array(some), model, number, who)
    }
  }

  private func write(
    _ notes: [(name: String, content: ModelNote.Content)], _ model: String, _ number: Int, _ who: String
  ) throws(Fault) {
    var random = SystemRandomNumberGenerator()
    try library.change("the model '\(model)'") { () throws(Fault) in
      // It is written with each note, so that two that note at a time do so one after the other.
      var writes = try check(number, of: model)
      let last = try table.items(
        Query(
          LibraryKeys.modelPartition(model), .prefix(LibraryKeys.modelNotes(of: number)), order: .descending, limit: 1)
      ).elements.first.map { (item) throws(Fault) in try ModelNote(item) }
      var at = max(library.now, last.map { $0.at + 1 } ?? 0)
      for note in notes {
        let id = ULID(milliseconds: at, using: &random)
        let item = ModelNote(model: model, version: number, name: note.name, note.content, by: who, at: at, id: id)
        writes.append(.put(item.itemKey, item.json, if: .absent))
        at += 1
      }
      return (writes, ())
    }
  }

  private static func check(_ name: String, _ content: ModelNote.Content) throws(Fault) {
    let isName =
      !name.isEmpty && name.utf8.count <= 100 && name.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "=") }
    guard isName else {
      throw Fault(
        .badInput,
        "'\(name.prefix(40))' is no name of a tag or metric: 1 to 100 bytes without spaces and '=', e.g. stage")
    }
    let text =
      switch content {
      case .tag(let text): text
      case .metric(_, let slice): slice ?? "all"
      }
    guard !text.isEmpty, text.utf8.count <= 2000 else {
      throw Fault(.badInput, "what is said by '\(name)' has 1 to 2000 bytes")
    }
  }

  /// Of notes, the oldest first, those that hold: the last tag of each name, and the last metric of each name and slice.
  public static func holding(_ notes: [ModelNote]) -> [ModelNote] {
    var last: [[String]: ModelNote] = [:]
    for note in notes {
      switch note.content {
      case .tag: last[["tag", "\(note.version)", note.name]] = note
      case .metric(_, let slice): last[["metric", "\(note.version)", note.name, slice ?? ""]] = note
      }
    }
    return last.values.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
  }
}
