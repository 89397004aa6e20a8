internal import Base

/// How many bytes may still be written, while somebody holds to a number: what a task may have of the disk.
///
/// Bytes count when they are written; those of an object that was never finished are given back. For any thread.
public final class WriteAllowance: Sendable {
  private struct State {
    /// `nil` for any number.
    var left: Int?
    /// Ends the sentence that refuses: who gave the number, and how many bytes it is.
    var reason = ""
  }

  private let state = Monitor(State())

  public init() {}

  /// From now on so many bytes and no more, or any number for `nil`.
  ///
  /// `reason` says whose limit it is: `the profile 'edge' has 2GiB`.
  public func begin(_ byteCount: Int?, reason: String) {
    state.update { $0 = State(left: byteCount, reason: reason) }
  }

  /// Refused as `tooLarge` where there are not so many left; nothing is taken then.
  func take(_ byteCount: Int) throws(Fault) {
    try state.update { (state) throws(Fault) in
      try Self.check(byteCount, state)
      state.left = state.left.map { $0 - byteCount }
    }
  }

  /// The same without taking anything, for bytes that are announced.
  func check(_ byteCount: Int) throws(Fault) {
    try state.update { (state) throws(Fault) in try Self.check(byteCount, state) }
  }

  private static func check(_ byteCount: Int, _ state: State) throws(Fault) {
    guard byteCount > state.left ?? .max else { return }
    throw Fault(
      .tooLarge, "this would write more to the disk than it may, and \(state.reason): take a profile with more disk")
  }

  /// `nil` for any number.
  var left: Int? { state.update { $0.left } }

  func giveBack(_ byteCount: Int) {
    state.update { state in state.left = state.left.map { $0 + byteCount } }
  }
}
