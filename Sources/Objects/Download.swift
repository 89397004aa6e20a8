public import Base
internal import Glibc

/// How far a download has come.
public struct DownloadProgress: Sendable, Hashable {
  /// Bytes that stand in the file, those of an earlier attempt included.
  public var received: Int
  /// `nil` until the server has said, and where it does not say.
  public var total: Int?
}

/// One GET of an `http`, `https` or `file` address into a file, going on from what stands there.
///
/// Certificates are checked; at most five redirects are followed, never from `https` to anything else. Blocks its thread
/// until the end: not for the shared pool. Whether the bytes are the right ones is for the caller to check.
public struct Download: Sendable {
  public struct Limits: Sendable {
    /// Longer answers are refused, where possible before the first byte.
    public var byteCount = 8 << 30
    /// What may be done about a longer one, for the fault that tells of it.
    public var wayOut = "not fetched"
    public var connectSeconds = 15
    /// A connection that brings fewer bytes a second than ``leastBytesPerSecond`` for so long is given up.
    public var stallSeconds = 30
    public var leastBytesPerSecond = 1
    /// All of it has come within so long, connections that were made again included, or never will.
    public var totalSeconds: Int?
    /// How often a connection that broke is made again, as long as each brought something.
    public var resumptions = 3
    /// As ``ServerConnection/Limits/reachesPrivate``, for redirects too; files are not read either then.
    public var reachesPrivate = true

    public init() {}
  }

  private let address: Address
  private let limits: Limits

  public init(_ address: String, limits: Limits = Limits()) {
    (self.address, self.limits) = (Address(address), limits)
  }

  /// Fetches what is missing of the file at `path`.
  ///
  /// A server that cannot send a part sends all, and the file is begun again. After a fault the file keeps what came, so
  /// that the next call goes on there. `progress` is called on this thread, at least once a second; when it answers
  /// `false` the download ends with the fault `closed`.
  public func fetch(into path: String, progress: (DownloadProgress) -> Bool = { _ in true }) throws(Fault) {
    guard ["http", "https", "file"].contains(address.scheme) else {
      throw Fault(.unsupported, "\(address.shown) cannot be fetched: only https, http and file addresses can")
    }
    let file = try PartialFile(path)
    var resumptions = 0
    var startedOver = false
    let watch = Stopwatch()
    while true {
      let before = file.byteCount
      var left = limits
      left.totalSeconds = limits.totalSeconds.map { max(1, $0 - Int(watch.seconds)) }
      let failure = withoutActuallyEscaping(progress) { (progress) -> Transfer.Failure? in
        Transfer(address, limits: left, file: file, progress: progress).run()
      }
      guard let failure else { return try file.finish() }
      switch failure.remedy {
      case .startOver where !startedOver:
        startedOver = true
        try file.startOver()
      case .resume where file.byteCount > before && resumptions < limits.resumptions: resumptions += 1
      default: throw failure.fault
      }
    }
  }
}
