public import Base
public import Inference
internal import Insights
internal import Loading
internal import Media
public import ModelHub

/// The network that a pipeline hears speech with, ready to be loaded.
public struct SpeechSource: Sendable {
  public let name: String
  /// `sha256:…` of its manifest and files.
  public let digest: String
  private let network: String
  private let engine: Engine

  public init(_ model: Model, on engine: Engine) {
    (name, digest, network, self.engine) = (model.name, model.digest, model.networkPath, engine)
  }

  /// What was heard in a film.
  public struct Heard: Sendable {
    /// Spans in which somebody speaks, in seconds of the film's own time and in order; `nil` where the sound could not be listened to.
    public let spans: [ClosedRange<Double>]?
    /// Why not; a sentence.
    public let note: String?
  }

  /// Listens to a film; in one without sound nobody speaks, and sound that cannot be decoded takes nothing from its pictures.
  ///
  /// The sound is read from the front, in this process: call it where a foreign film may be opened. `beat` is called about once a second of sound.
  public func listen(to film: String, beat: () -> Void) throws(Fault) -> Heard {
    do throws(Fault) {
      guard let reader = try SoundReader.open(film) else { return Heard(spans: [], note: nil) }
      return Heard(spans: try spans(reader, beat), note: nil)
    } catch {
      guard [.badInput, .unsupported].contains(error.kind) else { throw error }
      return Heard(spans: nil, note: "nobody listened to the film: \(error.message)")
    }
  }

  private func spans(_ reader: SoundReader, _ beat: () -> Void) throws(Fault) -> [ClosedRange<Double>] {
    let activity = try SpeechActivity(network: network, cache: nil, on: engine)
    var (segments, end) = (SpeechSegments(first: reader.info.first), reader.info.first)
    while let block = try reader.next() {
      for probability in try activity.listen(block.samples) { segments.add(probability) }
      end = block.end
      beat()
    }
    if let last = try activity.finish() { segments.add(last) }
    return segments.finish(end: end).spans.map { $0.start...max($0.start, $0.end) }
  }
}
