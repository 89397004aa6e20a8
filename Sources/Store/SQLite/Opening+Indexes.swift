internal import Base
internal import Items
internal import SQLite

extension Opening {
  /// Makes the indexes of the file those of the schema, and reads every item once where some are new.
  func declare(_ connection: Connection) throws(Fault) -> Declared {
    let state = try State.read(connection)
    try checkVersion(state.schema)
    var there: [String: (id: Int, text: String)] = [:]
    try connection.rows(.declarations, []) { row in
      there[row.text(1)] = (row.integer(0), row.text(2))
      return true
    }
    let wanted = schema.indexes.map { ($0.name, $0.canonicalText) } + schema.texts.map { ($0.name, $0.canonicalText) }
    let texts = Dictionary(uniqueKeysWithValues: wanted)
    let outdated = there.filter { texts[$0.key] != $0.value.text }
    let missing = wanted.indices.filter { there[wanted[$0].0]?.text != wanted[$0].1 }
    if state.schema == schema.version, !outdated.isEmpty || !missing.isEmpty {
      throw Fault(.bug, "\(path): the indexes of the schema \(schema.version) are others here than in the program")
    }
    for (_, declaration) in outdated {
      if TextIndexDeclaration.wrote(declaration.text) {
        try connection.run(TextTable(id: declaration.id).dropping)
      } else {
        try connection.run(.deleteEntries, [.integer(declaration.id)])
      }
      try connection.run(.undeclare, [.integer(declaration.id)])
    }
    // an identity that no index of the file has had
    var ids = wanted.map { there[$0.0]?.id ?? 0 }
    for number in missing {
      let values = [SQLValue.text(wanted[number].0), .text(wanted[number].1)]
      ids[number] = try connection.first(.declare, values) { $0.integer(0) } ?? 0
    }
    if !missing.isEmpty { try fill(missing, ids, connection) }
    if state.schema != schema.version { try connection.run(.setSchema, [.integer(schema.version)]) }
    return declared(ids, try State.read(connection).revision)
  }

  private func declared(_ ids: [Int], _ revision: Int) -> Declared {
    let count = schema.indexes.count
    return Declared(revision: revision, ids: Array(ids.prefix(count)), texts: ids.dropFirst(count).map(TextTable.init))
  }

  private func checkVersion(_ found: Int) throws(Fault) {
    guard found > schema.version else { return }
    guard found == schema.version + 1, settings.stepsBack else {
      throw Fault(
        .unsupported,
        "\(path): the library has the schema \(found) of a newer Ridley, this one has \(schema.version): use the newer"
      )
    }
  }

  /// Gives some of the indexes (numbers among all, the text indexes last) what the items that are there make of them.
  private func fill(_ numbers: [Int], _ ids: [Int], _ connection: Connection) throws(Fault) {
    let count = schema.indexes.count
    let declared = declared(ids, 0)
    let texts = numbers.filter { $0 >= count }.map { $0 - count }
    for number in texts { try connection.run(declared.texts[number].making) }
    try connection.rows(.allItems, []) { (row) throws(Fault) in
      let (key, version) = (ItemKey(row.text(0), row.text(1)), row.integer(2))
      let entries = try schema.entries(of: row.bytes(3), at: key)
      for number in numbers where number < count {
        guard let entry = entries.indexes[number] else { continue }
        let content: [SQLValue] = [.integer(version), .utf8(entry.attributes), .integer(row.integer(4))]
        try connection.run(.insertEntry, entry.values(ids[number], key) + content)
      }
      for number in texts {
        guard let entry = entries.texts[number] else { continue }
        try TextChanges.insert(entry, row.integer(4), declared.texts[number], connection)
      }
      return true
    }
  }
}
