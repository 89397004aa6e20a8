public import Base

extension Vocabulary {
  /// Reads lines of id, parents (`,`), name and further words (`|`), with tabs between; `name` and `version` stand before them.
  ///
  /// `#` begins a comment. Faults are `badInput` and name the line.
  public static func read(bytes: [UInt8], name: String) throws(Fault) -> Vocabulary {
    var reader = VocabularyReader(document: name)
    for (number, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      try reader.read(String(decoding: line, as: UTF8.self), number + 1)
    }
    return try reader.vocabulary()
  }
}

/// Takes lines, then puts them together: parents may stand below their children.
private struct VocabularyReader {
  private struct Row {
    let id: String
    let name: String
    let parents: [String]
    let words: [String]
    let line: Int
  }

  private let document: String
  private var head: [String: String] = [:]
  private var rows: [Row] = []
  private var positions: [String: Int] = [:]

  init(document: String) { self.document = document }

  mutating func read(_ text: String, _ line: Int) throws(Fault) {
    guard !text.isEmpty, !text.hasPrefix("#") else { return }
    let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    if ["name", "version"].contains(fields[0]), fields.count == 2 {
      head[fields[0]] = fields[1]
      return
    }
    guard (3...4).contains(fields.count), !fields[0].isEmpty, !fields[2].isEmpty else {
      throw fault(line, "expected id, parents, name and, where there are, further words, with tabs between")
    }
    guard positions.updateValue(rows.count, forKey: fields[0]) == nil else {
      throw fault(line, "the id '\(fields[0])' stands here again")
    }
    let words = fields.count == 4 ? fields[3].split(separator: "|").map(String.init) : []
    rows.append(
      Row(
        id: fields[0], name: fields[2], parents: fields[1].split(separator: ",").map(String.init), words: words,
        line: line))
  }

  func vocabulary() throws(Fault) -> Vocabulary {
    guard let name = head["name"], let version = head["version"] else {
      throw Fault(.badInput, "\(document): a line 'name' and a line 'version' must say what vocabulary this is")
    }
    let parents = try self.parents()
    var entries: [Vocabulary.Entry] = []
    for (position, row) in rows.enumerated() {
      let above = try ancestors(of: position, parents)
      entries.append(Vocabulary.Entry(id: row.id, name: row.name, parents: parents[position], ancestors: above))
    }
    return Vocabulary(name: name, version: version, entries: entries, words: words())
  }

  private func parents() throws(Fault) -> [[Int]] {
    var parents: [[Int]] = []
    for row in rows {
      var found: [Int] = []
      for parent in row.parents {
        guard let position = positions[parent] else {
          throw fault(row.line, "'\(row.id)' is a kind of '\(parent)', and no line has this id")
        }
        found.append(position)
      }
      parents.append(found)
    }
    return parents
  }

  /// Breadth first, so that the nearest come first.
  private func ancestors(of position: Int, _ parents: [[Int]]) throws(Fault) -> [Int] {
    var found: [Int] = []
    var level = parents[position]
    while !level.isEmpty {
      guard !level.contains(position) else {
        throw fault(rows[position].line, "'\(rows[position].id)' is a kind of itself, by way of its parents")
      }
      let new = level.filter { !found.contains($0) }
      for each in new where !found.contains(each) { found.append(each) }
      level = new.flatMap { parents[$0] }
    }
    return found
  }

  /// Ids before names before further words, each as written before in small letters; what means several things is marked.
  private func words() -> [String: Int] {
    var words: [String: Int] = [:]
    let kinds: [(Row) -> [String]] = [
      { [$0.id] }, { [$0.name] }, { $0.words }, { [$0.name.lowercased()] }, { $0.words.map { $0.lowercased() } },
    ]
    for kind in kinds {
      var new: [String: Int] = [:]
      for (position, row) in rows.enumerated() {
        for word in Set(kind(row)) where words[word] == nil {
          new[word] = new[word] == nil ? position : Vocabulary.ambiguous
        }
      }
      words.merge(new) { old, _ in old }
    }
    return words
  }

  private func fault(_ line: Int, _ message: String) -> Fault { Fault(.badInput, "\(document):\(line): \(message)") }
}
