/// How far a reader of changes has come; opaque, and compared only by the table.
///
/// Readers keep it as an item, written in the transaction in which they write what they made of the changes.
public struct ChangePosition: Sendable, Hashable {
  public let text: String

  /// From what was kept; what it is worth is found when it is used.
  public init(text: String) { self.text = text }

  /// Before the first change of a table.
  public static let beginning = ChangePosition(text: "0")
}

/// One write of one item.
public struct Change: Sendable, Hashable {
  /// Behind this change.
  public let position: ChangePosition
  /// Seconds since 1970, by the clock of the machine that wrote.
  public let time: Int
  /// What stood there before, `nil` for nothing.
  public let before: Item?
  /// What stands there since, `nil` for nothing.
  public let after: Item?

  /// At least one of `before` and `after` is given, and both are of one key.
  public init(position: ChangePosition, time: Int, before: Item?, after: Item?) {
    (self.position, self.time, self.before, self.after) = (position, time, before, after)
  }

  public var key: ItemKey { (after ?? before)!.key }
}

/// What becomes of a change that is kept.
public enum ChangeFate: Sendable, Hashable {
  case keep
  case forget
  /// What stood there before is no longer told: as if the item were new.
  case forgetBefore
  /// What stands there since is no longer told: as if the item had been deleted.
  case forgetAfter
}

public struct ChangePage: Sendable, Hashable {
  /// In the order in which they became visible, which is that of the writes of each item.
  public let changes: [Change]
  /// Where to go on: behind the last of them, or further where changes that are not kept followed.
  public let position: ChangePosition
  /// More was there already.
  public let hasMore: Bool

  public init(changes: [Change], position: ChangePosition, hasMore: Bool) {
    (self.changes, self.position, self.hasMore) = (changes, position, hasMore)
  }
}
