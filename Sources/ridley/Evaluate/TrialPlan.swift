import Base
import Isolation
import Items
import Predictions

/// What a trial is of, as the process that found it out tells it to those that work.
struct TrialPlan {
  struct Side {
    /// As reports name it.
    var name: String
    var digest: String
    /// What every command takes for it: a name, a file, or the folder of a version.
    var word: String
    /// Decides what it answers here: pipeline, engine and precision.
    var key: String
  }

  struct File {
    var path: String
    /// As the trial names it: an asset's id, or the path.
    var name: String
    /// For people.
    var shown: String

    /// It is the library's, which finds its pictures again, for as long as it has it.
    var isAsset: Bool { !name.hasSameBytes(as: path) }
  }

  var older: Side
  var newer: Side
  /// Labels of both, each once.
  var labels: [String]
  var files: [File]
  /// For people: one sentence each.
  var notes: [String]
  /// The newer one's number in the registry.
  var version: Int?

  static let mostFiles = 1 << 20

  var bytes: [UInt8] {
    var fields = FieldWriter()
    for side in [older, newer] { for text in [side.name, side.digest, side.word, side.key] { fields.add(text) } }
    fields.add(list: labels) { $0.add($1) }
    fields.add(list: files) { fields, file in for text in [file.path, file.name, file.shown] { fields.add(text) } }
    fields.add(list: notes) { $0.add($1) }
    fields.add(version) { $0.add($1) }
    return fields.bytes
  }

  init(older: Side, newer: Side, labels: [String], files: [File], notes: [String], version: Int?) {
    (self.older, self.newer, self.labels, self.files) = (older, newer, labels, files)
    (self.notes, self.version) = (notes, version)
  }

  init(_ bytes: [UInt8]) throws(Fault) {
    var fields = FieldReader(bytes)
    let side = { (fields: inout FieldReader) throws(Fault) in
      Side(name: try fields.text(), digest: try fields.text(), word: try fields.text(), key: try fields.text())
    }
    (older, newer) = (try side(&fields), try side(&fields))
    labels = try fields.list(upTo: Self.mostFiles) { (fields) throws(Fault) in try fields.text() }
    files = try fields.list(upTo: Self.mostFiles) { (fields) throws(Fault) in
      File(path: try fields.text(), name: try fields.text(), shown: try fields.text())
    }
    notes = try fields.list(upTo: Self.mostFiles) { (fields) throws(Fault) in try fields.text() }
    version = try fields.optional { (fields) throws(Fault) in try fields.integer() }
    try fields.end()
  }
}
