public import Base

/// What is to be done to one item, and on which condition.
public struct Write: Sendable, Hashable {
  public enum Action: Sendable, Hashable {
    /// One JSON object, in the place of what stands there.
    case put([UInt8])
    /// What is not there is deleted already.
    case delete
    /// Only the condition counts.
    case check
  }

  /// What must hold before the transaction begins.
  public enum Condition: Sendable, Hashable {
    case none
    case absent
    case present
    case version(ItemVersion)

    public func holds(for found: ItemVersion?) -> Bool {
      switch self {
      case .none: true
      case .absent: found == nil
      case .present: found != nil
      case .version(let version): found == version
      }
    }
  }

  public let key: ItemKey
  public let action: Action
  public let condition: Condition

  public init(_ key: ItemKey, _ action: Action, if condition: Condition) {
    (self.key, self.action, self.condition) = (key, action, condition)
  }

  public static func put(_ key: ItemKey, _ body: [UInt8], if condition: Condition = .none) -> Write {
    Write(key, .put(body), if: condition)
  }

  public static func delete(_ key: ItemKey, if condition: Condition = .none) -> Write {
    Write(key, .delete, if: condition)
  }

  public static func check(_ key: ItemKey, if condition: Condition) -> Write { Write(key, .check, if: condition) }

  /// The body that is put, `nil` for other actions.
  public var body: [UInt8]? {
    guard case .put(let body) = action else { return nil }
    return body
  }
}

/// How a transaction ended; that a condition does not hold is an answer, not a fault.
public enum WriteOutcome: Sendable, Hashable {
  /// All of it is written, and outlives the loss of power.
  case committed(Commit)
  /// Nothing was written: these conditions do not hold.
  case conflict([FailedCondition])
}

public struct Commit: Sendable, Hashable {
  /// In the order of the writes: what a put made, `nil` for the others.
  public let versions: [ItemVersion?]
  /// The changes up to here hold all that the transaction did.
  public let position: ChangePosition

  public init(versions: [ItemVersion?], position: ChangePosition) {
    (self.versions, self.position) = (versions, position)
  }
}

public struct FailedCondition: Sendable, Hashable {
  /// Which of the writes.
  public let index: Int
  /// What stands there, `nil` for nothing.
  public let found: ItemVersion?

  public init(index: Int, found: ItemVersion?) { (self.index, self.found) = (index, found) }
}

extension [Write] {
  /// What every engine asks of a transaction before it begins; the bodies themselves are looked at by ``TableSchema/entries(of:)``.
  ///
  /// Faults are `badInput`.
  public func check() throws(Fault) {
    guard (1...ItemLimits.writeCount).contains(count) else {
      throw Fault(.badInput, "a transaction of \(count) writes: it has 1 to \(ItemLimits.writeCount)")
    }
    var (keys, byteCount) = (Set<ItemKey>(), 0)
    for write in self {
      try write.key.check()
      guard keys.insert(write.key).inserted else {
        throw Fault(.badInput, "\(write.key) stands twice in one transaction: one write an item")
      }
      let length = write.body?.count ?? 0
      guard length <= ItemLimits.bodyByteCount else {
        throw Fault(
          .badInput,
          "\(write.key): a body of \(length) bytes, at most \(ItemLimits.bodyByteCount): keep what is large as an object, and its digest here"
        )
      }
      byteCount += length
    }
    guard byteCount <= ItemLimits.transactionByteCount else {
      throw Fault(
        .badInput, "a transaction with \(byteCount) bytes of bodies, at most \(ItemLimits.transactionByteCount)")
    }
  }
}
