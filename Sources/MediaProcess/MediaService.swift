public import Base
internal import Isolation
internal import Media

/// What runs in the child: `ridley media-process`.
public enum MediaService {
  /// Serves the process that started this one until that one lets it go.
  ///
  /// - Throws: `usage` where no process of this program started it.
  public static func run() throws(Fault) {
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
    try channel.send(Answer.ready(Sandbox.enter()).message)
    let service = DecodingService(shared)
    while case .message(let message, let file) = channel.receive() {
      guard let answer = service.answer(message, file: file) else { continue }
      try channel.send(answer.message)
    }
  }
}
