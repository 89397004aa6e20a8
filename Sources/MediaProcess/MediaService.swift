public import Base
internal import Isolation
internal import Media

/// What runs in the child: `ridley media-process`.
public enum MediaService {
  /// Serves the process that started this one until that one lets it go.
  ///
  /// - Throws: `usage` where no process of this program started it.
  public static func run() throws(Fault) {
    let (channel, shared) = try begin()
    let worker = BackgroundWorker(upTo: levelTime)
    try channel.send(Answer.ready(Sandbox.enter()).message)
    worker.run({
      if case .message(let message, let file) = channel.receive() { (message, file) } else { nil }
    }) { (message, file) in
      serve(message, file, on: channel, DecodingService(shared, beforeFilm: worker.stepBack))
    }
  }

  /// Does what every such process does first; the doors are still open afterwards.
  static func begin() throws(Fault) -> (channel: MessageChannel, memory: SharedMemory) {
    guard let channel = ChildSide.channel() else {
      throw Fault(
        .usage, "this command is for ridley itself, which decodes pictures and videos in processes of its own")
    }
    guard case .message(let message, let descriptor?) = channel.receive(),
      case .setUp(let parent, let memory, let sharedByteCount) = try Request.read(message).request
    else { throw FieldReader.nonsense }
    ChildSide.limit(parent: Int32(truncatingIfNeeded: parent), memory: memory)
    let shared = try SharedMemory(owning: descriptor, byteCount: sharedByteCount)
    MediaLibraries.prepare()
    return (channel, shared)
  }

  /// Nanoseconds of a processor for which a file stands level with the models; what takes longer steps back.
  ///
  /// A photograph of 4 million pixels is decoded in that time.
  private static let levelTime: UInt64 = 20_000_000

  /// One file, from the first message to the one that lets it go.
  private static func serve(_ message: Message, _ file: Int32?, on channel: MessageChannel, _ service: DecodingService)
  {
    var (message, file) = (message, file)
    while let answer = service.answer(message, file: file) {
      do throws(Fault) { try channel.send(answer.message) } catch { return }
      guard case .message(let next, let nextFile) = channel.receive() else { return }
      (message, file) = (next, nextFile)
    }
  }
}
