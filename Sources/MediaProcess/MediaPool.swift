public import Base
internal import Isolation
public import Media
internal import Synchronization

/// A small pool of media processes, in which foreign pictures and videos are decoded: process pool with back-pressure.
///
/// Processes are started ahead of need, used for one file after the other, and replaced after a crash, a hang, or many files.
public final class MediaPool: SessionOwner, Sendable {
  public struct Options: Sendable {
    /// Processes, at most.
    public var limit: Int
    /// Callers that may wait for one; others are refused at once.
    public var waiting = 256
    /// Bytes of private memory that one file may take: 64 million pixels of 16 bits, and what scaling them needs.
    public var memory = min(2 << 30, ChildProcess.usualMemory)
    /// Bytes that a process shares with its parent, for rendered pictures; what is not used takes no memory.
    public var sharedByteCount = 512 << 20
    /// Files that one process opens before it is replaced.
    public var jobs = 1000
    /// `nil` is this program itself.
    public var program: String?
    public var arguments = ["media-process"]
    /// Told once, where the kernel cannot close everything to the processes.
    public var warn: @Sendable (String) -> Void = { _ in }

    public init(limit: Int) { self.limit = limit }

    /// As many processes as a server has use for, in half of the memory that there is: decoded pictures take no more.
    ///
    /// Two a core, with a gigabyte each, or with half of one where cores would be idle otherwise; at least two, so that one is left for the
    /// next where one hangs.
    public init(cores: Int, memory machine: Int) {
      let budget = machine / 2
      let roomy = max(budget >> 30, min(cores, budget >> 29))
      self.init(limit: max(2, min(2 * cores, roomy)))
      memory = min(memory, budget / limit)
    }
  }

  private let options: Options
  private let state: Monitor<PoolState<DecoderProcess>>
  private let hasWarned = Atomic<Bool>(false)

  /// Starts the first process, and waits for nothing.
  public init(_ options: Options) {
    precondition(options.limit > 0 && options.waiting >= 0, "a pool has processes")
    self.options = options
    state = Monitor(PoolState(limit: options.limit, waitingLimit: options.waiting))
    startSpare()
  }

  /// Processes, at most.
  public var limit: Int { options.limit }

  public convenience init(limit: Int) { self.init(Options(limit: limit)) }

  /// Opens a picture or a video in the next process that is free.
  ///
  /// Where all are busy it waits its turn, until the deadline (monotonic nanoseconds), which also ends whatever the reader is
  /// asked for later.
  ///
  /// - Throws: `exhausted` where too many wait already or the deadline passed; else as ``MediaReader``, and where the process
  ///   that worked on it crashed.
  ///
  /// `begun` is handed a way to give up as soon as there is a process, from any thread: it ends the process where it is at work, and
  /// what the reader is asked for from then on throws `closed`.
  public func open(
    _ bytes: SharedBytes, sampling: Sampling = .all, deadline: UInt64,
    begun: (@escaping @Sendable () -> Void) -> Void = { _ in }
  ) throws(Fault) -> RemoteReader {
    let file = try MemoryFile(bytes)
    defer { withExtendedLifetime(file) {} }
    return try open(file.descriptor, sampling, isNamedFilm: false, deadline, begun)
  }

  /// The same of a file, which need not be in memory.
  public func open(_ file: MediaFile, sampling: Sampling = .all, deadline: UInt64) throws(Fault) -> RemoteReader {
    defer { withExtendedLifetime(file) {} }
    return try open(file.descriptor, sampling, isNamedFilm: file.isNamedFilm, deadline) { _ in }
  }

  /// Opens the sound of a file, as ``SoundReader`` does; `nil` where it has none.
  ///
  /// - Throws: as the others.
  public func openSound(_ file: MediaFile, deadline: UInt64) throws(Fault) -> RemoteSoundReader? {
    defer { withExtendedLifetime(file) {} }
    return try openSound(file.descriptor, deadline)
  }

  /// The same of bytes.
  public func openSound(_ bytes: SharedBytes, deadline: UInt64) throws(Fault) -> RemoteSoundReader? {
    let file = try MemoryFile(bytes)
    defer { withExtendedLifetime(file) {} }
    return try openSound(file.descriptor, deadline)
  }

  private func openSound(_ descriptor: Int32, _ deadline: UInt64) throws(Fault) -> RemoteSoundReader? {
    let session = Session(try take(deadline), of: self, deadline: deadline)
    let answer: Answer
    do throws(Fault) { answer = try session.call(.sound, descriptor: descriptor) } catch {
      session.close()
      throw error
    }
    guard case .sound(let info) = answer else { throw session.refuse(answer) }
    guard let info else {
      session.close()
      return nil
    }
    return try RemoteSoundReader(info, session)
  }

  private func open(
    _ descriptor: Int32, _ sampling: Sampling, isNamedFilm: Bool, _ deadline: UInt64,
    _ begun: (@escaping @Sendable () -> Void) -> Void
  ) throws(Fault) -> RemoteReader {
    let session = Session(try take(deadline), of: self, deadline: deadline)
    begun { session.cancel() }
    let answer: Answer
    do throws(Fault) {
      answer = try session.call(.open(sampling, isNamedFilm: isNamedFilm), descriptor: descriptor)
    } catch {
      session.close()
      throw error
    }
    guard case .opened(let info) = answer else { throw session.refuse(answer) }
    return RemoteReader(info, session)
  }

  private func take(_ deadline: UInt64) throws(Fault) -> DecoderProcess {
    var ticket: Int?
    while true {
      let step = state.wait(before: deadline) { state -> PoolState<DecoderProcess>.Step? in
        let step = state.ask(ticket)
        guard case .wait(let number) = step else { return step }
        ticket = number
        return nil
      }
      switch step {
      case .use(let process):
        guard process.isUsable() else {
          drop(process)
          ticket = nil  // it was used up
          continue
        }
        startSpare()
        return process
      case .start:
        let process = try start()
        startSpare()
        return process
      case .refuse:
        throw Fault(.exhausted, "too many pictures wait to be decoded: ask again later, or less often")
      case .wait, nil:
        if let ticket { state.update { $0.giveUp(ticket) } }
        throw Fault(.exhausted, "all media processes were busy for as long as there was time: ask again later")
      }
    }
  }

  /// In a place that is taken already.
  private func start() throws(Fault) -> DecoderProcess {
    do throws(Fault) {
      return try DecoderProcess(options) { [weak self] in self?.note($0) }
    } catch {
      state.update { $0.lose() }
      throw error
    }
  }

  /// So that the next one need not wait for a program to start.
  private func startSpare() {
    guard state.update({ $0.startsSpare() }), let process = try? start() else { return }
    state.update { $0.add(process) }
  }

  private func note(_ report: Sandbox.Report) {
    guard let warning = report.warning, !hasWarned.exchange(true, ordering: .relaxed) else { return }
    options.warn(warning)
  }

  /// Takes a process back that holds nothing any more.
  func giveBack(_ process: DecoderProcess) {
    guard process.jobs.load(ordering: .relaxed) < options.jobs, process.reset() else { return drop(process) }
    state.update { $0.add(process) }
  }

  /// Puts a new one into the place of a process that is of no use.
  func drop(_ process: DecoderProcess) {
    _ = process.process.end()
    state.update { $0.lose() }
    // Where programs do not start, none is tried until one is asked for.
    if !process.isStillborn { startSpare() }
  }

  /// Of the processes that wait for work: for tests.
  package var idleProcesses: [Int32] { state.update { $0.idle.map(\.process.id) } }
  package var processCount: Int { state.update(\.alive) }
}
