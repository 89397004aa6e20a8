internal import Base
internal import Library
internal import Vectors

/// Vectors that were read, as many as there is room for.
///
/// A search looks at all of a client's, one after the other. So what is there stays as long as it is used, and what has no room is read each time: a shelf
/// that always took the newest would have none of them the next time.
final class VectorShelf: Sendable {
  /// Objects have the same bytes in every library, and whoever asks for one found it in a head of his own.
  static let shared = VectorShelf(byteCount: 512 << 20)

  private struct Entry {
    let set: VectorSet
    var used: Int
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var byteCount = 0
    /// Searches that were begun.
    var search = 0
  }

  private let state = Monitor(State())
  private let byteCount: Int
  /// What so many searches did not use gives room to others.
  private static let patience = 8

  init(byteCount: Int) { self.byteCount = byteCount }

  func begin() { state.update { $0.search += 1 } }

  /// Bytes that are kept by now.
  var kept: Int { state.update { $0.byteCount } }

  func set(_ digest: String, in library: Library) throws(Fault) -> VectorSet {
    try set(digest) { () throws(Fault) in try VectorSet(try library.read(digest)) }
  }

  /// What is kept under a key that says what it is made of; it is made where there is none.
  func set(_ key: String, make: () throws(Fault) -> VectorSet) throws(Fault) -> VectorSet {
    let found = state.update { state in
      state.entries[key]?.used = state.search
      return state.entries[key]?.set
    }
    if let found { return found }
    let set = try make()
    state.update { state in
      guard state.entries[key] == nil else { return }
      if state.byteCount + set.byteCount > byteCount { forget(&state) }
      guard state.byteCount + set.byteCount <= byteCount else { return }
      state.entries[key] = Entry(set: set, used: state.search)
      state.byteCount += set.byteCount
    }
    return set
  }

  private func forget(_ state: inout State) {
    let oldest = state.search - Self.patience
    for (digest, entry) in state.entries where entry.used < oldest {
      state.entries[digest] = nil
      state.byteCount -= entry.set.byteCount
    }
  }
}
