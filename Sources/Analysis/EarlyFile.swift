internal import Base
public import Media

/// A file that is opened on a thread of its own, while something else is made ready.
public final class EarlyFile: @unchecked Sendable {  // `opened` belongs to the thread until it has ended
  public let path: String
  public let sampling: Sampling
  private var opened: Result<MediaReader, Fault>?
  private var worker: Worker?

  public init(_ path: String, _ sampling: Sampling) {
    (self.path, self.sampling) = (path, sampling)
    worker = Worker { [unowned self] in
      opened = Result { () throws(Fault) in try MediaReader(path, sampling: sampling, indexes: true) }
    }
  }

  deinit { worker?.join() }

  /// Waits until the file is open, and gives the reader to whoever comes first.
  func take() throws(Fault) -> MediaReader? {
    worker?.join()
    worker = nil
    defer { opened = nil }
    return try opened?.get()
  }
}
