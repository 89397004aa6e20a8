internal import Base
internal import DynamoDB
internal import Items

/// From a table that is there to a library that has these indexes, while other processes may do the same.
struct DynamoDBOpening {
  let client: DynamoDBClient
  let schema: TableSchema
  let settings: DynamoDBTable.Settings

  struct Declared {
    let actions: DynamoDBActions
    let revision: Int
  }

  private var name: String { client.address.shown }

  func prepare() throws(Fault) -> Declared {
    let table = try client.describe()
    guard table.hasKeys else {
      throw Fault(
        .badInput,
        "\(name): a table for a library has the keys pk and sk, both text: 'ridley library table' says how to make it")
    }
    guard table.isActive else { throw Fault(.unavailable, "\(name): the table is not ready: try again") }
    for _ in 0..<1000 { if let declared = try step(table.id) { return declared } }
    throw Fault(.unavailable, "\(name): others change the library all the time: try again")
  }

  /// One step nearer, whoever made the one before; `nil` where it was not the last.
  private func step(_ table: String) throws(Fault) -> Declared? {
    guard let record = try client.get(DynamoDBLayout.state) else {
      try begin(table)
      return nil
    }
    guard let state = DynamoDBState(record),
      let there = try client.get(DynamoDBLayout.declaration).flatMap({ DynamoDBDeclaration($0) })
    else { throw Fault(.badInput, "\(name): the table is none of a library, or damaged") }
    try check(state)
    guard state.schema == schema.version else {
      try declare(there, state)
      return nil
    }
    let wanted = there.declaring(schema.indexes)
    guard wanted == there else {
      throw Fault(.bug, "\(name): the indexes of the schema \(state.schema) are others here than in the program")
    }
    let actions = DynamoDBActions(
      schema: schema, ids: schema.indexes.map { there.ids[$0.name]?.id ?? 0 }, mostAtOnce: settings.mostAtOnce)
    if !state.isSettled {
      try client.finish(state, actions)
    } else if state.building == 1 {
      try build(actions, state)
    } else if state.origin != table {
      try beginLife(table, state)
    } else {
      return Declared(actions: actions, revision: state.revision)
    }
    return nil
  }

  private func begin(_ table: String) throws(Fault) {
    guard try client.scan(after: nil, limit: 1).records.isEmpty else {
      // another process may have been first
      if try client.get(DynamoDBLayout.state) != nil { return }
      throw Fault(.badInput, "\(name): the table holds things of another program: name one that is empty")
    }
    var state = DynamoDBState()
    state.origin = table
    _ = try client.write([
      .put(state.record, if: .absent), .put(DynamoDBDeclaration().record, if: .absent),
    ])
  }

  private func check(_ state: DynamoDBState) throws(Fault) {
    guard state.format <= DynamoDBLayout.format else {
      throw Fault(.unsupported, "\(name): the library was made by a newer Ridley: use that")
    }
    guard state.schema > schema.version else { return }
    guard state.schema == schema.version + 1, settings.stepsBack else {
      let remedy = state.schema == schema.version + 1 ? ", or allow it a step back" : ""
      throw Fault(
        .unsupported,
        "\(name): the library has the schema \(state.schema) of a newer Ridley, this one has \(schema.version): use the newer\(remedy)"
      )
    }
  }

  /// From here on writers with the old indexes are shut out, and entries of the new ones are made.
  private func declare(_ there: DynamoDBDeclaration, _ state: DynamoDBState) throws(Fault) {
    var next = state
    (next.revision, next.schema, next.building) = (state.revision + 1, schema.version, 1)
    let declaration = there.declaring(schema.indexes)
    _ = try client.write([.put(next.record, if: state.condition), .put(declaration.record)])
  }

  /// Reads everything once, while nothing is written: makes all entries that items should have, and takes away those of indexes that are gone.
  private func build(_ actions: DynamoDBActions, _ state: DynamoDBState) throws(Fault) {
    let known = Set(actions.ids)
    let check = DynamoDBAction.check(DynamoDBLayout.state, if: state.condition)
    var start: DynamoDBKey?
    repeat {
      let (records, next) = try client.scan(after: start)
      var work: [DynamoDBAction] = []
      for record in records {
        if let id = DynamoDBLayout.index(record.key), !known.contains(id) { work.append(.delete(record.key)) }
        guard let key = DynamoDBLayout.itemKey(record.key), let version = record.number("v") else { continue }
        // others have ended this
        guard let body = try DynamoDBParts.item(version).bytes(of: record, client) else { return }
        let item = Item(key: key, version: ItemVersion(version), body: body)
        work += try actions.entries(of: item).map { .put($0) }
      }
      guard try client.write(work, of: actions.mostAtOnce, while: state, then: check) else { return }
      start = next
    } while start != nil
    var done = state
    done.building = 0
    _ = try client.write([.put(done.record, if: state.condition)])
  }

  /// Of a table that was restored: what was read of the old one behind the backup would be taken for what is written from here on.
  private func beginLife(_ table: String, _ state: DynamoDBState) throws(Fault) {
    var next = state
    let number = state.number + Int.random(in: (1 << 32)..<(1 << 33))
    next.lives += [state.number, number]
    (next.number, next.applied, next.origin) = (number, number, table)
    _ = try client.write([.put(next.record, if: state.condition)])
  }
}

/// The indexes as they are declared in the table: each has a number that no other ever had.
struct DynamoDBDeclaration: Equatable {
  struct Index: Equatable {
    let id: Int
    let text: String
  }

  private(set) var ids: [String: Index] = [:]
  private var next = 1

  init() {}

  /// `nil` for a record that is none.
  init?(_ record: DynamoDBRecord) {
    guard let next = record.number("next"), let lines = record.text("indexes") else { return nil }
    self.next = next
    for line in lines.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2).map(String.init)
      guard words.count == 3, let id = Int(words[0]) else { return nil }
      ids[words[1]] = Index(id: id, text: words[2])
    }
  }

  var record: DynamoDBRecord {
    let lines = ids.map { "\($0.value.id) \($0.key) \($0.value.text)" }.sorted()
    return DynamoDBRecord(
      DynamoDBLayout.declaration, ["next": .number(next), "indexes": .text(lines.joined(separator: "\n"))])
  }

  /// The same indexes keep their numbers.
  func declaring(_ indexes: [IndexDeclaration]) -> Self {
    var declared = Self()
    declared.next = next
    for index in indexes {
      let text = index.canonicalText
      if let there = ids[index.name], there.text.hasSameBytes(as: text) {
        declared.ids[index.name] = there
      } else {
        declared.ids[index.name] = Index(id: declared.next, text: text)
        declared.next += 1
      }
    }
    return declared
  }
}
