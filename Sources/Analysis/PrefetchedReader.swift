public import Base
internal import Media

/// A file that is opened on a thread of its own, while something else is made ready.
public final class PrefetchedReader: @unchecked Sendable {  // `worker` belongs to the thread that takes the reader
  public let path: String
  public let sampling: Sampling
  /// Shared with the thread, which may still be at work when the file is not wanted any more.
  private let opened = Monitor<Result<MediaReader, Fault>?>(nil)
  private var worker: NativeThread?

  public init(_ path: String, _ sampling: Sampling) {
    (self.path, self.sampling) = (path, sampling)
    worker = NativeThread { [opened] in
      let result = Result { () throws(Fault) in try FrameSource.open(path, sampling) }
      opened.update { $0 = result }
    }
  }

  deinit { worker?.join() }

  /// Waits until the file is open, and gives the reader to the first caller.
  func take() throws(Fault) -> MediaReader? {
    worker?.join()
    worker = nil
    let result = opened.update { opened in
      defer { opened = nil }
      return opened
    }
    return try result?.get()
  }
}
