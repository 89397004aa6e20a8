public import Base

/// Where the keys of a server are kept: a file (``KeyFile``), or whatever else holds a list and is changed by one at a time.
///
/// For any thread. Every call may wait for the disk or the network.
public protocol KeyStore: Sendable {
  /// Where that is, for a person.
  var place: String { get }

  /// A text that is another one whenever the keys are; cheaper than reading them.
  func revision() throws(Fault) -> String

  /// The keys as they are now; none where none were made.
  func read() throws(Fault) -> KeyList

  /// Reads, changes and writes, as one step that no other change comes between; a body that throws changes nothing.
  ///
  /// Where another change came first the body may be called again, with the keys as they are then.
  /// Afterwards the change outlives a loss of power. A caller that waits for another change is asked now and then whether it is
  /// still wanted, and ends with the fault `closed` where not.
  func change<Result>(
    stillWanted: () -> Bool, _ body: (inout KeyList) throws(Fault) -> Result
  ) throws(Fault) -> Result
}
