/// One statement and its values; connections keep it prepared by its text.
public struct PostgreSQLStatement: Sendable {
  public let text: String
  public let values: [PostgreSQLValue]
  /// Asked rarely: it is not kept.
  let isOnce: Bool

  public init(_ text: String, _ values: [PostgreSQLValue] = []) {
    (self.text, self.values, isOnce) = (text, values, false)
  }

  /// Of statements that make or change tables.
  public init(once text: String, _ values: [PostgreSQLValue] = []) {
    (self.text, self.values, isOnce) = (text, values, true)
  }
}
