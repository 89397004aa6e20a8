public import Base
internal import Glibc
public import Isolation

/// One live source in a process of its own: its newest picture, whenever that is asked for.
///
/// Any thread; a bell of the caller's is rung when there is something new. A process that crashes, hangs or asks for too much memory is a fault here and in every later
/// call, and nothing else.
public final class LiveReader: Sendable {
  /// A picture, and when it was taken.
  public struct Newest: Sendable {
    public let frame: RemoteFrame
    /// Monotonic nanoseconds; never later than now.
    public let captured: UInt64
    /// When it is shown in the film that the view gives, in seconds since 1970.
    public let shown: Double
  }

  /// What the source gives to look at; `nil` where that is not wanted.
  public let view: ViewReader?

  /// Nanoseconds that each answer may take.
  private static let patience: UInt64 = 3_000_000_000
  /// Bytes that are shared for rendered pictures; what is not used takes no memory.
  private static let sharedByteCount = 256 << 20

  private let session: Session

  /// Starts the process and hands it the descriptor, which stays the caller's, as the bell does; `nil` for what is fetched by the opener.
  ///
  /// `arguments` are for tests, whose program is another.
  public init(
    _ order: LiveOrder, descriptor: Int32?, bell: Bell, opener: (any LiveOpener)? = nil, givesView: Bool = false,
    program: String? = nil, arguments: [String] = ["source-process"],
    memory: Int = min(1 << 30, ChildProcess.usualMemory)
  ) throws(Fault) {
    var options = MediaPool.Options(limit: 1)
    (options.program, options.arguments) = (program, arguments)
    (options.memory, options.sharedByteCount) = (memory, Self.sharedByteCount)
    let line = givesView ? try ViewReader.make() : nil
    defer { if let line { Glibc.close(line.writeEnd) } }
    view = line?.reader
    let process = try DecoderProcess(options) { _ in }
    session = Session(process, of: LastOwner(), deadline: .max, patience: Self.patience)
    do throws(Fault) {
      _ = try session.call(.bell, descriptor: bell.descriptor)
      if let line { _ = try session.call(.view, descriptor: line.writeEnd) }
      if let opener { try open(through: opener) }
      _ = try session.call(.live(order), descriptor: descriptor)
    } catch {
      session.close()
      throw error
    }
  }

  deinit { session.close() }

  private func open(through opener: any LiveOpener) throws(Fault) {
    let (channel, childEnd) = try MessageChannel.pair()
    defer { Glibc.close(childEnd) }
    _ = try session.call(.door, descriptor: childEnd)
    DoorKeeper(channel, opener).begin()
  }

  /// How far the source got.
  public func progress() throws(Fault) -> LiveProgress {
    let answer = try session.call(.latest(0))
    guard case .live(let progress, nil) = answer else { throw session.refuse(answer) }
    return progress
  }

  /// How far the source got, and its newest picture where that was not given yet.
  public func latest() throws(Fault) -> (progress: LiveProgress, newest: Newest?) {
    let number = session.newFrame()
    let answer = try session.call(.latest(number))
    guard case .live(let progress, let newest) = answer else { throw session.refuse(answer) }
    guard let newest else { return (progress, nil) }
    let captured = min(UInt64(newest.captured), Clock.now)
    let frame = RemoteFrame(newest.facts, number, session)
    return (progress, Newest(frame: frame, captured: captured, shown: progress.began + frame.time))
  }

  /// Whether the view gets stills, some a second, of what is decoded.
  public func makeStills(_ areWanted: Bool) throws(Fault) {
    let answer = try session.call(.stills(areWanted))
    guard case .rendered = answer else { throw session.refuse(answer) }
  }

  /// What the source's decoder does not decode from now on.
  public func save(_ thrift: LiveThrift) throws(Fault) {
    let answer = try session.call(.thrift(thrift))
    guard case .rendered = answer else { throw session.refuse(answer) }
  }

  /// Memory that the process can render into.
  public func makeBuffer(byteCount: Int) throws(Fault) -> SharedBuffer {
    try SharedBuffer(session.memory, byteCount: byteCount)
  }

  /// Ends the process; frames that are still held cannot be rendered any more.
  public func close() {
    session.close()
    view?.end()
  }
}

/// Ends processes that nobody uses after their one source.
private final class LastOwner: SessionOwner {
  /// Its process says goodbye to the source, and ends by itself; one that hangs has little time for it.
  func giveBack(_ process: DecoderProcess) {
    if process.reset() { for _ in 0..<20 where !process.process.hasEnded { usleep(5000) } }
    _ = process.process.end()
  }
  func drop(_ process: DecoderProcess) { _ = process.process.end() }
}
