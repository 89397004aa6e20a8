public import Base
public import Media
public import MediaProcess
internal import Predictions
internal import Vision

/// Asks a network of embeddings about single pictures, which a media process decodes; one thread at a time.
public final class PictureEmbedder {
  /// A picture and what the network made of it.
  public struct Seen {
    /// Its pixels are there for as long as this lives.
    public let frame: SourceFrame
    public let embedding: [Float]
    /// It has parts that are transparent, of which the colour behind is seen that the file happens to hold.
    public let hasAlpha: Bool
    /// Not the first frame of a film.
    public let isPicture: Bool
  }

  private let model: LoadedPipeline
  private let pool: MediaPool
  private let seconds: Double

  /// A picture may take so many `seconds` to be decoded.
  ///
  /// - Throws: `unsupported` where the model gives no embeddings.
  public init(_ model: LoadedModel, _ pool: MediaPool, seconds: Double = 60) throws(Fault) {
    guard model.recipe.task == .embedding else {
      throw Fault(
        .unsupported,
        "\(model.name) is a network for \(model.recipe.task.rawValue), and a catalogue needs embeddings: a network of task embedding, or of several outputs with --task embedding --decoder vector --scores NAME"
      )
    }
    self.model = LoadedPipeline(model, sampling: .all)
    (self.pool, self.seconds) = (pool, seconds)
  }

  /// By the format's name in FFmpeg: `rgba`, `yuva420p`, `ya8`, `gbrap`.
  private static func hasAlpha(_ format: String) -> Bool {
    ["rgba", "bgra", "argb", "abgr", "yuva", "gbrap", "ya8", "ya16"].contains { format.hasPrefix($0) }
  }

  /// The picture in a file; of a film, its first frame.
  public func look(at file: MediaFile) throws(Fault) -> Seen {
    let reader = try pool.open(file, sampling: .all, deadline: Clock.now + UInt64(seconds * 1e9))
    guard let first = try reader.next() else { throw Fault(.badInput, "it has no picture that can be decoded") }
    var options = FrameInference.Options()
    options.framesInFlight = 1
    options.share = { (byteCount) throws(Fault) in try reader.makeBuffer(byteCount: byteCount) }
    let inference = FrameInference(model, options: options)
    do throws(InferenceFailure) {
      try inference.add(.remote(first))
      inference.end()
      while !inference.isDone {
        if let answered = try inference.next() {
          return Seen(
            frame: answered.frame, embedding: answered.predictions.first?.vector ?? [],
            hasAlpha: Self.hasAlpha(reader.info.pixelFormat), isPicture: reader.info.isPicture)
        }
        inference.wait()
      }
    } catch { throw error.fault }
    throw Fault(.bug, "a network gave no answer about a picture")
  }
}
