public import Base
public import Catalog

/// Where finished recordings are kept; all of it may wait for the disk, and for processes that look into files.
public protocol RecordingKeeper: Sendable {
  /// Makes it one of the things that are kept, exactly once however often it is asked; afterwards the file itself is not needed any more.
  ///
  /// What helps is to ask again where the fault is `unavailable` or `exhausted`; else the recording is lost.
  func keep(_ film: FinishedFilm) throws(Fault) -> KeptRecording
  /// Their bytes lie on the disk of the files that are written, so that removing them makes room there.
  var isOnDisk: Bool { get }
  /// All that are kept, of all clients.
  func recordings() throws(Fault) -> [KeptRecording]
  /// Of which nothing is to be removed.
  func held() throws(Fault) -> [HeldTime]
  /// Takes one away, with its bytes; the fault is `notFound` where it is not there any more.
  func remove(_ id: ULID) throws(Fault)
}
