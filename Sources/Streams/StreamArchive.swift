public import Catalog
public import MediaProcess

/// Where streams are recorded; nothing here waits for a disk.
public protocol StreamArchive: Sendable {
  /// Records a stream from now on as is said, or in another way than before.
  func begin(_ stream: String, client: String, clips: ClipPolicy?, record: RecordPolicy?)
  /// A piece of the film that people are shown of a stream; on a thread that hands it to those that look on, too.
  func take(_ piece: ViewPiece, of stream: String, client: String)
  /// The source of a stream is gone, and may return.
  func interrupt(_ stream: String, client: String)
  /// A stream ends, or is removed.
  func end(_ stream: String, client: String)
  /// Whether clips are kept of what a stream's rules see.
  func keepsClips(of stream: String, client: String) -> Bool
  /// What is known of an event by now; on the thread of its stream.
  func take(_ event: StreamEvent)
  /// Paths of files of all that comes of a stream that are not kept yet, in their order.
  func unfinished(of stream: String, client: String) -> [String]
  /// Clips that came to nothing since this was asked last.
  func takeDiscarded() -> [DiscardedClip]
  /// Something else needs so many free bytes of the disk: the oldest recordings go for them, where that suffices; ask again while it is so.
  func makeRoom(_ byteCount: Int)
  /// `nil` where the stream is not recorded.
  func figures(of stream: String, client: String) -> RecordingFigures?
}
