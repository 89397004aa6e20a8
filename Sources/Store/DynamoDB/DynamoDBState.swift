internal import DynamoDB
internal import Items

/// How far a library is; every transaction writes it anew, on the condition that nobody else did, so that transactions have one order.
struct DynamoDBState: Equatable {
  var format = DynamoDBLayout.format
  /// Higher whenever the indexes are declared anew: programs of before are shut out.
  var revision = 0
  /// The version of the schema.
  var schema = 0
  /// 1 while entries of new indexes are made.
  var building = 0
  /// Of the last write that was given one; of the last transaction, which has that of its last write.
  var number = 0
  /// Up to here items and entries are what the transactions made of them: less than ``number`` while a large one is being carried out.
  var applied = 0
  /// Of the last transaction that was too large to be written at once.
  var large = 0
  /// Of the last transaction that readers of changes are told of.
  var recorded = 0
  /// Changes up to here are gone.
  var trimmed = 0
  /// Up to here transactions may not tell any more what stood before them: moments from before have ended.
  var cleared = 0
  /// The service's name of the table that it was in.
  var origin = ""
  /// Where tables were restored: numbers that were never given out, as pairs of the last before and the first behind.
  var lives: [Int] = []

  private static var names: [(String, WritableKeyPath<Self, Int>)] {
    [
      ("format", \.format), ("revision", \.revision), ("schema", \.schema), ("building", \.building),
      ("number", \.number), ("applied", \.applied), ("large", \.large), ("recorded", \.recorded),
      ("trimmed", \.trimmed), ("cleared", \.cleared),
    ]
  }

  init() {}

  /// `nil` for a record that is none of a library.
  init?(_ record: DynamoDBRecord) {
    for (name, path) in Self.names {
      guard let number = record.number(name) else { return nil }
      self[keyPath: path] = number
    }
    guard let origin = record.text("origin"), let lives = record.text("lives") else { return nil }
    self.origin = origin
    self.lives = lives.split(separator: " ").compactMap { Int($0) }
  }

  var record: DynamoDBRecord {
    var record = DynamoDBRecord(DynamoDBLayout.state, [:])
    for (name, path) in Self.names { record.attributes[name] = .number(self[keyPath: path]) }
    record.attributes["origin"] = .text(origin)
    record.attributes["lives"] = .text(lives.map(String.init).joined(separator: " "))
    return record
  }

  /// That the table still is where this says.
  var condition: DynamoDBCondition { .equal(Self.names.map { ($0.0, .number(self[keyPath: $0.1])) }) }

  var isSettled: Bool { applied == number }

  /// Whether a number lies where none was given out, or behind all.
  func isForeign(_ position: Int) -> Bool {
    let isBetween = stride(from: 0, to: lives.count - 1, by: 2).contains {
      position > lives[$0] && position < lives[$0 + 1]
    }
    return position < 0 || position > number || isBetween
  }
}
