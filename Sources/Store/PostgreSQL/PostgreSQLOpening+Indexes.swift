internal import Base
internal import Items
internal import PostgreSQL

extension PostgreSQLOpening {
  /// How long the making of an index may take altogether.
  private static let limit = Duration.seconds(24 * 3600)

  /// Makes the indexes of the database those of the schema, and reads every item once where some are new.
  func declare(_ connection: PostgreSQLConnection) throws(Fault) -> Declared {
    let state = try state(connection)
    try check(state)
    let there = try declarations(connection)
    let texts = Dictionary(uniqueKeysWithValues: wanted.map { ($0.name, $0.text) })
    let outdated = there.filter { texts[$0.key] != $0.value.text }
    let missing = wanted.indices.filter { there[wanted[$0].name]?.text != wanted[$0].text }
    if state.schema == schema.version, !outdated.isEmpty || !missing.isEmpty {
      throw Fault(
        .bug,
        "PostgreSQL at \(address.name): the indexes of the schema \(state.schema) are others here than in the program")
    }
    for (_, declaration) in outdated { try undeclare(declaration, connection) }
    var ids = wanted.map { there[$0.name]?.id ?? 0 }
    for number in missing { ids[number] = try declare(wanted[number], connection) }
    if !missing.isEmpty { try fill(missing, ids, connection) }
    if state.schema != schema.version {
      let sql = "UPDATE state SET schema = $1, revision = revision + 1"
      try connection.exchange([PostgreSQLStatement(once: sql, [.integer(schema.version)])])
    }
    return declared(ids, try self.state(connection).revision)
  }

  private func undeclare(_ found: (id: Int, text: String), _ connection: PostgreSQLConnection) throws(Fault) {
    if TextIndexDeclaration.wrote(found.text) {
      try connection.exchange(PostgreSQLText(id: found.id).dropping.map { PostgreSQLStatement(once: $0) })
    } else {
      let sql = "DELETE FROM entry WHERE declaration = $1"
      try connection.exchange([PostgreSQLStatement(once: sql, [.integer(found.id)])], within: Self.limit)
    }
    try connection.exchange([
      PostgreSQLStatement(once: "DELETE FROM declaration WHERE id = $1", [.integer(found.id)])
    ])
  }

  /// Gives an identity that no index of the database has had.
  private func declare(_ new: (name: String, text: String), _ connection: PostgreSQLConnection) throws(Fault) -> Int {
    let sql = "INSERT INTO declaration (name, text) VALUES ($1, $2) RETURNING id"
    let values = [PostgreSQLValue.bytes(Array(new.name.utf8)), .bytes(Array(new.text.utf8))]
    return try connection.exchange([PostgreSQLStatement(once: sql, values)])[0].integer(0, 0)
  }

  /// Gives some of the indexes (numbers among all, the text indexes last) what the items that are there make of them.
  private func fill(_ numbers: [Int], _ ids: [Int], _ connection: PostgreSQLConnection) throws(Fault) {
    let count = schema.indexes.count
    let declared = declared(ids, 0)
    let texts = numbers.filter { $0 >= count }.map { $0 - count }
    try connection.exchange(texts.map { PostgreSQLStatement(once: declared.texts[$0].making) })
    var bulk = PostgreSQLBulk(declared, indexes: numbers.filter { $0 < count }, texts: texts)
    try PostgreSQLWalk.items(on: connection) { (item) throws(Fault) in
      bulk.add(item.id, item.key, item.version, try schema.entries(of: item.body, at: item.key))
      if bulk.isLarge { try bulk.flush(to: connection) }
    }
    try bulk.flush(to: connection)
    let finishing = texts.flatMap { declared.texts[$0].finishing }
    try connection.exchange(finishing.map { PostgreSQLStatement(once: $0) }, within: Self.limit)
  }
}
