internal import Synchronization

/// Counts what only grows; any thread, no lock.
public final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  public init() {}

  public func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
  public var value: Int { count.load(ordering: .relaxed) }
}

/// A number that goes up and down; any thread, no lock.
public final class Gauge: Sendable {
  private let number: Atomic<Int>

  public init(_ value: Int = 0) { number = Atomic(value) }

  public func set(_ value: Int) { number.store(value, ordering: .relaxed) }
  public func add(_ amount: Int) { number.wrappingAdd(amount, ordering: .relaxed) }
  public var value: Int { number.load(ordering: .relaxed) }
}
