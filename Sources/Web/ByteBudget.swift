internal import Synchronization

/// Admission control for memory that clients fill: so many bytes in all, of which one owner holds no more than is still free for all
/// others.
///
/// That is the rule of dynamic thresholds (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches",
/// 1998): one owner gets half, two get a third each, so that there is room for the next one whatever the others do. What an owner
/// holds as its only piece may be as large as all that is free.
final class ByteBudget: Sendable {
  private struct State {
    var total = 0
    var byOwner: [String: Int] = [:]
  }

  private let limit: Int
  private let state = Mutex(State())

  init(_ limit: Int) { self.limit = limit }

  /// Bytes that are held now.
  var total: Int { state.withLock(\.total) }

  /// Whether `owner` may hold so many bytes more, of which it then does; `piece` bytes are held already by what they belong to.
  fileprivate func take(_ count: Int, for owner: String, beside piece: Int) -> Bool {
    state.withLock { state in
      let own = state.byOwner[owner] ?? 0
      let free = limit - state.total
      guard count <= free, own + count <= free || own == piece else { return false }
      state.total += count
      state.byOwner[owner] = own + count
      return true
    }
  }

  fileprivate func give(_ count: Int, for owner: String) {
    guard count > 0 else { return }
    state.withLock { state in
      state.total -= count
      let own = (state.byOwner[owner] ?? 0) - count
      state.byOwner[owner] = own > 0 ? own : nil
    }
  }
}

/// What one piece, such as a body or an answer, holds of a budget; given back with the last reference.
final class BudgetShare: Sendable {
  private let budget: ByteBudget
  private let owner: String
  /// It grows without an end of its own, so that it never may be as large as all that is free.
  private let isEndless: Bool
  private let bytes = Atomic<Int>(0)

  init(_ budget: ByteBudget, owner: String, isEndless: Bool = false) {
    (self.budget, self.owner, self.isEndless) = (budget, owner, isEndless)
  }

  deinit { budget.give(bytes.load(ordering: .relaxed), for: owner) }

  var count: Int { bytes.load(ordering: .relaxed) }

  /// Whether so many bytes more may be held, which then are; one thread at a time.
  func add(_ count: Int) -> Bool {
    guard budget.take(count, for: owner, beside: isEndless ? 0 : self.count) else { return false }
    bytes.add(count, ordering: .relaxed)
    return true
  }

  /// Whether so many bytes may be held, which then are; fewer than before always may.
  func set(_ wanted: Int) -> Bool {
    let held = count
    guard wanted < held else { return wanted == held || add(wanted - held) }
    bytes.store(wanted, ordering: .relaxed)
    budget.give(held - wanted, for: owner)
    return true
  }
}
