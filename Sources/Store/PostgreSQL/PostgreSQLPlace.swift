internal import Items
internal import PostgreSQL

/// Where a change stands: the life of the database, the transaction that wrote it, its number in it.
///
/// Numbers are given out in another order than transactions end, so they alone would hide what ends late.
struct PostgreSQLPlace: Hashable, Comparable {
  let life: Int
  let transaction: Int
  let number: Int

  static let beginning = PostgreSQLPlace(life: 0, transaction: 0, number: 0)

  static func < (a: Self, b: Self) -> Bool {
    (a.life, a.transaction, a.number) < (b.life, b.transaction, b.number)
  }

  var position: ChangePosition {
    self == .beginning ? .beginning : ChangePosition(text: "\(life)-\(transaction)-\(number)")
  }

  init(life: Int, transaction: Int, number: Int) {
    (self.life, self.transaction, self.number) = (life, transaction, number)
  }

  /// `nil` for a text that no table of this kind gave out.
  init?(_ position: ChangePosition) {
    if position == .beginning {
      self = .beginning
      return
    }
    let numbers = position.text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 3, let life = numbers[0], let transaction = numbers[1], let number = numbers[2] else {
      return nil
    }
    self.init(life: life, transaction: transaction, number: number)
    guard life > 0, transaction > 0, number > 0, self.position == position else { return nil }
  }

  var values: [PostgreSQLValue] { [.integer(life), .text(String(transaction)), .integer(number)] }
}

/// The one row that says how far a library is.
struct PostgreSQLState {
  let revision: Int
  let schema: Int
  let life: Int
  /// Changes up to here are gone.
  let trimmed: PostgreSQLPlace
  let format: Int
  let origin: [UInt8]
  /// The first transaction that had not begun.
  let next: Int

  init?(_ rows: PostgreSQLRows) {
    guard rows.count == 1, let transaction = Int(rows.text(0, 4)), let next = Int(rows.text(0, 8)) else { return nil }
    (revision, schema, life) = (rows.integer(0, 0), rows.integer(0, 1), rows.integer(0, 2))
    trimmed = PostgreSQLPlace(life: rows.integer(0, 3), transaction: transaction, number: rows.integer(0, 5))
    (format, origin, self.next) = (rows.integer(0, 6), rows.bytes(0, 7), next)
  }
}
