internal import Synchronization

/// Threads of this process that were left in the engine, from which they may never come back.
enum AbandonedThreads {
  private static let count = Atomic<Int>(0)

  static func add() { count.add(1, ordering: .relaxed) }
  static var exist: Bool { count.load(ordering: .relaxed) > 0 }
}
