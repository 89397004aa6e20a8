public import Base
internal import Isolation
public import Media

/// Decodes the picture of one file in a process of its own; what it gives is what ``MediaReader`` gives.
///
/// One thread at a time; another one gives it up by what ``MediaPool`` handed out as it began. The process goes back to its pool with ``close()``, or when the reader and
/// the last of its frames are let go. A process that crashes, hangs or asks for too much memory is a fault here, and in every
/// later call, and nothing else.
public final class RemoteReader {
  public let info: MediaInfo
  private var progress = Progress()
  private let session: Session
  private var hasEnded = false
  private var hasIndex = false
  private var lastIndex = -1

  init(_ info: MediaInfo, _ session: Session) { (self.info, self.session) = (info, session) }

  /// Frames that were decoded so far, also those that are not looked at.
  public var framesDecoded: Int { progress.framesDecoded }
  /// What could not be decoded so far.
  public var corrupt: CorruptFrames { progress.corrupt }
  /// Seconds of the first frame and of the last one that was gone through, looked at or not.
  public var covered: (first: Double, last: Double)? { progress.covered }

  /// The next frame that is looked at, or `nil` at the end.
  public func next() throws(Fault) -> RemoteFrame? {
    guard !hasEnded else { return nil }
    let number = session.newFrame()
    let answer = try session.call(.next(number))
    switch answer {
    case .frame(let facts, let progress) where facts.index > lastIndex:
      (self.progress, lastIndex) = (progress, facts.index)
      return RemoteFrame(facts, number, session)
    case .ended(let progress):
      (self.progress, hasEnded) = (progress, true)
      return nil
    default: throw session.refuse(answer)
    }
  }

  /// The frame with a number, in any order of asking, as ``FrameAccess`` gives it; `nil` behind the last.
  ///
  /// `index` is what an analysis kept of the film's frames: without it, and where it does not fit, all packets of the film are read first.
  public func frame(at number: Int, index: [UInt8]? = nil) throws(Fault) -> RemoteFrame? {
    if let index, !hasIndex {
      let file = try MemoryFile(SharedBytes(index))
      defer { withExtendedLifetime(file) {} }
      let answer = try session.call(.index, descriptor: file.descriptor)
      guard case .rendered = answer else { throw session.refuse(answer) }
      hasIndex = true
    }
    let name = session.newFrame()
    let answer = try session.call(.seek(name, frame: number))
    switch answer {
    case .frame(let facts, _) where facts.index == number: return RemoteFrame(facts, name, session)
    case .ended: return nil
    default: throw session.refuse(answer)
    }
  }

  /// Memory that the process can render into.
  public func makeBuffer(byteCount: Int) throws(Fault) -> SharedBuffer {
    try SharedBuffer(session.memory, byteCount: byteCount)
  }

  /// Gives the process back; frames that are still held cannot be rendered any more, buffers stay as they are.
  public func close() { session.close() }

  /// What the sandbox let through, of what it should not: for tests.
  package func openDoors() throws(Fault) -> [String] {
    let answer = try session.call(.probe)
    guard case .openDoors(let doors) = answer else { throw session.refuse(answer) }
    return doors
  }

  /// For benches and tests.
  public var processID: Int32 { session.processID }
}
