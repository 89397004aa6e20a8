public import Base
internal import Isolation
public import Media

/// Gives the sound of one file, decoded in a process of its own: the very blocks of ``SoundReader``.
///
/// One thread at a time. The process goes back to its pool with ``close()``, at the end, or when the reader is let go; one that crashes, hangs or asks for
/// too much memory is a fault here, and nothing else.
public final class RemoteSoundReader {
  public let info: SoundInfo
  public private(set) var tally = SoundTally()
  private let session: Session
  private let buffer: SharedBuffer
  private var end: Int
  private var hasEnded = false

  init(_ info: SoundInfo, _ session: Session) throws(Fault) {
    (self.info, self.session, end) = (info, session, info.first)
    buffer = try SharedBuffer(session.memory, byteCount: SoundBlock.byteCount)
  }

  deinit { session.close() }

  /// The next block, right behind the one before; `nil` at the end.
  public func next() throws(Fault) -> SoundBlock? {
    guard !hasEnded else { return nil }
    let place = buffer.part.lowerBound..<buffer.part.lowerBound + buffer.byteCount
    let answer = try session.call(.listen(place))
    guard case .heard(let start, let count, let tally) = answer, count == 0 || start == end else {
      throw session.refuse(answer)
    }
    self.tally = tally
    guard count > 0 else {
      hasEnded = true
      session.close()
      return nil
    }
    let samples = unsafe [Float](buffer.bytes.pointer.bindMemory(to: Float.self).prefix(count))
    guard samples.allSatisfy({ abs($0) <= SoundReader.most }) else { throw session.refuse(answer) }
    end += count
    return SoundBlock(start: start, samples: samples)
  }

  /// Gives the process back.
  public func close() {
    hasEnded = true
    session.close()
  }

  /// For benches and tests.
  public var processID: Int32 { session.processID }
}
